import { err, type Result } from "../../base/result.ts";
import type { FileStat, FileSystem, FsError } from "../../userland/os/fs.ts";

/** A bind mount: what lies at `source` of another file system appears at `path`. */
export interface BindMount {
  readonly path: string;
  readonly fs: FileSystem;
  readonly source: string;
  readonly readOnly: boolean;
}

/** A container's view of its files: the image's own below, bind mounts on top. */
export class MountedFs implements FileSystem {
  private readonly root: FileSystem;
  private readonly mounts: readonly BindMount[];

  constructor(root: FileSystem, mounts: readonly BindMount[]) {
    this.root = root;
    this.mounts = mounts.toSorted((a, b) => b.path.length - a.path.length);
  }

  read(path: string): Result<Uint8Array, FsError> {
    const at = this.route(path);
    return at.fs.read(at.path);
  }

  write(path: string, bytes: Uint8Array, mode: "truncate" | "append"): Result<void, FsError> {
    const at = this.route(path);
    return at.readOnly ? err("EROFS") : at.fs.write(at.path, bytes, mode);
  }

  stat(path: string): FileStat | undefined {
    const at = this.route(path);
    return at.fs.stat(at.path);
  }

  list(path: string): Result<readonly string[], FsError> {
    const at = this.route(path);
    return at.fs.list(at.path);
  }

  mkdir(path: string): Result<void, FsError> {
    const at = this.route(path);
    return at.readOnly ? err("EROFS") : at.fs.mkdir(at.path);
  }

  remove(path: string): Result<void, FsError> {
    const at = this.route(path);
    if (at.readOnly) return err("EROFS");
    return this.mounts.some((mount) => mount.path === path) ? err("EBUSY") : at.fs.remove(at.path);
  }

  chmod(path: string, mode: number): Result<void, FsError> {
    const at = this.route(path);
    if (at.readOnly) return err("EROFS");
    return at.fs.chmod?.(at.path, mode) ?? err("EPERM");
  }

  private route(path: string): { fs: FileSystem; path: string; readOnly: boolean } {
    for (const mount of this.mounts) {
      if (path === mount.path) return { fs: mount.fs, path: mount.source, readOnly: mount.readOnly };
      if (path.startsWith(`${mount.path}/`))
        return { fs: mount.fs, path: mount.source + path.slice(mount.path.length), readOnly: mount.readOnly };
    }
    return { fs: this.root, path, readOnly: false };
  }
}
