import { millis, type Nanos, seconds } from "../../sim/time.ts";
import { freshNeighParams, type NeighParams } from "../conf.ts";

/** net.ipv6.conf.DEV: one number a key, as in Documentation/networking/ip-sysctl.rst, with what a fresh namespace gives. */
const FRESH = {
  accept_dad: 1,
  accept_ra: 1,
  accept_ra_defrtr: 1,
  accept_ra_from_local: 0,
  accept_ra_min_hop_limit: 1,
  accept_ra_min_lft: 0,
  accept_ra_mtu: 1,
  accept_ra_pinfo: 1,
  accept_ra_rt_info_max_plen: 0,
  accept_ra_rt_info_min_plen: 0,
  accept_ra_rtr_pref: 1,
  accept_redirects: 1,
  accept_source_route: 0,
  accept_untracked_na: 0,
  addr_gen_mode: 0,
  autoconf: 1,
  dad_transmits: 1,
  disable_ipv6: 0,
  disable_policy: 0,
  drop_unicast_in_l2_multicast: 0,
  drop_unsolicited_na: 0,
  enhanced_dad: 1,
  force_forwarding: 0,
  force_mld_version: 0,
  force_tllao: 0,
  forwarding: 0,
  hop_limit: 64,
  ignore_routes_with_linkdown: 0,
  keep_addr_on_down: 0,
  max_addresses: 16,
  max_desync_factor: 600,
  mc_forwarding: 0,
  mldv1_unsolicited_report_interval: 10000,
  mldv2_unsolicited_report_interval: 1000,
  mtu: 1280,
  ndisc_evict_nocarrier: 1,
  ndisc_notify: 0,
  ndisc_tclass: 0,
  optimistic_dad: 0,
  proxy_ndp: 0,
  ra_defrtr_metric: 1024,
  regen_max_retry: 3,
  router_probe_interval: 60,
  router_solicitation_delay: 1,
  router_solicitation_interval: 4,
  router_solicitation_max_interval: 3600,
  router_solicitations: -1,
  seg6_enabled: 0,
  suppress_frag_ndisc: 1,
  temp_prefered_lft: 86400,
  temp_valid_lft: 604800,
  use_oif_addrs_only: 0,
  use_optimistic: 0,
  use_tempaddr: 0,
};

export type Conf6Key = keyof typeof FRESH;
export type Device6Conf = Record<Conf6Key, number>;

export const CONF6_KEYS = Object.keys(FRESH) as readonly Conf6Key[];

/** `disabled`: the kernel was started with ipv6.disable_ipv6=1. */
export function freshConf6(disabled: boolean): Device6Conf {
  return { ...FRESH, disable_ipv6: disabled ? 1 : 0 };
}

/** net.ipv6.neigh.DEV. Models: nd_tbl.parms. */
export function freshNeighParams6(): NeighParams {
  return { ...freshNeighParams(), lockTime: 0 as Nanos };
}

/** Scalar sysctls of net.ipv6. */
export interface Ipv6Settings {
  bindV6Only: number;
  icmpRateLimitMs: number;
  /** Types whose errors are limited: two numbers a range, as net.ipv6.icmp.ratemask shows them. */
  icmpRateMask: string;
  echoIgnoreAll: number;
  echoIgnoreMulticast: number;
  echoIgnoreAnycast: number;
  anycastSrcEchoReply: number;
  mtuExpires: Nanos;
  fragmentTime: Nanos;
  autoFlowLabels: number;
}

export function freshSettings6(): Ipv6Settings {
  return {
    bindV6Only: 0,
    icmpRateLimitMs: 100,
    icmpRateMask: "0-1,3-127",
    echoIgnoreAll: 0,
    echoIgnoreMulticast: 0,
    echoIgnoreAnycast: 0,
    anycastSrcEchoReply: 0,
    mtuExpires: seconds(600),
    fragmentTime: seconds(60),
    autoFlowLabels: 1,
  };
}

/** Unanswered probes for duplicates are that far apart, RFC 4861's RetransTimer, unless the device says otherwise. */
export const LEAST_RETRANS: Nanos = millis(10);
