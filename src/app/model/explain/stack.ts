import type { HookRecord, RouteRecord, TunnelRecord } from "../../../trace/record.ts";
import type { RouteRow } from "../../../trace/rows.ts";
import type { TextKey } from "../../i18n/en.ts";
import { excerpt, fdbTable, routeTable } from "../tables.ts";
import type { Entry } from "../world.ts";
import {
  commandAt,
  type Context,
  fieldOf,
  ip,
  layersOf,
  packetOf,
  placeName,
  question,
  routeEnds,
  tablesTool,
} from "./context.ts";
import { asidesOf, checksOf, explainNat, flowOf, rulesOf } from "./netfilter.ts";
import { type Explanation, phrase } from "./phrase.ts";
import { explainEsp } from "./protect.ts";
import { addressOwner, isServiceAddress } from "./virtual.ts";

const ROWS = 5;

/** A route lookup. */
export function explainRoute(c: Context, route: RouteRecord): Explanation {
  const place = placeName(c);
  const { dst, src } = routeEnds(route);
  const entry = c.world.row("route", route.netns, String(route.entry));
  const isLocal = route.result === "local" || route.result === "broadcast";
  const from = route.purpose === "input" && src !== "" ? ` from ${src} iif ${inputName(c)}` : "";
  const check = commandAt(c, route.netns, `ip route get ${dst}${from}`);
  const table = excerpt(routeTable(question(c, String(route.entry)), isLocal), ROWS);
  if (route.result === "multicast")
    return {
      headline: phrase("route.group", { place, dst }),
      reason: [phrase("route.group.why", { place, dst })],
      check: commandAt(c, route.netns, "ip maddr show"),
    };
  if (isLocal) {
    const { why, install } = localReason(c, entry, dst);
    return {
      headline: phrase("route.local", { place, dst }),
      reason: [phrase(why, { place, dst })],
      table,
      install,
      check,
    };
  }
  if (entry === undefined || route.result !== "unicast")
    return {
      headline: phrase("route.none", { place, dst }),
      reason: [phrase("route.none.why", { place, dst })],
      table,
      check,
    };
  const dev = c.cast.deviceName(route.netns, route.outDev);
  const { gateway, onlink } = entry.row;
  const values = { place, dst, src, dev, prefix: entry.row.dst, gateway: gateway ?? "" };
  const why = reasonOf(entry.row);
  const isOuter = c.step.wrapped && route.purpose === "output";
  const key = isOuter ? "route.outer" : route.purpose === "output" ? "route.out" : "route.forward";
  const via = gateway === undefined ? "" : ` via ${gateway}`;
  return {
    headline: phrase(key, values),
    reason: [phrase(why, values), ...(isOuter ? [phrase("route.outer.why", values)] : [])],
    table,
    install:
      entry.row.protocol === 2
        ? undefined
        : `ip route add ${entry.row.dst}${via} dev ${dev}${onlink === true ? " onlink" : ""}`,
    check,
  };
}

/** Why an address counts as this machine's: a device has it, kube-proxy's does, or somebody has typed it into the table. */
function localReason(
  c: Context,
  entry: Entry<RouteRow> | undefined,
  dst: string,
): { readonly why: TextKey; readonly install?: string | undefined } {
  if (isServiceAddress(c, dst)) return { why: "route.virtual.why" };
  const isTyped = entry !== undefined && entry.row.type === "local" && entry.actor !== "kernel";
  if (!isTyped || addressOwner(c, dst) !== undefined) return { why: "route.local.why" };
  const { dev } = entry.row;
  const on = dev === undefined ? "" : ` dev ${c.cast.deviceName(c.step.netns, dev)}`;
  return { why: "route.local.typed.why", install: `ip route add local ${entry.row.dst}${on}` };
}

/** What kind of entry it was that won. */
function reasonOf({ gateway, onlink, dst }: RouteRow): TextKey {
  if (gateway === undefined) return dst.endsWith("/32") ? "route.host.why" : "route.link.why";
  if (onlink === true) return "route.onlink.why";
  return dst === "default" ? "route.default.why" : "route.via.why";
}

/** The device by which the packet came, as `ip route get` wants it. */
function inputName({ step, cast }: Context): string {
  return step.before === undefined ? "lo" : cast.deviceName(step.before.netns, step.before.dev);
}

const CHECK_TABLE: Readonly<Record<HookRecord["hook"], string>> = {
  PREROUTING: "-t nat -vnL PREROUTING",
  INPUT: "-vnL INPUT",
  FORWARD: "-vnL FORWARD",
  OUTPUT: "-vnL OUTPUT",
  POSTROUTING: "-t nat -vnL POSTROUTING",
};

/** A netfilter hook is passed. */
export function explainHook(c: Context, hook: HookRecord): Explanation {
  const translated = explainNat(c, hook);
  if (translated !== undefined) return translated;
  const { ttl, wrapped } = c.step;
  const { src, dst } = packetOf(c.step);
  const place = placeName(c);
  const values = { hook: hook.hook, place, src, dst };
  const rules = rulesOf(c);
  const common = {
    rules,
    flow: flowOf(c),
    check: commandAt(c, hook.netns, `${tablesTool(c, hook)} ${CHECK_TABLE[hook.hook]}`),
    checks: rules.length === 0 ? [] : checksOf(c, hook, rules).slice(1),
  };
  if (ttl !== undefined) {
    const lowered = { ...values, before: ttl.before, after: ttl.after };
    return {
      ...common,
      headline: phrase("hook.ttl", lowered),
      reason: [phrase("hook.ttl.why", lowered), phrase("hook.forward.why", values)],
      badge: phrase("badge.ttl", lowered),
    };
  }
  const isOwn = wrapped && hook.hook === "POSTROUTING";
  const last = rules.at(-1)?.deed;
  if (last === "drop" || last === "reject")
    return {
      ...common,
      headline: phrase("hook.refused", values),
      reason: [phrase("hook.refused.why", values), ...asidesOf(c, hook)],
    };
  const reason = [phrase(isOwn ? "hook.POSTROUTING.outer.why" : hookKey(c, hook.hook), values)];
  if (wrapped) reason.push(phrase(hook.hook === "INPUT" ? "hook.port.why" : "hook.outer.why", values));
  reason.push(...asidesOf(c, hook));
  return { ...common, headline: phrase(wrapped ? "hook.outer" : "hook.inner", values), reason };
}

/** What a hook is for: with Kubernetes' words only where there is Kubernetes. */
function hookKey({ world }: Context, hook: HookRecord["hook"]): TextKey {
  if (hook === "PREROUTING" && !world.has("object", 0)) return "hook.PREROUTING.plain.why";
  return `hook.${hook}.why`;
}

const IP_TUNNELS: ReadonlySet<string> = new Set(["ipip", "gre", "gretap", "tun", "wireguard"]);

/** As below, for tunnels whose other end is their own or the route's choice: no table is asked. */
function explainIpTunnel(c: Context, tunnel: TunnelRecord, dev: string): Explanation {
  const [local, remote] = [ip(tunnel.local), ip(tunnel.remote)];
  const values = { dev, local, remote, bytes: tunnel.bytes, place: placeName(c) };
  const wraps = tunnel.kind === "encap";
  return {
    headline: phrase(wraps ? "wrap.ip" : "unwrap.ip", values),
    reason: [phrase(wraps ? "wrap.ip.why" : "unwrap.ip.why", values)],
    badge: phrase(wraps ? "badge.wrap" : "badge.unwrap", values),
    check: commandAt(c, tunnel.netns, `ip -d link show ${dev}`),
  };
}

/** A tunnel device puts its headers around the packet, or takes them off. */
export function explainTunnel(c: Context, tunnel: TunnelRecord): Explanation {
  const dev = c.cast.deviceName(tunnel.netns, tunnel.dev);
  const layers = layersOf(c.step);
  const isWrap = tunnel.kind === "encap";
  const inner = fieldOf(layers, "ethernet.dst", isWrap ? 1 : 0) ?? "?";
  const local = ip(tunnel.local);
  const remote = ip(tunnel.remote);
  const port = c.cast.device(tunnel.netns, tunnel.dev)?.link.vxlan?.dstPort ?? 8472;
  const kind = c.cast.device(tunnel.netns, tunnel.dev)?.link.kind ?? "";
  if (IP_TUNNELS.has(kind)) return explainIpTunnel(c, tunnel, dev);
  // No tunnel's device: the kernel's IPsec.
  if (kind !== "vxlan") return explainEsp(c, tunnel, dev);
  const values = {
    dev,
    local,
    remote,
    mac: inner,
    vni: tunnel.vni,
    bytes: tunnel.bytes,
    port,
    place: placeName(c),
  };
  if (!isWrap)
    return {
      headline: phrase("unwrap", values),
      reason: [phrase("unwrap.why", values)],
      badge: phrase("badge.unwrap", values),
      check: commandAt(c, tunnel.netns, `ip -d link show ${dev}`),
    };
  const used = `${tunnel.dev}/${inner}/${remote}`;
  return {
    headline: phrase("wrap", values),
    reason: [phrase("wrap.why", values)],
    table: excerpt(fdbTable(question(c, used), tunnel.dev), ROWS),
    install: `bridge fdb append ${inner} dev ${dev} dst ${remote}`,
    check: commandAt(c, tunnel.netns, `bridge fdb show dev ${dev}`),
    badge: phrase("badge.wrap", values),
  };
}
