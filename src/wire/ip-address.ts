import { formatIpv4, IPV4_ANY, type Ipv4 } from "./address.ts";
import { formatIpv6, IPV6_ANY, type Ipv6, sameIpv6 } from "./address6.ts";

/** An address of either family: what transport protocols hand on without looking inside. */
export type IpAddress = Ipv4 | Ipv6;

export function isIpv4(a: IpAddress): a is Ipv4 {
  return typeof a === "number";
}

export function sameAddress(a: IpAddress, b: IpAddress): boolean {
  if (isIpv4(a) || isIpv4(b)) return a === b;
  return sameIpv6(a, b);
}

/** 0.0.0.0 or ::. */
export function isAnyAddress(a: IpAddress): boolean {
  return isIpv4(a) ? a === IPV4_ANY : sameIpv6(a, IPV6_ANY);
}

export function formatAddress(a: IpAddress): string {
  return isIpv4(a) ? formatIpv4(a) : formatIpv6(a);
}
