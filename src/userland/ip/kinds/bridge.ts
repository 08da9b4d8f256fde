import type { BridgeOptions } from "../../../kernel/uapi/index.ts";
import { fail, refuse } from "../../args/exit.ts";
import { invalidArgument, matches, parseUnsigned, type Words } from "../../args/words.ts";
import { BRIDGE_KIND_USAGE } from "../usage.ts";
import type { LinkKindParser } from "./kind.ts";

/** Models: ip/iplink_bridge.c bridge_parse_opt. */

type Draft = { -readonly [K in keyof BridgeOptions]?: BridgeOptions[K] };

interface Option {
  readonly keyword: string;
  readonly max: number;
  /** Absent: only the kernel's default is taken, because nothing else is modelled. */
  readonly set?: (draft: Draft, value: number) => void;
  readonly byDefault?: number;
}

const U8 = 255;
const U16 = 65535;
const U32 = 0xffffffff;

/** In iproute2's order of trial: every keyword may be cut short. */
const OPTIONS: readonly Option[] = [
  { keyword: "forward_delay", max: U32, set: (draft, value) => (draft.forwardDelay = value) },
  { keyword: "hello_time", max: U32, set: (draft, value) => (draft.helloTime = value) },
  { keyword: "max_age", max: U32, set: (draft, value) => (draft.maxAge = value) },
  { keyword: "ageing_time", max: U32, set: (draft, value) => (draft.ageingTime = value) },
  { keyword: "stp_state", max: U32, set: (draft, value) => (draft.stp = value !== 0) },
  { keyword: "priority", max: U16, set: (draft, value) => (draft.priority = value) },
  { keyword: "vlan_filtering", max: U8, byDefault: 0 },
  { keyword: "group_fwd_mask", max: U16, byDefault: 0 },
  { keyword: "vlan_default_pvid", max: U16, byDefault: 1 },
  { keyword: "vlan_stats_enabled", max: U8, byDefault: 0 },
  { keyword: "vlan_stats_per_port", max: U8, byDefault: 0 },
  { keyword: "mcast_router", max: U8, byDefault: 1 },
  { keyword: "mcast_snooping", max: U8, set: (draft, value) => (draft.mcastSnooping = value !== 0) },
  { keyword: "mcast_vlan_snooping", max: U8, byDefault: 0 },
  { keyword: "mcast_query_use_ifaddr", max: U8, byDefault: 0 },
  { keyword: "mcast_querier", max: U8, byDefault: 0 },
  { keyword: "mcast_hash_elasticity", max: U32, byDefault: 16 },
  { keyword: "mcast_hash_max", max: U32, byDefault: 4096 },
  { keyword: "mcast_last_member_count", max: U32, byDefault: 2 },
  { keyword: "mcast_startup_query_count", max: U32, byDefault: 2 },
  { keyword: "mcast_stats_enabled", max: U8, byDefault: 0 },
  { keyword: "mcast_igmp_version", max: U8, byDefault: 2 },
  { keyword: "mcast_mld_version", max: U8, byDefault: 1 },
  { keyword: "no_linklocal_learn", max: U8, byDefault: 0 },
  { keyword: "nf_call_iptables", max: U8, set: (draft, value) => (draft.nfCallIptables = value !== 0) },
  { keyword: "nf_call_ip6tables", max: U8, byDefault: 0 },
  { keyword: "nf_call_arptables", max: U8, byDefault: 0 },
];

const WITHOUT_NUMBER = ["fdb_flush", "group_address", "vlan_protocol"];

export function readBridgeOptions(words: Words): Draft {
  const draft: Draft = {};
  for (let word = words.next(); word !== undefined; word = words.next()) {
    const key = word;
    const option = OPTIONS.find(({ keyword }) => matches(key, keyword));
    if (option === undefined) {
      if (WITHOUT_NUMBER.some((keyword) => matches(key, keyword))) refuse(`the bridge option "${key}"`);
      fail(1, (matches(key, "help") ? "" : `bridge: unknown command "${key}"?\n`) + BRIDGE_KIND_USAGE);
    }
    const text = words.value();
    const value = parseUnsigned(text, option.max) ?? invalidArgument(`invalid ${option.keyword}`, text);
    if (option.set !== undefined) option.set(draft, value);
    else if (value !== option.byDefault) refuse(`the bridge option "${option.keyword}"`);
  }
  return draft;
}

export const BRIDGE: LinkKindParser = {
  kind: "bridge",
  usage: BRIDGE_KIND_USAGE,
  add(_ip, draft, words) {
    const name = draft.name ?? draft.dev;
    return {
      kind: "bridge",
      ...(name !== undefined && { name }),
      ...(draft.mac !== undefined && { mac: draft.mac }),
      ...(draft.mtu !== undefined && { mtu: draft.mtu }),
      bridge: readBridgeOptions(words),
    };
  },
  change: (_ip, words) => ({ bridge: readBridgeOptions(words) }),
};
