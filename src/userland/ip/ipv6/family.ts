import type { Words } from "../../args/words.ts";
import { looksLikeIpv6 } from "../../netlink/addresses6.ts";
import type { Ip } from "../context.ts";

/** Whether a command line is about IPv6: `-6`, or without a family the first address in it. */
export function isAboutIpv6(ip: Ip, words: Words): boolean {
  const { family } = ip.options;
  if (family !== undefined) return family === "inet6";
  const first = words.rest().find((word) => looksLikeIpv6(word) || /^\d+(\.\d+)+(\/\d+)?$/.test(word));
  return first !== undefined && looksLikeIpv6(first);
}
