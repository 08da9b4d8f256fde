import type { LinkInfo } from "../../kernel/uapi/index.ts";

/** IFLA_LINK: the other end of a veth, or the device that this one stands on. */
export function bound(link: LinkInfo): LinkInfo["peer"] {
  return link.peer ?? link.lower ?? undefined;
}
