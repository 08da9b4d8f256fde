import { parseIpv6 } from "../../../wire/address6.ts";
import { LINKTYPE_ETHERNET } from "../print/packet.ts";
import { servicePort } from "../services.ts";
import { among, ANY_KIND, either, kindOf } from "./kinds.ts";
import {
  type Direction,
  ETH_ARP,
  ETH_IP,
  ETH_IP6,
  ETH_RARP,
  hasHostBits6,
  ipv4Match,
  ipv6Match,
  macMatch,
  type Matcher,
  portMatch,
  protocolMatch,
} from "./match.ts";
import { ETHER_TYPES, IP_PROTOCOLS } from "./names.ts";
import { complain, FilterFault, type HostTable, syntaxError } from "./parser.ts";
import type { Token } from "./tokens.ts";

/** The words before an identifier. */
export interface Qualifiers {
  readonly protocol?: string;
  readonly direction?: Direction;
  readonly type?: string;
}

const ADDRESS_TYPES: Readonly<Record<string, readonly number[]>> = {
  ip: [ETH_IP],
  arp: [ETH_ARP],
  rarp: [ETH_RARP],
};
const ALL_TYPES = [ETH_IP, ETH_ARP, ETH_RARP];
const PORT_PROTOCOLS = [6, 17, 132];
const ALL_ONES = 0xffffffff;

/** Meaning of single primitives. */
export class PrimitiveCompiler {
  private readonly linkType: number;
  private readonly hosts: HostTable;

  constructor(linkType: number, hosts: HostTable) {
    this.linkType = linkType;
    this.hosts = hosts;
  }

  /** A protocol's name alone. */
  protocol(name: string, tags: number): Matcher {
    if (name === "ether" || name === "link") return syntaxError();
    const type = ETHER_TYPES.get(name);
    if (type !== undefined) return { test: (view) => view.type(tags) === type, kinds: kindOf(type) };
    const number = IP_PROTOCOLS.get(name)!;
    if (name === "icmp" || name === "igmp") return this.ofIp(4, number, tags);
    if (name === "icmp6") return this.ofIp(6, number, tags);
    return this.ofIp("both", number, tags);
  }

  private ofIp(version: 4 | 6 | "both", number: number, tags: number): Matcher {
    const [four, six] = [kindOf(ETH_IP, number), kindOf(ETH_IP6, number)];
    const kinds = version === 4 ? four : among(version === 6 ? six : either(four, six));
    return { test: protocolMatch(tags, version, number), kinds };
  }

  protocolNumber(protocol: string | undefined, token: Token, tags: number): Matcher {
    const names = protocol === "ether" ? ETHER_TYPES : IP_PROTOCOLS;
    const number = token.kind === "number" ? token.value : names.get(token.text);
    switch (protocol) {
      case "ether":
      case "link": {
        if (number === undefined) return complain(`unknown ether proto '${token.text}'`);
        return { test: (view) => view.type(tags) === number, kinds: kindOf(number) };
      }
      case undefined:
      case "ip":
      case "ip6":
        if (number === undefined) return complain(`unknown ip proto '${token.text}'`);
        return this.ofIp(protocol === "ip" ? 4 : protocol === "ip6" ? 6 : "both", number & 255, tags);
      default:
        return complain(`'${protocol} proto' is bogus`);
    }
  }

  broadcast(protocol: string | undefined): Matcher {
    if (protocol !== undefined && protocol !== "ether" && protocol !== "link")
      throw new FilterFault({ kind: "refused", what: `the filter words ${protocol} broadcast` });
    return {
      test: (view) => view.read(2, 4) === ALL_ONES && view.read(0, 2) === 0xffff,
      kinds: ANY_KIND,
    };
  }

  multicast(protocol: string | undefined, tags: number): Matcher {
    if (protocol === undefined || protocol === "ether" || protocol === "link")
      return { test: (view) => (view.read(0, 1) & 1) !== 0, kinds: ANY_KIND };
    if (protocol === "ip")
      return {
        test: (view) => view.type(tags) === ETH_IP && view.read(view.network(tags) + 16, 1) >= 224,
        kinds: among(kindOf(ETH_IP)),
      };
    if (protocol === "ip6")
      return {
        test: (view) => view.type(tags) === ETH_IP6 && view.read(view.network(tags) + 24, 1) === 255,
        kinds: among(kindOf(ETH_IP6)),
      };
    return complain(
      "link-layer multicast filters supported only on ethernet/FDDI/token ring/ARCNET/802.11/ATM LANE/Fibre Channel",
    );
  }

  identified(
    qualifiers: Qualifiers,
    token: Token,
    prefix: number | undefined,
    mask: string | undefined,
    tags: number,
  ): Matcher {
    const type = qualifiers.type ?? "host";
    if (qualifiers.direction === undefined && qualifiers.type === undefined) return syntaxError();
    if (type === "port" || type === "portrange") {
      if (prefix !== undefined || mask !== undefined || token.kind === "ipv4") syntaxError();
      return this.ports(qualifiers, type, token, tags);
    }
    const { protocol } = qualifiers;
    if (protocol === "ether" || protocol === "link") return this.hardware(qualifiers, token);
    if (token.kind === "mac") return complain("ethernet address used in non-ether expression");
    if (protocol !== undefined && protocol !== "ip6" && ADDRESS_TYPES[protocol] === undefined)
      return complain(`'${protocol}' modifier applied to ${type}`);
    if (token.kind === "ipv6") return this.address6(qualifiers, token.text, type, prefix, tags);
    if (protocol === "ip6") return complain("'ip6' modifier applied to ip host");
    return this.address4(qualifiers, type, token, prefix, mask, tags);
  }

  private hardware({ direction = "either" }: Qualifiers, token: Token): Matcher {
    if (token.kind !== "mac")
      return token.kind === "word"
        ? complain(`unknown ether host '${token.text}'`)
        : complain("illegal link layer address");
    if (this.linkType !== LINKTYPE_ETHERNET)
      return complain(
        "ethernet addresses supported only on ethernet/FDDI/token ring/802.11/ATM LANE/Fibre Channel",
      );
    const mac = token.text.split(/[:.-]/).reduce((sum, byte) => sum * 256 + parseInt(byte, 16), 0);
    return { test: macMatch(direction, mac), kinds: ANY_KIND };
  }

  private address6(
    { direction = "either" }: Qualifiers,
    text: string,
    type: string,
    prefix: number | undefined,
    tags: number,
  ): Matcher {
    const address = parseIpv6(text);
    if (address === undefined) return complain(`invalid IPv6 address ${text}`);
    const length = prefix ?? 128;
    if (length > 128) return complain(`mask length must be <= 128`);
    if (hasHostBits6(address, length)) complain(`non-network bits set in "${text}/${length}"`);
    if (type === "host" && length !== 128) complain("no mask length supported in host");
    return { test: ipv6Match(tags, direction, address, length), kinds: among(kindOf(ETH_IP6)) };
  }

  private address4(
    { protocol, direction = "either" }: Qualifiers,
    type: string,
    token: Token,
    prefix: number | undefined,
    mask: string | undefined,
    tags: number,
  ): Matcher {
    const types = protocol === undefined ? ALL_TYPES : ADDRESS_TYPES[protocol]!;
    const kinds = among(types.map((each) => kindOf(each)).reduce(either));
    if (token.kind === "word") return this.named(token.text, type, types, direction, kinds, tags);
    const { value, bits } = literal(token, type);
    let wanted = bits === 32 ? ALL_ONES : (ALL_ONES << (32 - bits)) >>> 0;
    let written = token.text;
    if (prefix !== undefined) {
      if (prefix > 32) complain("mask length must be <= 32");
      wanted = prefix === 0 ? 0 : (ALL_ONES << (32 - prefix)) >>> 0;
      written += `/${prefix}`;
    } else if (mask !== undefined) {
      const parsed = literal({ kind: "ipv4", text: mask }, "host");
      wanted = parsed.value;
      written += ` mask ${mask}`;
    }
    if ((value & ~wanted) !== 0) complain(`non-network bits set in "${written}"`);
    return { test: ipv4Match(tags, types, direction, value, wanted), kinds };
  }

  private named(
    name: string,
    type: string,
    types: readonly number[],
    direction: Direction,
    kinds: Matcher["kinds"],
    tags: number,
  ): Matcher {
    if (type === "net") return complain(`unknown network '${name}'`);
    if (!this.hosts.has(name)) throw new FilterFault({ kind: "host", name });
    const found = this.hosts.get(name);
    if (found === undefined) return complain(`unknown host '${name}'`);
    const tests = found.map((address) => ipv4Match(tags, types, direction, address, ALL_ONES));
    return { test: (view) => tests.some((test) => test(view)), kinds };
  }

  private ports(
    { protocol, direction = "either" }: Qualifiers,
    type: string,
    token: Token,
    tags: number,
  ): Matcher {
    const known = ["tcp", "udp", "sctp"];
    if (protocol !== undefined && !known.includes(protocol)) complain(`illegal qualifier of '${type}'`);
    const protocols = protocol === undefined ? PORT_PROTOCOLS : [IP_PROTOCOLS.get(protocol)!];
    const [low, high] = type === "port" ? portOf(token, protocol) : rangeOf(token);
    const kinds = protocols
      .flatMap((number) => [kindOf(ETH_IP, number), kindOf(ETH_IP6, number)])
      .reduce(either);
    return { test: portMatch(tags, protocols, direction, low, high), kinds: among(kinds) };
  }
}

/** An address in full or its first bytes: `10.1` is 16 bits of a network. A plain number is an address only for hosts. */
function literal(token: Token, type: string): { readonly value: number; readonly bits: number } {
  if (token.kind === "number" && type === "host") return { value: token.value >>> 0, bits: 32 };
  if (token.kind === "number") {
    let [value, bits] = [token.value, 32];
    for (; value > 0 && value < 0x1000000; bits -= 8) value *= 256;
    return { value, bits };
  }
  const parts = token.text.split(".").map(Number);
  if (parts.length > 4 || parts.some((part) => part > 255)) complain(`invalid IPv4 address '${token.text}'`);
  const value = parts.reduce((sum, part) => sum * 256 + part, 0) * 256 ** (4 - parts.length);
  return { value, bits: 8 * parts.length };
}

function portOf(token: Token, protocol: string | undefined): readonly [number, number] {
  if (token.kind === "number") {
    if (token.value > 65535) complain(`illegal port number ${token.text} > 65535`);
    return [token.value, token.value];
  }
  const service = servicePort(token.text);
  if (service === undefined) return complain(`unknown port '${token.text}'`);
  if (protocol === "tcp" && !service.tcp) complain(`port '${token.text}' is udp`);
  if (protocol === "udp" && !service.udp) complain(`port '${token.text}' is tcp`);
  return [service.port, service.port];
}

function rangeOf(token: Token): readonly [number, number] {
  const ends = token.text.split("-").map((word) => {
    const number = /^\d+$/.test(word) ? Number(word) : servicePort(word)?.port;
    if (number === undefined) return complain(`unknown port in range '${token.text}'`);
    if (number > 65535) return complain(`illegal port number ${number} > 65535`);
    return number;
  });
  const [first, last = first] = ends;
  return [Math.min(first!, last!), Math.max(first!, last!)];
}
