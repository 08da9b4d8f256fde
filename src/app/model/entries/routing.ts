import type { RouteRow } from "../../../trace/rows.ts";
import { LOCAL, MAIN, policies, policyWords, routeTableName } from "../fib-rules.ts";
import type { EntryBreak, Site } from "./entry.ts";

const PROTOCOLS: Readonly<Record<number, string>> = { 2: "kernel", 4: "static", 12: "bird", 16: "dhcp" };
/** What `ip` writes for a route that a person makes, and for a rule. */
const UNSAID: ReadonlySet<number> = new Set([0, 3]);
const SCOPES: Readonly<Record<number, string>> = { 200: "site", 253: "link", 254: "host" };

const hex = (number: number): string => `0x${number.toString(16)}`;

function words(...parts: readonly (string | false | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== false && part !== "").join(" ");
}

const isIpv6 = ({ dst, gateway = "" }: Pick<RouteRow, "dst" | "gateway">): boolean =>
  `${dst}${gateway}`.includes(":");

/** A route in the words of `ip route`: what tells it from others, and what else it says. */
function routeWords(
  row: RouteRow,
  device: (index: number) => string,
): { readonly which: string; readonly more: string } {
  const { type, dst, gateway, dev, hops, table, metric, tos, mtu, advmss, protocol, scope } = row;
  const way = (hop: { readonly gateway?: string; readonly dev?: number }): string =>
    words(
      hop.gateway !== undefined && `via ${hop.gateway}`,
      hop.dev !== undefined && `dev ${device(hop.dev)}`,
    );
  const single =
    hops === undefined
      ? way({ ...(gateway !== undefined && { gateway }), ...(dev !== undefined && { dev }) })
      : "";
  const which = words(
    type !== "unicast" && type,
    dst,
    tos !== undefined && `tos ${hex(tos)}`,
    single,
    row.onlink === true && "onlink",
    table !== MAIN && `table ${routeTableName(table)}`,
    metric !== 0 && `metric ${metric}`,
  );
  const more = words(
    !UNSAID.has(protocol) && `proto ${PROTOCOLS[protocol] ?? protocol}`,
    SCOPES[scope] !== undefined && `scope ${SCOPES[scope]}`,
    row.prefSrc !== undefined && `src ${row.prefSrc}`,
    mtu !== undefined && `mtu ${row.mtuLocked === true ? "lock " : ""}${mtu}`,
    advmss !== undefined && `advmss ${advmss}`,
    ...(hops ?? []).map((hop) => `nexthop ${way(hop)} weight ${hop.weight}`),
  );
  return { which, more };
}

/** The routes of a place, those of one device when it is named; what the kernel keeps about its own addresses is left out. */
export function routeEntries({ world, cast, place }: Site, dev?: number): readonly EntryBreak[] {
  return world.rows("route", place.netns).flatMap(({ key, row }): EntryBreak[] => {
    if (row.table === LOCAL || row.type === "multicast" || row.type === "broadcast") return [];
    if (dev !== undefined && row.dev !== dev) return [];
    const { which, more } = routeWords(row, (index) => cast.deviceName(place.netns, index));
    const ip = isIpv6(row) ? "ip -6 route" : "ip route";
    const text = words(which, more);
    return [
      {
        label: "break.route",
        values: { text: which },
        at: place.label,
        command: `${ip} del ${which}`,
        undo: `${ip} add ${text}`,
        entry: `route/${key}`,
        row: `route/${key}`,
        says: text,
        edit: { head: `${ip} replace `, text },
      },
    ];
  });
}

/** Rules of policy routing, as `ip rule` adds and deletes them. */
export function policyEntries({ world, place }: Site): readonly EntryBreak[] {
  return policies(world, place.netns).map(({ key, row }): EntryBreak => {
    const { asks, does } = policyWords(row);
    const proto = UNSAID.has(row.protocol) ? "" : ` protocol ${PROTOCOLS[row.protocol] ?? row.protocol}`;
    const text = `priority ${row.priority} ${asks} ${does}${proto}`;
    const ip = row.family === "inet6" ? "ip -6 rule" : "ip rule";
    return {
      label: "break.policyRule",
      values: { priority: row.priority, text: `${asks} ${does}` },
      at: place.label,
      command: `${ip} del ${text}`,
      undo: `${ip} add ${text}`,
      entry: `policy/${key}`,
      row: `rule/${key}`,
      says: text,
      edit: { head: `${ip} del ${text} && ${ip} add `, text },
    };
  });
}
