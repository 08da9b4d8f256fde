import type { Errno } from "../../kernel/uapi/index.ts";
import type { FsError } from "./fs.ts";

/** strerror(3), glibc's words, for every error that the kernel or a file system of this world answers. */
const TEXT: Readonly<Record<Errno | FsError, string>> = {
  EACCES: "Permission denied",
  EADDRINUSE: "Address already in use",
  EADDRNOTAVAIL: "Cannot assign requested address",
  EAFNOSUPPORT: "Address family not supported by protocol",
  EAGAIN: "Resource temporarily unavailable",
  EBUSY: "Device or resource busy",
  ECONNREFUSED: "Connection refused",
  ECONNABORTED: "Software caused connection abort",
  ECONNRESET: "Connection reset by peer",
  EDESTADDRREQ: "Destination address required",
  EEXIST: "File exists",
  EHOSTDOWN: "Host is down",
  EHOSTUNREACH: "No route to host",
  EINVAL: "Invalid argument",
  EISCONN: "Transport endpoint is already connected",
  EISDIR: "Is a directory",
  ELOOP: "Too many levels of symbolic links",
  EMLINK: "Too many links",
  EMSGSIZE: "Message too long",
  ENFILE: "Too many open files in system",
  ENETDOWN: "Network is down",
  ENETUNREACH: "Network is unreachable",
  ENOBUFS: "No buffer space available",
  ENODEV: "No such device",
  ENOKEY: "Required key not available",
  ENOENT: "No such file or directory",
  ENOSPC: "No space left on device",
  ENOPROTOOPT: "Protocol not available",
  ENOTCONN: "Transport endpoint is not connected",
  ENOTDIR: "Not a directory",
  ENOTEMPTY: "Directory not empty",
  ENXIO: "No such device or address",
  EOPNOTSUPP: "Operation not supported",
  EPERM: "Operation not permitted",
  EPIPE: "Broken pipe",
  EPROTO: "Protocol error",
  ERANGE: "Numerical result out of range",
  EROFS: "Read-only file system",
  ESRCH: "No such process",
  ETIMEDOUT: "Connection timed out",
};

export function strerror(errno: Errno | FsError): string {
  return TEXT[errno];
}
