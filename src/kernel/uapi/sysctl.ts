import { err, ok } from "../../base/result.ts";
import { NANOS_PER_MILLI, NANOS_PER_SECOND } from "../../sim/time.ts";
import { type ConfKey, freshConf, type NeighParams } from "../conf.ts";
import { drawReachableTime } from "../device/state.ts";
import type { Ipv4Settings, Netns } from "../netns.ts";
import { NETFILTER_KEYS, netfilterKnob } from "./sysctl-netfilter.ts";
import { TCP_KEYS, tcpKnob } from "./sysctl-tcp.ts";
import { ipv6Keys, ipv6Knob } from "./sysctl6.ts";
import type { Actor, KernelResult, SysctlApi } from "./types.ts";

/** One number behind a path below /proc/sys. */
interface Knob {
  read(): string;
  write(value: string): KernelResult<void>;
}

const INVALID = err({ errno: "EINVAL" } as const);

/** proc(5), Documentation/networking/ip-sysctl.rst. */
export function sysctlApi(ns: Netns, by: Actor): SysctlApi {
  return {
    get: (path) => {
      const knob = find(ns, slashed(path));
      return knob === undefined ? err({ errno: "ENOENT" }) : ok(knob.read());
    },
    set: (path, value) => {
      const key = slashed(path);
      const knob = find(ns, key);
      if (knob === undefined) return err({ errno: "ENOENT" });
      const before = knob.read();
      const result = knob.write(value.trim());
      if (result.ok && before !== knob.read()) {
        ns.kernel.trace?.change(
          "sysctl",
          ns.id,
          key.replaceAll("/", "."),
          before,
          knob.read(),
          by.name,
          by.detail ?? "",
        );
      }
      return result;
    },
    list: () => keys(ns),
  };
}

/** Dots and slashes change places when the first separator is a dot, as sysctl(8) does: `flannel/1` is `flannel.1`. */
function slashed(path: string): string {
  const dot = path.indexOf(".");
  const slash = path.indexOf("/");
  if (slash >= 0 && (dot < 0 || slash < dot)) return path;
  return swapped(path);
}

function swapped(path: string): string {
  return path.replace(/[./]/g, (c) => (c === "." ? "/" : "."));
}

function find(ns: Netns, key: string): Knob | undefined {
  const conf = /^net\/ipv4\/conf\/([^/]+)\/([a-z_0-9]+)$/.exec(key);
  if (conf !== null) return confKnob(ns, conf[1]!, conf[2]!);
  const neigh = /^net\/ipv4\/neigh\/([^/]+)\/([a-z_0-9]+)$/.exec(key);
  if (neigh !== null) return neighKnob(ns, neigh[1]!, neigh[2]!);
  const v6 = ipv6Knob(ns, key);
  if (v6 !== undefined) return v6;
  return netfilterNumber(ns, key) ?? scalar(ns, key) ?? inert(ns, key);
}

function integer(
  read: () => number,
  write: (value: number) => void,
  least = -2147483648,
  most = 2147483647,
): Knob {
  return {
    read: () => String(read()),
    write: (text) => {
      if (!/^[+-]?\d+$/.test(text)) return INVALID;
      const value = Number(text);
      if (value < least || value > most) return INVALID;
      write(value);
      return ok();
    },
  };
}

function isConfKey(name: string): name is ConfKey {
  return name in freshConf();
}

function confKnob(ns: Netns, device: string, name: string): Knob | undefined {
  if (!isConfKey(name)) return undefined;
  if (name === "forwarding" && device === "all") return forwardingKnob(ns);
  const dev = ns.deviceByName(device);
  const conf = device === "all" ? ns.confAll : device === "default" ? ns.confDefault : dev?.conf;
  if (conf === undefined) return undefined;
  return integer(
    () => conf[name],
    (value) => {
      conf[name] = value;
    },
  );
}

/** ip_forward and conf/all/forwarding are one: writing it sets every device. Models: inet_forward_change. */
function forwardingKnob(ns: Netns): Knob {
  return integer(
    () => ns.confAll.forwarding,
    (value) => {
      ns.confAll.forwarding = value;
      ns.confAll.accept_redirects = value === 0 ? 1 : 0;
      ns.confDefault.forwarding = value;
      for (const dev of ns.devices()) dev.conf.forwarding = value;
    },
  );
}

type NeighUnit = readonly [key: keyof NeighParams, nanos: number];

const NEIGH_KEYS: Readonly<Record<string, NeighUnit>> = {
  retrans_time_ms: ["retransTime", NANOS_PER_MILLI],
  retrans_time: ["retransTime", NANOS_PER_SECOND / 100],
  base_reachable_time_ms: ["baseReachableTime", NANOS_PER_MILLI],
  base_reachable_time: ["baseReachableTime", NANOS_PER_SECOND],
  delay_first_probe_time: ["delayProbeTime", NANOS_PER_SECOND],
  gc_stale_time: ["gcStaleTime", NANOS_PER_SECOND],
  locktime: ["lockTime", NANOS_PER_SECOND / 100],
  proxy_delay: ["proxyDelay", NANOS_PER_SECOND / 100],
  anycast_delay: ["anycastDelay", NANOS_PER_SECOND / 100],
  mcast_solicit: ["multicastProbes", 1],
  ucast_solicit: ["unicastProbes", 1],
  app_solicit: ["appProbes", 1],
  mcast_resolicit: ["multicastReprobes", 1],
  unres_qlen_bytes: ["queueBytes", 1],
  proxy_qlen: ["proxyQueueLength", 1],
};

function neighKnob(ns: Netns, device: string, name: string): Knob | undefined {
  const unit = NEIGH_KEYS[name];
  const dev = ns.deviceByName(device);
  const params = device === "default" ? ns.neighDefault : dev?.neighParams;
  if (unit === undefined || params === undefined) return undefined;
  const [key, factor] = unit;
  return integer(
    () => Math.round(params[key] / factor),
    (value) => {
      Object.assign(params, { [key]: value * factor });
      if (key === "baseReachableTime" && dev !== undefined) drawReachableTime(dev);
    },
    0,
  );
}

/** Plain numbers of Ipv4Settings: key, least, most, and the factor of what is kept. */
const SCALAR_KEYS: Readonly<
  Record<string, readonly [key: keyof Ipv4Settings, least: number, most: number, factor: number]>
> = {
  "net/ipv4/ip_default_ttl": ["defaultTtl", 1, 255, 1],
  "net/ipv4/icmp_ratelimit": ["icmpRateLimitMs", 0, 2147483647, 1],
  "net/ipv4/icmp_ratemask": ["icmpRateMask", 0, 2147483647, 1],
  "net/ipv4/icmp_echo_ignore_all": ["icmpEchoIgnoreAll", 0, 1, 1],
  "net/ipv4/icmp_echo_ignore_broadcasts": ["icmpEchoIgnoreBroadcasts", 0, 1, 1],
  "net/ipv4/icmp_errors_use_inbound_ifaddr": ["icmpErrorsUseInboundIfaddr", 0, 1, 1],
  "net/ipv4/ip_no_pmtu_disc": ["noPmtuDisc", 0, 3, 1],
  "net/ipv4/ip_forward_use_pmtu": ["forwardUsePmtu", 0, 1, 1],
  "net/ipv4/ip_nonlocal_bind": ["nonlocalBind", 0, 255, 1],
  "net/ipv4/fib_multipath_hash_policy": ["multipathHashPolicy", 0, 2, 1],
  "net/ipv4/fib_multipath_use_neigh": ["multipathUseNeigh", 0, 1, 1],
  "net/ipv4/route/min_pmtu": ["minPmtu", 68, 65535, 1],
  "net/ipv4/route/mtu_expires": ["mtuExpires", 1, 2147483, NANOS_PER_SECOND],
};

/** A knob of netfilter; what can only be read says EACCES when written. */
function netfilterNumber(ns: Netns, key: string): Knob | undefined {
  const knob = netfilterKnob(ns, key);
  if (knob === undefined) return undefined;
  if (knob.set === undefined)
    return { read: () => String(knob.get()), write: () => err({ errno: "EACCES" }) };
  return integer(knob.get, knob.set, 0, knob.most);
}

/** What was learnt counts no more; the entries stay until their time is up. Models: rt_cache_flush. */
function forgetLearnt(ns: Netns): void {
  for (const learnt of ns.exceptions.values()) {
    learnt.mtu = learnt.gateway = undefined;
    learnt.locked = learnt.used = false;
  }
}

function scalar(ns: Netns, key: string): Knob | undefined {
  if (key === "net/ipv4/ip_forward") return forwardingKnob(ns);
  if (key === "net/ipv4/ip_local_port_range") return portRange(ns);
  if (key === "net/ipv4/ip_unprivileged_port_start") return portStart(ns);
  if (key === "net/ipv4/route/flush") {
    return integer(
      () => 0,
      () => forgetLearnt(ns),
    );
  }
  const tcp = tcpKnob(ns, key);
  if (tcp !== undefined) return integer(tcp.get, tcp.set, tcp.least, tcp.most);
  const plain = SCALAR_KEYS[key];
  if (plain === undefined) return undefined;
  const [name, least, most, factor] = plain;
  return integer(
    () => ns.ipv4[name] / factor,
    (value) => void Object.assign(ns.ipv4, { [name]: value * factor }),
    least,
    most,
  );
}

/** It may not reach into the range of local ports. Models: ipv4_privileged_ports. */
function portStart(ns: Netns): Knob {
  return {
    read: () => String(ns.ipv4.unprivilegedPortStart),
    write: (text) => {
      if (!/^\d+$/.test(text) || Number(text) > ns.ipv4.localPortMin) return INVALID;
      ns.ipv4.unprivilegedPortStart = Number(text);
      return ok();
    },
  };
}

function portRange(ns: Netns): Knob {
  return {
    read: () => `${ns.ipv4.localPortMin}\t${ns.ipv4.localPortMax}`,
    write: (text) => {
      // One number alone is the first port.
      const m = /^(\d+)(?:\s+(\d+))?$/.exec(text);
      if (m === null) return INVALID;
      const first = Number(m[1]);
      const last = m[2] === undefined ? ns.ipv4.localPortMax : Number(m[2]);
      if (first > last || last > 65535 || first < ns.ipv4.unprivilegedPortStart) return INVALID;
      ns.ipv4.localPortMin = first;
      ns.ipv4.localPortMax = last;
      return ok();
    },
  };
}

/** Kept and shown, steering nothing: what scripts set in passing. */
const INERT: Readonly<Record<string, string>> = {
  "net/bridge/bridge-nf-call-arptables": "1",
  "net/bridge/bridge-nf-filter-pppoe-tagged": "0",
  "net/bridge/bridge-nf-filter-vlan-tagged": "0",
  "net/bridge/bridge-nf-pass-vlan-input-dev": "0",
  "net/ipv4/icmp_msgs_burst": "50",
  "net/ipv4/icmp_msgs_per_sec": "1000",
  "net/ipv4/ping_group_range": "1\t0",
  "net/ipv4/tcp_rmem": "4096\t131072\t33554432",
  "net/ipv4/tcp_syncookies": "1",
  "net/ipv4/tcp_wmem": "4096\t16384\t4194304",
};

function inert(ns: Netns, key: string): Knob | undefined {
  const first = INERT[key];
  return first === undefined ? undefined : stored(ns, key, first);
}

function stored(ns: Netns, key: string, first: string): Knob {
  return {
    read: () => ns.inertSysctls.get(key) ?? first,
    write: (value) => {
      if (!/^[-\d\s]+$/.test(value)) return INVALID;
      ns.inertSysctls.set(key, value);
      return ok();
    },
  };
}

const SCALARS = [
  "net/ipv4/ip_unprivileged_port_start",
  ...Object.keys(SCALAR_KEYS),
  ...TCP_KEYS,
  "net/ipv4/ip_forward",
  "net/ipv4/ip_local_port_range",
];

function keys(ns: Netns): string[] {
  const names = ns.devices().map((d) => d.name);
  const out = [...ipv6Keys(ns), ...NETFILTER_KEYS, ...SCALARS, ...Object.keys(INERT)];
  for (const name of ["all", "default", ...names]) {
    for (const key of Object.keys(freshConf())) out.push(`net/ipv4/conf/${name}/${key}`);
  }
  for (const name of ["default", ...names])
    for (const key of Object.keys(NEIGH_KEYS)) out.push(`net/ipv4/neigh/${name}/${key}`);
  return out.sort().map(swapped);
}
