import type { Result } from "../../base/result.ts";

export type FsError =
  | "ENOENT"
  | "EACCES"
  | "EISDIR"
  | "ENOTDIR"
  | "EEXIST"
  | "EROFS"
  | "EINVAL"
  | "ENOTEMPTY"
  | "EPERM"
  | "ENXIO"
  | "EBUSY"
  | "ERANGE";

/** What a path leads to. */
export interface FileStat {
  readonly kind: "file" | "directory" | "device";
  readonly size: number;
  /** Permission bits; absent: 0644, or 0755 of a directory. */
  readonly mode?: number;
}

/** The files of one host. Paths are absolute and normalised (`resolvePath`). */
export interface FileSystem {
  read(path: string): Result<Uint8Array, FsError>;
  write(path: string, bytes: Uint8Array, mode: "truncate" | "append"): Result<void, FsError>;
  stat(path: string): FileStat | undefined;
  list(path: string): Result<readonly string[], FsError>;
  mkdir(path: string): Result<void, FsError>;
  remove(path: string): Result<void, FsError>;
  /** chmod(2), where the file system keeps permission bits. */
  chmod?(path: string, mode: number): Result<void, FsError>;
}

/** Joins `path` to `cwd` and takes out `.` and `..`. */
export function resolvePath(cwd: string, path: string): string {
  const out: string[] = [];
  for (const part of (path.startsWith("/") ? path : `${cwd}/${path}`).split("/")) {
    if (part === "" || part === ".") continue;
    if (part === "..") out.pop();
    else out.push(part);
  }
  return "/" + out.join("/");
}

/** The directory that holds `path`. */
export function parentPath(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf("/")));
}

export function isExecutable(stat: FileStat): boolean {
  return stat.kind === "file" && ((stat.mode ?? 0o644) & 0o111) !== 0;
}
