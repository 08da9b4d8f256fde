import type { LinkInfo } from "../../kernel/uapi/index.ts";

/** IFF_RUNNING: the operational state is up, or nobody knows better. */
export function isRunning(link: LinkInfo): boolean {
  return link.up && (link.operState === "UP" || link.operState === "UNKNOWN");
}

function hasBroadcast(link: LinkInfo): boolean {
  return link.kind !== "loopback";
}

/**
 * The flags as iproute2 names and orders them. Models: ip/ipaddress.c print_link_flags. `lowerDown`: the device that
 * this one is bound to, in the same namespace, is down.
 */
export function linkFlags(link: LinkInfo, lowerDown: boolean): readonly string[] {
  const flags: (readonly [boolean, string])[] = [
    [link.up && !isRunning(link), "NO-CARRIER"],
    [link.kind === "loopback", "LOOPBACK"],
    [hasBroadcast(link), "BROADCAST"],
    [link.multicast ?? hasBroadcast(link), "MULTICAST"],
    [link.noArp && link.kind !== "loopback", "NOARP"],
    [link.promisc ?? false, "PROMISC"],
    [link.up, "UP"],
    [link.lowerUp && link.up, "LOWER_UP"],
    [lowerDown, "M-DOWN"],
  ];
  return flags.filter(([set]) => set).map(([, name]) => name);
}
