import { concat } from "../../base/bytes.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { utf8Encode } from "../../base/utf8.ts";
import { type FileStat, type FileSystem, type FsError, parentPath } from "./fs.ts";

/** Files that lie below the ones in memory and are never written: the real files beside a script. */
export interface LowerFiles {
  read(path: string): Uint8Array | undefined;
  /** The names in a directory, or undefined when there is no such directory. */
  list?(path: string): readonly string[] | undefined;
}

interface FileNode {
  chunks: Uint8Array[];
  size: number;
  mode: number;
}

const FILE_MODE = 0o644;
const DIRECTORY_MODE = 0o755;

/** What a fresh Debian has and programs expect to be able to write into. */
const DIRECTORIES = [
  "/bin",
  "/etc",
  "/home",
  "/lib",
  "/mnt",
  "/opt",
  "/root",
  "/run",
  "/run/netns",
  "/sbin",
  "/srv",
  "/tmp",
  "/usr",
  "/usr/bin",
  "/usr/sbin",
  "/var",
  "/var/lib",
  "/var/log",
  "/var/run",
  "/var/tmp",
];

/** A host's files in memory, over an optional read-only layer. Directories of the lower layer need not be made before a write. */
export class MemFs implements FileSystem {
  private readonly files = new Map<string, FileNode>();
  private readonly directories = new Map<string, Set<string>>([["/", new Set()]]);
  private readonly modes = new Map<string, number>();
  /** Paths of the lower layer that were removed here. */
  private readonly removed = new Set<string>();
  private readonly lower: LowerFiles;

  constructor(options: { lower?: LowerFiles; files?: Readonly<Record<string, string>> } = {}) {
    this.lower = options.lower ?? { read: () => undefined };
    for (const path of DIRECTORIES) this.makeDirectory(path);
    for (const [path, text] of Object.entries(options.files ?? {})) this.put(path, text);
  }

  /** Writes a file and whatever directories it needs: for the composition root. */
  put(path: string, content: string | Uint8Array, mode = FILE_MODE): void {
    this.makeDirectory(parentPath(path));
    const bytes = typeof content === "string" ? utf8Encode(content) : content;
    this.store(path, { chunks: [bytes], size: bytes.length, mode });
  }

  read(path: string): Result<Uint8Array, FsError> {
    const file = this.files.get(path);
    if (file !== undefined) {
      if (file.chunks.length !== 1) file.chunks = [concat(file.chunks)];
      return ok(file.chunks[0]!);
    }
    if (this.isDirectory(path)) return err("EISDIR");
    const below = this.readLower(path);
    return below === undefined ? err(this.missing(path)) : ok(below);
  }

  write(path: string, bytes: Uint8Array, mode: "truncate" | "append"): Result<void, FsError> {
    if (this.isDirectory(path)) return err("EISDIR");
    if (!this.isDirectory(parentPath(path))) return err(this.missing(path));
    let file = this.files.get(path);
    if (file === undefined) {
      const below = mode === "append" ? this.readLower(path) : undefined;
      file = {
        chunks: below === undefined ? [] : [below],
        size: below?.length ?? 0,
        mode: FILE_MODE,
      };
      this.store(path, file);
    }
    if (mode === "truncate") {
      file.chunks = [];
      file.size = 0;
    }
    if (bytes.length > 0) {
      file.chunks.push(bytes.slice());
      file.size += bytes.length;
    }
    return ok();
  }

  stat(path: string): FileStat | undefined {
    const file = this.files.get(path);
    if (file !== undefined) return { kind: "file", size: file.size, mode: file.mode };
    if (this.isDirectory(path))
      return { kind: "directory", size: 4096, mode: this.modes.get(path) ?? DIRECTORY_MODE };
    const below = this.readLower(path);
    return below === undefined
      ? undefined
      : { kind: "file", size: below.length, mode: this.modes.get(path) ?? FILE_MODE };
  }

  list(path: string): Result<readonly string[], FsError> {
    if (!this.isDirectory(path)) return err(this.stat(path) === undefined ? this.missing(path) : "ENOTDIR");
    const prefix = path === "/" ? "/" : `${path}/`;
    const names = new Set(this.directories.get(path) ?? []);
    for (const name of this.lower.list?.(path) ?? []) if (!this.removed.has(prefix + name)) names.add(name);
    return ok([...names].sort());
  }

  mkdir(path: string): Result<void, FsError> {
    if (this.stat(path) !== undefined) return err("EEXIST");
    if (!this.isDirectory(parentPath(path))) return err(this.missing(path));
    this.makeDirectory(path);
    return ok();
  }

  remove(path: string): Result<void, FsError> {
    if (path === "/") return err("EBUSY");
    if (this.isDirectory(path)) {
      const names = this.list(path);
      if (!names.ok || names.value.length > 0) return err("ENOTEMPTY");
      this.directories.delete(path);
    } else if (!this.files.delete(path) && this.readLower(path) === undefined) return err(this.missing(path));
    this.removed.add(path);
    this.directories.get(parentPath(path))?.delete(path.slice(path.lastIndexOf("/") + 1));
    return ok();
  }

  chmod(path: string, mode: number): Result<void, FsError> {
    const file = this.files.get(path);
    if (file !== undefined) file.mode = mode;
    else if (this.stat(path) === undefined) return err(this.missing(path));
    else this.modes.set(path, mode);
    return ok();
  }

  private readLower(path: string): Uint8Array | undefined {
    return this.removed.has(path) ? undefined : this.lower.read(path);
  }

  private isDirectory(path: string): boolean {
    if (this.directories.has(path)) return true;
    return !this.removed.has(path) && !this.files.has(path) && this.lower.list?.(path) !== undefined;
  }

  /** ENOTDIR when a file stands where a directory is needed. */
  private missing(path: string): FsError {
    for (let up = parentPath(path); up !== "/"; up = parentPath(up)) {
      if (this.isDirectory(up)) return "ENOENT";
      if (this.files.has(up) || this.readLower(up) !== undefined) return "ENOTDIR";
    }
    return "ENOENT";
  }

  private store(path: string, node: FileNode): void {
    this.files.set(path, node);
    this.enter(path);
  }

  private makeDirectory(path: string): void {
    if (this.directories.has(path)) return;
    this.makeDirectory(parentPath(path));
    this.directories.set(path, new Set());
    this.enter(path);
  }

  private enter(path: string): void {
    this.removed.delete(path);
    const parent = parentPath(path);
    if (!this.directories.has(parent)) this.makeDirectory(parent);
    this.directories.get(parent)!.add(path.slice(path.lastIndexOf("/") + 1));
  }
}
