import { err, ok, type Result } from "../base/result.ts";
import { utf8Decode, utf8Encode } from "../base/utf8.ts";
import { strerror } from "../userland/os/errno.ts";
import { BINARY } from "../userland/os/exec.ts";
import type { FileSystem, FsError } from "../userland/os/fs.ts";

/** How a Go program's *PathError words a failed file operation: glibc's words, in lower case. */
export function fsErrorText(error: FsError): string {
  const text = strerror(error);
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}

export function dirName(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash <= 0 ? "/" : path.slice(0, slash);
}

export function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

export function readText(fs: FileSystem, path: string): Result<string, FsError> {
  const bytes = fs.read(path);
  return bytes.ok ? ok(utf8Decode(bytes.value)) : bytes;
}

/** As Go's os.ReadFile: the error names the operation and the path. */
export function readTextOr(fs: FileSystem, path: string): Result<string, string> {
  const text = readText(fs, path);
  return text.ok ? text : err(`open ${path}: ${fsErrorText(text.error)}`);
}

/** mkdir -p. */
export function makeDirectories(fs: FileSystem, path: string): Result<void, FsError> {
  let at = "";
  for (const part of path.split("/")) {
    if (part === "") continue;
    at += "/" + part;
    if (fs.stat(at)?.kind === "directory") continue;
    const made = fs.mkdir(at);
    if (!made.ok) return made;
  }
  return ok();
}

/** Writes a whole file and the directories above it. */
export function writeText(fs: FileSystem, path: string, text: string, mode?: number): Result<void, FsError> {
  const made = makeDirectories(fs, dirName(path));
  if (!made.ok) return made;
  const written = fs.write(path, utf8Encode(text), "truncate");
  if (written.ok && mode !== undefined) fs.chmod?.(path, mode);
  return written;
}

/**
 * What an executable file of the simulated world holds: the name of the program that it is. A copy of the file runs the
 * same program, whatever it is called, as with a real binary.
 */
export function executable(program: string): string {
  return `${BINARY}${program}\n`;
}

/** Which program an executable file is, if it is one. */
export function programIn(fs: FileSystem, path: string): string | undefined {
  const text = readText(fs, path);
  if (!text.ok || !text.value.startsWith(BINARY)) return undefined;
  return text.value.slice(BINARY.length).trim();
}

/** Puts an executable file there. */
export function installExecutable(fs: FileSystem, path: string, program: string): void {
  writeText(fs, path, executable(program), 0o755);
}

/** rm -rf. */
export function removeTree(fs: FileSystem, path: string): void {
  if (fs.stat(path)?.kind === "directory") {
    const names = fs.list(path);
    for (const name of names.ok ? names.value : []) removeTree(fs, `${path}/${name}`);
  }
  fs.remove(path);
}
