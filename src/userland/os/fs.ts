import type { Result } from "../../base/result.ts";

export type FsError = "ENOENT" | "EACCES" | "EISDIR" | "ENOTDIR" | "EEXIST" | "EROFS" | "EINVAL" | "ENOTEMPTY";

/** What a path leads to. */
export interface FileStat {
  readonly kind: "file" | "directory" | "device";
  readonly size: number;
}

/** The files of one host. Paths are absolute and normalised (`resolvePath`). */
export interface FileSystem {
  read(path: string): Result<Uint8Array, FsError>;
  write(path: string, bytes: Uint8Array, mode: "truncate" | "append"): Result<void, FsError>;
  stat(path: string): FileStat | undefined;
  list(path: string): Result<readonly string[], FsError>;
  mkdir(path: string): Result<void, FsError>;
  remove(path: string): Result<void, FsError>;
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
