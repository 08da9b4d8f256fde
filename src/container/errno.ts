import type { Errno, KernelError } from "../kernel/uapi/index.ts";

/** strerror(3) as Go's syscall.Errno prints it: what netlink errors look like in the components' messages. */
const TEXT: Readonly<Record<Errno, string>> = {
  EACCES: "permission denied",
  EADDRINUSE: "address already in use",
  EADDRNOTAVAIL: "cannot assign requested address",
  EAFNOSUPPORT: "address family not supported by protocol",
  EAGAIN: "resource temporarily unavailable",
  EBUSY: "device or resource busy",
  ECONNREFUSED: "connection refused",
  ECONNABORTED: "software caused connection abort",
  ECONNRESET: "connection reset by peer",
  EDESTADDRREQ: "destination address required",
  EEXIST: "file exists",
  EHOSTDOWN: "host is down",
  EHOSTUNREACH: "no route to host",
  EINVAL: "invalid argument",
  EISCONN: "transport endpoint is already connected",
  ELOOP: "too many levels of symbolic links",
  EMLINK: "too many links",
  EMSGSIZE: "message too long",
  ENFILE: "too many open files in system",
  ENETDOWN: "network is down",
  ENETUNREACH: "network is unreachable",
  ENOBUFS: "no buffer space available",
  ENODEV: "no such device",
  ENOENT: "no such file or directory",
  ENOSPC: "no space left on device",
  ENOKEY: "required key not available",
  ENOPROTOOPT: "protocol not available",
  ENOTCONN: "transport endpoint is not connected",
  EOPNOTSUPP: "operation not supported",
  EPERM: "operation not permitted",
  EPIPE: "broken pipe",
  EPROTO: "protocol error",
  ERANGE: "numerical result out of range",
  ESRCH: "no such process",
  ETIMEDOUT: "connection timed out",
};

export function goErrno(error: KernelError): string {
  return TEXT[error.errno];
}
