import { millis, type Nanos, seconds } from "../sim/time.ts";

/** net.ipv4.conf.DEV: one number a key, as in Documentation/networking/ip-sysctl.rst. */
export type ConfKey =
  | "forwarding"
  | "rp_filter"
  | "accept_local"
  | "route_localnet"
  | "proxy_arp"
  | "arp_ignore"
  | "arp_announce"
  | "arp_notify"
  | "arp_filter"
  | "arp_accept"
  | "arp_evict_nocarrier"
  | "send_redirects"
  | "accept_redirects"
  | "secure_redirects"
  | "shared_media"
  | "accept_source_route"
  | "log_martians"
  | "promote_secondaries"
  | "ignore_routes_with_linkdown"
  | "src_valid_mark"
  | "bc_forwarding"
  | "drop_unicast_in_l2_multicast"
  | "proxy_arp_pvlan"
  | "drop_gratuitous_arp"
  | "mc_forwarding"
  | "disable_policy"
  | "disable_xfrm"
  | "force_igmp_version"
  | "medium_id"
  | "tag";

export type DeviceConf = Record<ConfKey, number>;

/** What a fresh namespace gives to new devices (`default`), and `all`. */
export function freshConf(): DeviceConf {
  return {
    forwarding: 0,
    rp_filter: 0,
    accept_local: 0,
    route_localnet: 0,
    proxy_arp: 0,
    arp_ignore: 0,
    arp_announce: 0,
    arp_notify: 0,
    arp_filter: 0,
    arp_accept: 0,
    arp_evict_nocarrier: 1,
    send_redirects: 1,
    accept_redirects: 1,
    secure_redirects: 1,
    shared_media: 1,
    accept_source_route: 0,
    log_martians: 0,
    promote_secondaries: 0,
    ignore_routes_with_linkdown: 0,
    src_valid_mark: 0,
    bc_forwarding: 0,
    drop_unicast_in_l2_multicast: 0,
    proxy_arp_pvlan: 0,
    drop_gratuitous_arp: 0,
    mc_forwarding: 0,
    disable_policy: 0,
    disable_xfrm: 0,
    force_igmp_version: 0,
    medium_id: 0,
    tag: 0,
  };
}

/** net.ipv4.neigh.DEV, arp(7). Times in virtual nanoseconds; counts as they are. */
export interface NeighParams {
  retransTime: Nanos;
  baseReachableTime: Nanos;
  delayProbeTime: Nanos;
  gcStaleTime: Nanos;
  lockTime: Nanos;
  proxyDelay: Nanos;
  anycastDelay: Nanos;
  multicastProbes: number;
  unicastProbes: number;
  appProbes: number;
  multicastReprobes: number;
  /** Packets' bytes that wait for one unresolved neighbour. */
  queueBytes: number;
  proxyQueueLength: number;
}

export function freshNeighParams(): NeighParams {
  return {
    retransTime: seconds(1),
    baseReachableTime: seconds(30),
    delayProbeTime: seconds(5),
    gcStaleTime: seconds(60),
    lockTime: seconds(1),
    proxyDelay: millis(800),
    anycastDelay: seconds(1),
    multicastProbes: 3,
    unicastProbes: 3,
    appProbes: 0,
    multicastReprobes: 0,
    queueBytes: 212_992,
    proxyQueueLength: 64,
  };
}
