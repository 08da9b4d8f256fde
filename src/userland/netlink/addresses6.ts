import { type Ipv6, IPV6_ANY, type Ipv6Prefix, parseIpv6 } from "../../wire/address6.ts";
import { fail } from "../args/exit.ts";
import { parseUnsigned } from "../args/words.ts";

/** IPv6 addresses as iproute2 reads them. Models: lib/utils.c get_addr_1, get_prefix_1 for AF_INET6. */

/** Only an IPv6 address or prefix looks like this; an Ethernet address does not. */
export function looksLikeIpv6(word: string): boolean {
  return /^[0-9a-f:.]*:[0-9a-f:.]*(\/\d+)?$/i.test(word) && !/^([0-9a-f]{1,2}:){5}[0-9a-f]{1,2}$/i.test(word);
}

/** get_addr(): an address, "default" and its like meaning `::`. */
export function parseAddress6(word: string): Ipv6 {
  if (["default", "all", "any"].includes(word)) return IPV6_ANY;
  return parseIpv6(word) ?? fail(1, `Error: inet6 address is expected rather than "${word}".\n`);
}

/** A prefix, and whether its length was written. */
export interface WrittenPrefix6 extends Ipv6Prefix {
  readonly explicit: boolean;
}

/** get_prefix(): ADDRESS[/LENGTH], "default" meaning ::/0. */
export function parseWrittenPrefix6(word: string): WrittenPrefix6 {
  if (["default", "any", "all"].includes(word)) return { address: IPV6_ANY, length: 0, explicit: true };
  const slash = word.indexOf("/");
  const address = parseIpv6(slash < 0 ? word : word.slice(0, slash));
  const length = slash < 0 ? 128 : parseUnsigned(word.slice(slash + 1), 128);
  if (address === undefined || length === undefined)
    return fail(1, `Error: inet6 prefix is expected rather than "${word}".\n`);
  return { address, length, explicit: slash >= 0 };
}
