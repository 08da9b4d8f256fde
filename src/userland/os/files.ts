import { err, ok, type Result } from "../../base/result.ts";
import { utf8Decode, utf8Encode } from "../../base/utf8.ts";
import { concat } from "../../base/bytes.ts";
import { programAt } from "./exec.ts";
import { type FileStat, type FileSystem, type FsError, parentPath, resolvePath } from "./fs.ts";
import { NULL_FILE, type OpenFile, ReadError, sourceFile, WriteError } from "./io.ts";
import type { Process } from "./process.ts";
import { virtualNode, type VirtualNode } from "./procfs.ts";

export { ReadError, WriteError } from "./io.ts";

/** How a file is opened: `readwrite` makes it when it is not there and keeps what it holds, as `<>` does. */
export type OpenMode = "read" | "write" | "append" | "readwrite";

const CHARACTER_DEVICE: FileStat = { kind: "device", size: 0, mode: 0o666 };
const DEVICES = [
  "/dev/fd",
  "/dev/full",
  "/dev/null",
  "/dev/stderr",
  "/dev/stdin",
  "/dev/stdout",
  "/dev/tty",
  "/dev/zero",
];
const PROGRAM_FILE: FileStat = { kind: "file", size: 65536, mode: 0o755 };
const STANDARD: Readonly<Record<string, number>> = { "/dev/stdin": 0, "/dev/stdout": 1, "/dev/stderr": 2 };

/**
 * open(2) as `process` sees the world: its own descriptors below /dev, its network namespace below /proc and /sys, the
 * host's files elsewhere. `path` is relative to the process' directory. The caller owns one reference to what is opened.
 */
export function openFile(process: Process, path: string, mode: OpenMode): Result<OpenFile, FsError> {
  if (path === "") return err("ENOENT");
  const full = resolvePath(process.cwd, path);
  const device = openDevice(process, full);
  if (device !== undefined) return device;
  const virtual = virtualNode(process, full);
  if (virtual !== undefined) return virtual === null ? err("ENOENT") : openVirtual(virtual, mode);
  const fs = process.host.fs;
  const stat = fs.stat(full);
  if (stat?.kind === "directory") return mode === "read" ? ok(DIRECTORY_FILE) : err("EISDIR");
  if (stat !== undefined && path.endsWith("/")) return err("ENOTDIR");
  if (mode === "read") {
    const bytes = fs.read(full);
    if (!bytes.ok) return bytes;
    return ok(new RegularFile(fs, full, false));
  }
  if (mode === "write" || stat === undefined) {
    const made = fs.write(full, new Uint8Array(0), mode === "write" ? "truncate" : "append");
    if (!made.ok) return made;
  }
  return ok(new RegularFile(fs, full, mode === "append"));
}

/** What a path leads to, as openFile sees it. */
export function statFile(process: Process, path: string): FileStat | undefined {
  if (path === "") return undefined;
  const full = resolvePath(process.cwd, path);
  if (full === "/dev") return { kind: "directory", size: 0 };
  const descriptor = descriptorOf(process, full);
  if (descriptor !== undefined)
    return descriptor.of.files.has(descriptor.number) ? CHARACTER_DEVICE : undefined;
  if (DEVICES.includes(full)) return full === "/dev/fd" ? { kind: "directory", size: 0 } : CHARACTER_DEVICE;
  const virtual = virtualNode(process, full);
  if (virtual !== undefined)
    return virtual === null
      ? undefined
      : { kind: virtual.kind, size: 0, mode: virtual.kind === "directory" ? 0o555 : 0o644 };
  const stat = process.host.fs.stat(full) ?? (programAt(process.host, full) && PROGRAM_FILE);
  return path.endsWith("/") && stat?.kind !== "directory" ? undefined : stat;
}

/** The names in a directory, sorted, without `.` and `..`. */
export function listDirectory(process: Process, path: string): Result<readonly string[], FsError> {
  const full = resolvePath(process.cwd, path);
  if (full === "/dev") return ok(DEVICES.map((device) => device.slice(5)));
  const virtual = virtualNode(process, full);
  if (virtual === null) return err("ENOENT");
  if (virtual !== undefined)
    return virtual.kind === "directory" ? ok([...virtual.names].sort()) : err("ENOTDIR");
  const names = process.host.fs.list(full);
  if (!names.ok || full !== "/") return names;
  return ok([...new Set([...names.value, "dev", "proc", "sys"])].sort());
}

/** All of a file at once. */
export function readFile(process: Process, path: string): Result<Uint8Array, FsError> {
  const full = resolvePath(process.cwd, path);
  const virtual = virtualNode(process, full);
  if (virtual === undefined) return process.host.fs.read(full);
  if (virtual === null) return err("ENOENT");
  if (virtual.kind === "directory") return err("EISDIR");
  const text = virtual.read();
  return text.ok ? ok(utf8Encode(text.value)) : text;
}

/** An open file of this process, or by /proc/PID/fd of another one on the host. */
function descriptorOf(
  process: Process,
  path: string,
): { readonly of: Process; readonly number: number } | undefined {
  const standard = STANDARD[path];
  if (standard !== undefined) return { of: process, number: standard };
  const [, own, other, number] = /^\/(?:(dev|proc\/self)|proc\/(\d+))\/fd\/(\d+)$/.exec(path) ?? [];
  const of = own === undefined ? process.host.processes.get(Number(other)) : process;
  return of === undefined || number === undefined ? undefined : { of, number: Number(number) };
}

function openDevice(process: Process, path: string): Result<OpenFile, FsError> | undefined {
  const descriptor = descriptorOf(process, path);
  if (descriptor !== undefined) {
    const file = descriptor.of.files.get(descriptor.number);
    return file === undefined ? err("ENOENT") : ok(file.retain());
  }
  switch (path) {
    case "/dev/null":
      return ok(NULL_FILE);
    case "/dev/zero":
      return ok(ZERO_FILE);
    case "/dev/tty":
      return process.tty === undefined ? err("ENXIO") : ok(process.tty.file);
    case "/dev/full":
      return err("ENXIO");
    default:
      return undefined;
  }
}

function openVirtual(node: VirtualNode, mode: OpenMode): Result<OpenFile, FsError> {
  if (node.kind === "directory") return mode === "read" ? ok(DIRECTORY_FILE) : err("EISDIR");
  if (mode === "read") {
    const text = node.read();
    return text.ok ? ok(sourceFile(utf8Encode(text.value))) : text;
  }
  if (node.write === undefined) return err("EACCES");
  const write = node.write.bind(node);
  return ok({
    isTerminal: false,
    *read() {
      return null;
    },
    *write(bytes) {
      const done = write(utf8Decode(bytes));
      if (!done.ok) throw new WriteError(done.error);
    },
    retain() {
      return this;
    },
    close() {},
  });
}

const ZEROS = new Uint8Array(4096);

const ZERO_FILE: OpenFile = {
  ...NULL_FILE,
  *read(max = ZEROS.length) {
    return ZEROS.subarray(0, Math.min(max, ZEROS.length));
  },
};

const DIRECTORY_FILE: OpenFile = {
  ...NULL_FILE,
  *read() {
    throw new ReadError("EISDIR");
  },
};

/** An open file of the host: one offset that everyone shares who inherits it. */
class RegularFile implements OpenFile {
  readonly isTerminal = false;
  private readonly fs: FileSystem;
  private readonly path: string;
  private readonly append: boolean;
  private offset = 0;

  constructor(fs: FileSystem, path: string, append: boolean) {
    this.fs = fs;
    this.path = path;
    this.append = append;
  }

  *read(max = 65536): ReturnType<OpenFile["read"]> {
    const bytes = this.fs.read(this.path);
    if (!bytes.ok || this.offset >= bytes.value.length) return null;
    const part = bytes.value.subarray(this.offset, this.offset + max);
    this.offset += part.length;
    return part;
  }

  *write(bytes: Uint8Array): ReturnType<OpenFile["write"]> {
    const size = this.fs.stat(this.path)?.size;
    if (size === undefined || this.fs.stat(parentPath(this.path)) === undefined) return;
    if (this.append || this.offset === size) {
      const done = this.fs.write(this.path, bytes, "append");
      if (!done.ok) throw new WriteError(done.error);
      this.offset = size + bytes.length;
      return;
    }
    const old = this.fs.read(this.path);
    if (!old.ok) throw new WriteError(old.error);
    const gap = new Uint8Array(Math.max(0, this.offset - size));
    const after = old.value.subarray(this.offset + bytes.length);
    this.fs.write(this.path, concat([old.value.subarray(0, this.offset), gap, bytes, after]), "truncate");
    this.offset += bytes.length;
  }

  retain(): this {
    return this;
  }

  close(): void {}
}
