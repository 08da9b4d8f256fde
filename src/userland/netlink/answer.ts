import type { KernelError, KernelResult } from "../../kernel/uapi/index.ts";
import { strerror } from "../os/errno.ts";
import { fail } from "../args/exit.ts";

/** How iproute2 tells what the kernel answered: the extended acknowledgement, or the errno. */
export function answerText(error: KernelError): string {
  if (error.extack === undefined) return `RTNETLINK answers: ${strerror(error.errno)}\n`;
  return `Error: ${error.extack}${error.extack.endsWith(".") ? "" : "."}\n`;
}

/** The value of a netlink call, or the end of the program (2 for `ip`, 255 for `bridge`). */
export function done<T>(result: KernelResult<T>, status = 2): T {
  return result.ok ? result.value : fail(status, answerText(result.error));
}
