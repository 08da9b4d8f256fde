import type { LinkInfo } from "../../kernel/uapi/index.ts";

/** IFF_RUNNING: the operational state is up, or nobody knows better. */
export function isRunning(link: LinkInfo): boolean {
  return link.up && (link.operState === "UP" || link.operState === "UNKNOWN");
}

/** IFF_BROADCAST: frames have an address for all. */
function hasBroadcast(link: LinkInfo): boolean {
  return link.linkType === "ether";
}

/** IFF_POINTOPOINT: a tunnel with a fixed other end. */
export function isPointToPoint(link: LinkInfo): boolean {
  return link.linkType === "none" || (link.linkType !== "ether" && (link.tunnel?.remote ?? 0) !== 0);
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
    [isPointToPoint(link), "POINTOPOINT"],
    [link.multicast ?? hasBroadcast(link), "MULTICAST"],
    [link.noArp && link.kind !== "loopback", "NOARP"],
    [link.allMulticastFlag ?? false, "ALLMULTI"],
    [link.promisc ?? false, "PROMISC"],
    [link.up, "UP"],
    [link.lowerUp && link.up, "LOWER_UP"],
    [lowerDown, "M-DOWN"],
  ];
  return flags.filter(([set]) => set).map(([, name]) => name);
}
