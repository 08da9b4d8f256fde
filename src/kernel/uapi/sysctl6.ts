import { err, ok } from "../../base/result.ts";
import { NANOS_PER_MILLI, NANOS_PER_SECOND } from "../../sim/time.ts";
import type { NeighParams } from "../conf.ts";
import { drawReachableTime6, setAddressMode, setDisabled, setForwarding } from "../ipv6/addrconf.ts";
import { CONF6_KEYS, type Conf6Key, type Device6Conf, type Ipv6Settings } from "../ipv6/conf.ts";
import type { Netns } from "../netns.ts";
import type { KernelResult } from "./types.ts";

/** net.ipv6 below /proc/sys, with slashes: Documentation/networking/ip-sysctl.rst. */
export interface Knob6 {
  read(): string;
  write(value: string): KernelResult<void>;
}

const INVALID = err({ errno: "EINVAL" } as const);
const MOST = 2147483647;

function integer(
  read: () => number,
  write: (value: number) => KernelResult<void> | void,
  least = -MOST - 1,
  most = MOST,
): Knob6 {
  return {
    read: () => String(read()),
    write: (text) => {
      if (!/^[+-]?\d+$/.test(text)) return INVALID;
      const value = Number(text);
      if (value < least || value > most) return INVALID;
      return write(value) ?? ok();
    },
  };
}

/** The knob of a key, or undefined for one that is not modelled. */
export function ipv6Knob(ns: Netns, key: string): Knob6 | undefined {
  const conf = /^net\/ipv6\/conf\/([^/]+)\/([a-z_0-9]+)$/.exec(key);
  if (conf !== null) return isConfKey(conf[2]!) ? confKnob(ns, conf[1]!, conf[2]) : undefined;
  const neigh = /^net\/ipv6\/neigh\/([^/]+)\/([a-z_0-9]+)$/.exec(key);
  if (neigh !== null) return neighKnob(ns, neigh[1]!, neigh[2]!);
  return scalar(ns, key);
}

function isConfKey(name: string): name is Conf6Key {
  return CONF6_KEYS.some((key) => key === name);
}

function confKnob(ns: Netns, device: string, name: Conf6Key): Knob6 | undefined {
  const { ip6 } = ns;
  if (device === "all")
    return integer(
      () => ip6.confAll[name],
      (value) => setAll(ns, name, value),
    );
  if (device === "default")
    return integer(
      () => ip6.confDefault[name],
      (value) => void (ip6.confDefault = { ...ip6.confDefault, [name]: value }),
    );
  const dev = ns.deviceByName(device);
  if (dev === undefined) return undefined;
  const { in6 } = dev;
  if (name === "mtu")
    return integer(
      () => in6.mtu,
      (value) => void (in6.lowered = value === dev.mtu ? 0 : value),
      1280,
      dev.mtu,
    );
  if (name === "disable_ipv6")
    return integer(
      () => in6.conf.disable_ipv6,
      (value) => setDisabled(dev, value !== 0),
    );
  if (name === "forwarding")
    return integer(
      () => in6.conf.forwarding,
      (value) => setForwarding(dev, value),
    );
  if (name === "addr_gen_mode") return integer(() => in6.conf.addr_gen_mode, modeSetter(dev), 0, 3);
  return integer(
    () => in6.conf[name],
    (value) => setOne(in6, name, value),
  );
}

function modeSetter(dev: Parameters<typeof setAddressMode>[0]): (value: number) => KernelResult<void> {
  return (value) => {
    if (value > 1)
      return err({ errno: "EOPNOTSUPP", extack: "flannelgraph: addr_gen_mode 2 and 3 are not modelled yet" });
    setAddressMode(dev, value);
    return ok();
  };
}

function setOne(holder: { conf: Readonly<Device6Conf> }, name: Conf6Key, value: number): void {
  holder.conf = { ...holder.conf, [name]: value };
}

/** What `all` also does to devices: only these two reach them. Models: addrconf_fixup_forwarding, addrconf_disable_ipv6. */
function setAll(ns: Netns, name: Conf6Key, value: number): void {
  const { ip6 } = ns;
  ip6.confAll = { ...ip6.confAll, [name]: value };
  if (name !== "forwarding" && name !== "disable_ipv6") return;
  ip6.confDefault = { ...ip6.confDefault, [name]: value };
  for (const dev of ns.devices()) {
    if (name === "forwarding") setForwarding(dev, value);
    else setDisabled(dev, value !== 0);
  }
}

const NEIGH_KEYS: Readonly<Record<string, readonly [key: keyof NeighParams, nanos: number]>> = {
  anycast_delay: ["anycastDelay", NANOS_PER_SECOND / 100],
  app_solicit: ["appProbes", 1],
  base_reachable_time_ms: ["baseReachableTime", NANOS_PER_MILLI],
  delay_first_probe_time: ["delayProbeTime", NANOS_PER_SECOND],
  gc_stale_time: ["gcStaleTime", NANOS_PER_SECOND],
  locktime: ["lockTime", NANOS_PER_SECOND / 100],
  mcast_resolicit: ["multicastReprobes", 1],
  mcast_solicit: ["multicastProbes", 1],
  proxy_delay: ["proxyDelay", NANOS_PER_SECOND / 100],
  proxy_qlen: ["proxyQueueLength", 1],
  retrans_time_ms: ["retransTime", NANOS_PER_MILLI],
  ucast_solicit: ["unicastProbes", 1],
  unres_qlen_bytes: ["queueBytes", 1],
};

function neighKnob(ns: Netns, device: string, name: string): Knob6 | undefined {
  const unit = NEIGH_KEYS[name];
  const dev = ns.deviceByName(device);
  if (unit === undefined || (dev === undefined && device !== "default")) return undefined;
  const [key, factor] = unit;
  const params = (): Readonly<NeighParams> => dev?.in6.neighParams ?? ns.ip6.neighDefault;
  return integer(
    () => Math.round(params()[key] / factor),
    (value) => {
      const changed = { ...params(), [key]: value * factor };
      if (dev === undefined) ns.ip6.neighDefault = changed;
      else dev.in6.neighParams = changed;
      if (key === "baseReachableTime" && dev !== undefined) drawReachableTime6(dev);
    },
    0,
  );
}

/** Plain numbers of Ipv6Settings: key, least, most, and the factor of what is kept. */
const SCALAR_KEYS: Readonly<
  Record<string, readonly [key: Exclude<keyof Ipv6Settings, "icmpRateMask">, most: number, factor: number]>
> = {
  "net/ipv6/anycast_src_echo_reply": ["anycastSrcEchoReply", 1, 1],
  "net/ipv6/auto_flowlabels": ["autoFlowLabels", 3, 1],
  "net/ipv6/bindv6only": ["bindV6Only", 1, 1],
  "net/ipv6/icmp/echo_ignore_all": ["echoIgnoreAll", 1, 1],
  "net/ipv6/icmp/echo_ignore_anycast": ["echoIgnoreAnycast", 1, 1],
  "net/ipv6/icmp/echo_ignore_multicast": ["echoIgnoreMulticast", 1, 1],
  "net/ipv6/icmp/ratelimit": ["icmpRateLimitMs", MOST, 1],
  "net/ipv6/ip6frag_time": ["fragmentTime", 2147483, NANOS_PER_SECOND],
  "net/ipv6/route/mtu_expires": ["mtuExpires", 2147483, NANOS_PER_SECOND],
};

function scalar(ns: Netns, key: string): Knob6 | undefined {
  const { settings } = ns.ip6;
  if (key === "net/ipv6/icmp/ratemask")
    return {
      read: () => settings.icmpRateMask,
      write: (text) => {
        if (!/^(\d+(-\d+)?(,\d+(-\d+)?)*)?$/.test(text)) return INVALID;
        settings.icmpRateMask = text;
        return ok();
      },
    };
  if (key === "net/ipv6/route/flush")
    return integer(
      () => 0,
      () => ns.ip6.exceptions.clear(),
    );
  const plain = SCALAR_KEYS[key];
  if (plain === undefined) return undefined;
  const [name, most, factor] = plain;
  return integer(
    () => settings[name] / factor,
    (value) => void Object.assign(settings, { [name]: value * factor }),
    0,
    most,
  );
}

/** All keys of a namespace, with slashes. */
export function ipv6Keys(ns: Netns): string[] {
  const names = ns.devices().map((d) => d.name);
  const out = [...Object.keys(SCALAR_KEYS), "net/ipv6/icmp/ratemask"];
  for (const name of ["all", "default", ...names])
    for (const key of CONF6_KEYS) out.push(`net/ipv6/conf/${name}/${key}`);
  for (const name of names)
    for (const key of Object.keys(NEIGH_KEYS)) out.push(`net/ipv6/neigh/${name}/${key}`);
  return out;
}
