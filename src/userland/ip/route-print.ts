import type { NextHopInfo, RouteAnswer, RouteInfo } from "../../kernel/uapi/index.ts";
import { TABLE_MAIN } from "../../kernel/uapi/index.ts";
import { formatIpv4, formatPrefix, type Ipv4, type Ipv4Prefix } from "../../wire/address.ts";
import { PROTOCOLS, SCOPES } from "../netlink/names.ts";
import { deviceName, type Ip } from "./context.ts";
import { tableName } from "./tables.ts";

/** Models: ip/iproute.c print_route, print_cache_flags, print_rta_metrics. */

/** What a selector already says is not said again. */
export interface Unsaid {
  readonly table?: boolean;
  readonly dev?: boolean;
  readonly protocol?: boolean;
  readonly scope?: boolean;
  readonly gateway?: boolean;
  readonly source?: boolean;
  readonly metric?: boolean;
  readonly tos?: boolean;
}

/** Names of /etc/iproute2/rt_dsfield. */
const DSFIELD: ReadonlyMap<number, string> = new Map([
  [0x28, "AF11"],
  [0x30, "AF12"],
  [0x38, "AF13"],
  [0x48, "AF21"],
  [0x50, "AF22"],
  [0x58, "AF23"],
  [0x68, "AF31"],
  [0x70, "AF32"],
  [0x78, "AF33"],
  [0x88, "AF41"],
  [0x90, "AF42"],
  [0x98, "AF43"],
  [0x20, "CS1"],
  [0x40, "CS2"],
  [0x60, "CS3"],
  [0x80, "CS4"],
  [0xa0, "CS5"],
  [0xc0, "CS6"],
  [0xe0, "CS7"],
  [0xb8, "EF"],
]);

export function parseDsfield(word: string): number | undefined {
  for (const [value, name] of DSFIELD) if (name === word) return value;
  if (word === "default") return 0;
  const value = /^(0x)?[0-9a-f]{1,2}$/i.test(word) ? parseInt(word, 16) : NaN;
  return Number.isNaN(value) ? undefined : value;
}

interface NamesOf {
  text(value: number): string;
}

function named(ip: Ip, names: NamesOf, value: number): string {
  return ip.options.numeric ? String(value) : names.text(value);
}

function destination(dst: Ipv4Prefix): string {
  if (dst.length === 32) return formatIpv4(dst.address);
  return dst.length === 0 && dst.address === 0 ? "default" : formatPrefix(dst);
}

function sayAddress(ip: Ip, key: string, word: string, address: Ipv4 | undefined): void {
  if (address !== undefined) ip.out.add(key, formatIpv4(address), `${word} ${formatIpv4(address)} `);
}

function sayTable(ip: Ip, table: number): void {
  const name = tableName(ip, table);
  ip.out.add("table", name, `table ${name} `);
}

function sayOrigin(ip: Ip, route: RouteInfo, unsaid: Unsaid): void {
  const { out, options } = ip;
  if ((route.table !== TABLE_MAIN || options.details) && unsaid.table !== true) sayTable(ip, route.table);
  if ((route.protocol !== 3 || options.details) && unsaid.protocol !== true) {
    const protocol = named(ip, PROTOCOLS, route.protocol);
    out.add("protocol", protocol, `proto ${protocol} `);
  }
  if ((route.scope !== 0 || options.details) && unsaid.scope !== true) {
    const scope = named(ip, SCOPES, route.scope);
    out.add("scope", scope, `scope ${scope} `);
  }
}

function sayFlags(ip: Ip, flags: readonly string[]): void {
  ip.out.array("flags", () => flags.forEach((flag) => ip.out.item(flag, `${flag} `)));
}

function sayMetrics(
  ip: Ip,
  mtu: number | undefined,
  advmss: number | undefined,
  locked: boolean | undefined,
): void {
  const { out } = ip;
  if (mtu === undefined && advmss === undefined) return;
  out.array("metrics", () =>
    out.object(null, () => {
      if (mtu !== undefined) out.add("mtu", mtu, `mtu ${locked === true ? "lock " : ""}${mtu} `);
      if (advmss !== undefined) out.add("advmss", advmss, `advmss ${advmss} `);
    }),
  );
}

function hopFlags(hop: NextHopInfo | undefined): readonly string[] {
  return [
    ...(hop?.dead === true ? ["dead"] : []),
    ...(hop?.onlink === true ? ["onlink"] : []),
    ...(hop?.linkdown === true ? ["linkdown"] : []),
  ];
}

function sayHops(ip: Ip, route: RouteInfo): void {
  const { out } = ip;
  out.array("nexthops", () => {
    for (const hop of route.nexthops)
      out.object(null, () => {
        out.say(ip.options.oneLine ? "\\\tnexthop " : "\n\tnexthop ");
        sayAddress(ip, "gateway", "via", hop.gateway);
        if (hop.dev !== undefined) {
          const name = deviceName(ip.net, hop.dev);
          out.add("dev", name, `dev ${name} `);
        }
        out.add("weight", hop.weight ?? 1, `weight ${hop.weight ?? 1} `);
        sayFlags(ip, hopFlags(hop));
      });
  });
}

/** rtnl_dsfield_n2a() */
export function dsfieldText(ip: Ip, tos: number): string {
  const name = ip.options.numeric ? undefined : DSFIELD.get(tos);
  return name ?? `0x${tos.toString(16).padStart(2, "0")}`;
}

function sayTos(ip: Ip, tos: number): void {
  const text = dsfieldText(ip, tos);
  ip.out.add("tos", text, `tos ${text} `);
}

/** One line of `ip route show`. */
export function printRoute(ip: Ip, route: RouteInfo, unsaid: Unsaid = {}): void {
  const { out } = ip;
  const hop = route.nexthops.length === 1 ? route.nexthops[0] : undefined;
  out.object(null, () => {
    if (route.type !== "unicast" || ip.options.details) out.add("type", route.type, `${route.type} `);
    const dst = destination(route.dst);
    out.add("dst", dst, `${dst} `);
    if (route.tos !== 0 && unsaid.tos !== true) sayTos(ip, route.tos);
    if (unsaid.gateway !== true) sayAddress(ip, "gateway", "via", hop?.gateway);
    if (hop?.dev !== undefined && unsaid.dev !== true) {
      const name = deviceName(ip.net, hop.dev);
      out.add("dev", name, `dev ${name} `);
    }
    sayOrigin(ip, route, unsaid);
    if (unsaid.source !== true) sayAddress(ip, "prefsrc", "src", route.prefSrc);
    if (route.metric !== 0 && unsaid.metric !== true)
      out.add("metric", route.metric, `metric ${route.metric} `);
    sayFlags(ip, hopFlags(hop));
    sayMetrics(ip, route.mtu, route.advmss, route.mtuLocked);
    if (route.nexthops.length > 1) sayHops(ip, route);
  });
  out.say("\n");
}

/** What `ip route get` was asked, as far as the answer repeats it. */
export interface Asked {
  readonly from?: Ipv4;
  readonly iif?: string;
  readonly mark?: number;
}

function cacheFlags(ip: Ip, answer: RouteAnswer, incoming: boolean): readonly string[] {
  const out = answer.dev === undefined ? undefined : ip.net.link.byIndex(answer.dev);
  const local = out?.kind === "loopback" || (answer.type !== "unicast" && !incoming);
  return [
    ...(local ? ["local"] : []),
    ...(answer.type === "multicast" ? ["mc"] : []),
    ...(answer.type === "broadcast" && local ? ["brd"] : []),
    ...(answer.redirected === true ? ["redirected"] : []),
    ...(answer.doRedirect === true ? ["redirect"] : []),
  ];
}

function sayCache(ip: Ip, answer: RouteAnswer, iif: string | undefined): void {
  const { out } = ip;
  out.breakLine();
  out.say("    cache ");
  const flags = cacheFlags(ip, answer, iif !== undefined);
  if (flags.length > 0) out.say(`<${flags.join(",")}> `);
  out.array("cache", () => flags.forEach((flag) => out.item(flag, "")));
  if (answer.expires !== undefined) out.add("expires", answer.expires, `expires ${answer.expires}sec `);
  sayMetrics(ip, answer.mtu, answer.entry?.advmss, answer.mtuLocked);
  if (iif !== undefined) out.add("iif", iif, `iif ${iif} `);
}

/** One entry of `ip route show cache`. */
export function printLearnt(ip: Ip, answer: RouteAnswer, unsaid: Unsaid): void {
  const { out } = ip;
  out.object(null, () => {
    if (ip.options.details) out.add("type", answer.type, `${answer.type} `);
    out.add("dst", formatIpv4(answer.dst), `${formatIpv4(answer.dst)} `);
    if (unsaid.gateway !== true) sayAddress(ip, "gateway", "via", answer.gateway);
    if (answer.dev !== undefined && unsaid.dev !== true) {
      const name = deviceName(ip.net, answer.dev);
      out.add("dev", name, `dev ${name} `);
    }
    sayFlags(ip, []);
    sayCache(ip, answer, undefined);
  });
  out.say("\n");
}

/** Marks of more than one digit in hexadecimal. */
function sayMark(ip: Ip, mark: number): void {
  ip.out.add("mark", mark, mark >= 16 ? `mark 0x${mark.toString(16)} ` : `mark ${mark} `);
}

/** The answer of `ip route get`. */
export function printAnswer(ip: Ip, answer: RouteAnswer, asked: Asked): void {
  const { out } = ip;
  out.object(null, () => {
    if (answer.type !== "unicast" || ip.options.details) out.add("type", answer.type, `${answer.type} `);
    out.add("dst", formatIpv4(answer.dst), `${formatIpv4(answer.dst)} `);
    sayAddress(ip, "from", "from", asked.from);
    const tos = answer.type === "unicast" ? (answer.entry?.tos ?? 0) : 0;
    if (tos !== 0) sayTos(ip, tos);
    sayAddress(ip, "gateway", "via", answer.gateway);
    if (answer.dev !== undefined) {
      const name = deviceName(ip.net, answer.dev);
      out.add("dev", name, `dev ${name} `);
    }
    if (answer.table !== TABLE_MAIN || ip.options.details) sayTable(ip, answer.table);
    if (asked.from === undefined) sayAddress(ip, "prefsrc", "src", answer.prefSrc);
    // The kernel's RTCF_MULTICAST has the bit of a flag that newer tools know by another name.
    sayFlags(ip, answer.type === "multicast" ? ["rt_offload_failed"] : []);
    if (asked.mark !== undefined && asked.mark !== 0) sayMark(ip, asked.mark);
    if (asked.iif === undefined) out.add("uid", 0, "uid 0 ");
    sayCache(ip, answer, asked.iif);
  });
  out.say("\n");
}
