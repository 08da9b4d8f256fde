import type { NextHop6, Route6Answer, Route6Info } from "../../../kernel/uapi/index.ts";
import { TABLE_MAIN } from "../../../kernel/uapi/index.ts";
import { formatIpv6, formatPrefix6, type Ipv6, type Ipv6Prefix } from "../../../wire/address6.ts";
import { PROTOCOLS } from "../../netlink/names.ts";
import { deviceName, type Ip } from "../context.ts";
import type { Unsaid } from "../route-print.ts";
import { tableName } from "../tables.ts";

/** Models: ip/iproute.c print_route for IPv6. */

function destination(dst: Ipv6Prefix): string {
  if (dst.length === 128) return formatIpv6(dst.address);
  return dst.length === 0 ? "default" : formatPrefix6(dst);
}

function sayAddress(ip: Ip, key: string, word: string, address: Ipv6 | undefined): void {
  if (address === undefined) return;
  const text = formatIpv6(address);
  ip.out.add(key, text, `${word} ${text} `);
}

function sayDevice(ip: Ip, index: NextHop6["dev"]): void {
  if (index === undefined) return;
  const name = deviceName(ip.net, index);
  ip.out.add("dev", name, `dev ${name} `);
}

function sayTable(ip: Ip, table: number): void {
  const name = tableName(ip, table);
  ip.out.add("table", name, `table ${name} `);
}

function sayOrigin(ip: Ip, route: Route6Info, unsaid: Unsaid): void {
  const { out, options } = ip;
  if ((route.table !== TABLE_MAIN || options.details) && unsaid.table !== true) sayTable(ip, route.table);
  if ((route.protocol !== 3 || options.details) && unsaid.protocol !== true) {
    const protocol = options.numeric ? String(route.protocol) : PROTOCOLS.text(route.protocol);
    out.add("protocol", protocol, `proto ${protocol} `);
  }
  if (options.details && unsaid.scope !== true) out.add("scope", "global", "scope global ");
}

function hopFlags(hop: NextHop6 | undefined, linkdown: boolean | undefined): readonly string[] {
  return [...(hop?.onlink === true ? ["onlink"] : []), ...(linkdown === true ? ["linkdown"] : [])];
}

function sayFlags(ip: Ip, flags: readonly string[]): void {
  ip.out.array("flags", () => flags.forEach((flag) => ip.out.item(flag, `${flag} `)));
}

function sayMetrics(ip: Ip, mtu: number | undefined, advmss?: number, hopLimit?: number): void {
  const { out } = ip;
  if (mtu === undefined && advmss === undefined && hopLimit === undefined) return;
  out.array("metrics", () =>
    out.object(null, () => {
      if (mtu !== undefined) out.add("mtu", mtu, `mtu ${mtu} `);
      if (advmss !== undefined) out.add("advmss", advmss, `advmss ${advmss} `);
      if (hopLimit !== undefined) out.add("hoplimit", hopLimit, `hoplimit ${hopLimit} `);
    }),
  );
}

function sayExpires(ip: Ip, seconds: number | undefined): void {
  if (seconds !== undefined) ip.out.add("expires", seconds, `expires ${seconds}sec `);
}

function sayPreference(ip: Ip, preference: string): void {
  ip.out.add("pref", preference, `pref ${preference}`);
}

function sayHops(ip: Ip, route: Route6Info): void {
  const { out } = ip;
  out.array("nexthops", () =>
    route.nexthops.forEach((hop, i) =>
      out.object(null, () => {
        out.say(ip.options.oneLine ? "\\\tnexthop " : "\n\tnexthop ");
        sayAddress(ip, "gateway", "via", hop.gateway);
        sayDevice(ip, hop.dev);
        out.add("weight", hop.weight ?? 1, `weight ${hop.weight ?? 1} `);
        sayFlags(ip, hopFlags(hop, route.linkdown[i]));
      }),
    ),
  );
}

/** One line of `ip -6 route show`. */
export function printRoute6(ip: Ip, route: Route6Info, unsaid: Unsaid = {}): void {
  const { out } = ip;
  const hop = route.nexthops.length === 1 ? route.nexthops[0] : undefined;
  out.object(null, () => {
    if (route.type !== "unicast" || ip.options.details) out.add("type", route.type, `${route.type} `);
    const dst = destination(route.dst);
    out.add("dst", dst, `${dst} `);
    if (unsaid.gateway !== true) sayAddress(ip, "gateway", "via", hop?.gateway);
    if (unsaid.dev !== true) sayDevice(ip, hop?.dev);
    sayOrigin(ip, route, unsaid);
    if (unsaid.source !== true) sayAddress(ip, "prefsrc", "src", route.prefSrc);
    if (unsaid.metric !== true) out.add("metric", route.metric, `metric ${route.metric} `);
    sayFlags(ip, hop === undefined ? [] : hopFlags(hop, route.linkdown[0]));
    sayExpires(ip, route.expires);
    sayMetrics(ip, route.mtu, route.advmss, route.hopLimit);
    sayPreference(ip, route.preference);
    if (route.nexthops.length > 1) sayHops(ip, route);
  });
  out.say("\n");
}

/** The answer of `ip -6 route get`. */
export function printAnswer6(
  ip: Ip,
  answer: Route6Answer,
  asked: { readonly from?: Ipv6; readonly iif?: string },
): void {
  const { out } = ip;
  const { entry } = answer;
  out.object(null, () => {
    if (answer.type !== "unicast" || ip.options.details) out.add("type", answer.type, `${answer.type} `);
    out.add("dst", formatIpv6(answer.dst), `${formatIpv6(answer.dst)} `);
    const from = asked.from === undefined ? "::" : formatIpv6(asked.from);
    out.add("from", from, `from ${from} `);
    sayAddress(ip, "gateway", "via", answer.gateway);
    sayDevice(ip, answer.dev);
    // A learnt exception is a clone (RTM_F_CLONED) of an entry, which tells where it comes from.
    if (answer.expires === undefined) sayOrigin(ip, { ...entry, table: answer.table }, {});
    if (asked.iif === undefined) sayAddress(ip, "prefsrc", "src", answer.prefSrc);
    out.add("metric", entry.metric, `metric ${entry.metric} `);
    sayFlags(ip, []);
    sayExpires(ip, answer.expires ?? entry.expires);
    sayMetrics(ip, answer.mtu, entry.advmss, entry.hopLimit);
    if (asked.iif !== undefined) out.add("iif", asked.iif, `iif ${asked.iif} `);
    sayPreference(ip, entry.preference);
  });
  out.say("\n");
}
