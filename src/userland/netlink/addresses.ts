import { parseMac, type Ipv4, type Ipv4Prefix, type Mac } from "../../wire/address.ts";
import { fail, refuse } from "../args/exit.ts";
import { parseUnsigned } from "../args/words.ts";

/** Addresses as iproute2 reads them. Models: lib/utils.c get_addr_1, get_prefix_1 and their complaints. */

/** The family that `-4` or `-6` asks for; undefined: whatever fits. */
export type Family = "inet" | "inet6" | undefined;

/** get_addr_ipv4(): one to four parts, missing ones are zero ("10.1" is 10.1.0.0). */
function parseLoose(word: string): Ipv4 | undefined {
  const parts = word.split(".");
  if (parts.length > 4) return undefined;
  let value = 0;
  for (let i = 0; i < 4; i++) {
    const part = i < parts.length ? parseUnsigned(parts[i]!, 255) : 0;
    if (part === undefined) return undefined;
    value = value * 256 + part;
  }
  return value as Ipv4;
}

function expected(family: Family, anyWord: string, what: string, word: string): never {
  fail(1, `Error: ${family ?? anyWord} ${what} is expected rather than "${word}".\n`);
}

function looksLikeIpv6(word: string): boolean {
  return /^[0-9a-f:.]*:[0-9a-f:.]*(\/\d+)?$/i.test(word) && !/^([0-9a-f]{1,2}:){5}[0-9a-f]{1,2}$/i.test(word);
}

/** get_addr(): an address, "default" and its like meaning 0.0.0.0. */
export function parseAddress(word: string, family?: Family): Ipv4 {
  if (family !== "inet" && looksLikeIpv6(word)) refuse("IPv6");
  if (["default", "all", "any"].includes(word)) return 0 as Ipv4;
  const address = family === "inet6" ? undefined : parseLoose(word);
  return address ?? expected(family, "any valid", "address", word);
}

function netmaskLength(word: string): number | undefined {
  const number = parseUnsigned(word, 32);
  if (number !== undefined) return number;
  const value = word.includes(".") ? parseLoose(word) : undefined;
  if (value === undefined) return undefined;
  const host = ~value >>> 0;
  return (host & (host + 1)) === 0 ? 32 - (host === 0 ? 0 : 32 - Math.clz32(host)) : undefined;
}

/** A prefix, and whether its length was written. */
export interface WrittenPrefix extends Ipv4Prefix {
  readonly explicit: boolean;
}

/** get_prefix(): ADDRESS[/LENGTH], "default" meaning 0.0.0.0/0. */
export function parseWrittenPrefix(word: string, family?: Family): WrittenPrefix {
  if (family !== "inet" && looksLikeIpv6(word)) refuse("IPv6");
  if (["default", "any", "all"].includes(word)) return { address: 0 as Ipv4, length: 0, explicit: true };
  const slash = word.indexOf("/");
  const address = family === "inet6" ? undefined : parseLoose(slash < 0 ? word : word.slice(0, slash));
  const length = slash < 0 ? 32 : netmaskLength(word.slice(slash + 1));
  if (address === undefined || length === undefined) return expected(family, "any valid", "prefix", word);
  return { address, length, explicit: slash >= 0 };
}

/** ll_addr_a2n() for Ethernet. */
export function parseLinkAddress(word: string): Mac {
  if (!/^[0-9a-f]{1,2}(:[0-9a-f]{1,2})*$/i.test(word)) fail(1, `"${word}" is invalid lladdr.\n`);
  const count = word.split(":").length;
  return parseMac(word) ?? fail(1, `Invalid address length ${count} - must be 6 bytes\n`);
}
