import type { BridgePortOptions } from "../../../kernel/uapi/index.ts";
import { fail, refuse } from "../../args/exit.ts";
import { invalidArgument, matches, parseUnsigned, type Words } from "../../args/words.ts";
import { BRIDGE_SLAVE_KIND_USAGE } from "../usage.ts";
import type { LinkKindParser } from "./kind.ts";

/** Models: ip/iplink_bridge_slave.c bridge_slave_parse_opt. */

export type PortDraft = { -readonly [K in keyof BridgePortOptions]?: BridgePortOptions[K] };

/** BR_STATE_* of include/uapi/linux/if_bridge.h, by number. */
export const PORT_STATES = ["disabled", "listening", "learning", "forwarding", "blocking"] as const;

/** What is on or off: the field, or the one value that is taken because nothing else is modelled. */
export const PORT_FLAGS: ReadonlyMap<string, ((draft: PortDraft, on: boolean) => void) | boolean> = new Map<
  string,
  ((draft: PortDraft, on: boolean) => void) | boolean
>([
  ["hairpin", (draft, on) => (draft.hairpin = on)],
  ["guard", false],
  ["root_block", false],
  ["fastleave", false],
  ["learning", (draft, on) => (draft.learning = on)],
  ["flood", (draft, on) => (draft.flood = on)],
  ["mcast_flood", (draft, on) => (draft.mcastFlood = on)],
  ["bcast_flood", (draft, on) => (draft.bcastFlood = on)],
  ["mcast_to_unicast", false],
  ["mcast_fast_leave", false],
  ["proxy_arp", false],
  ["proxy_arp_wifi", false],
  ["neigh_suppress", (draft, on) => (draft.neighSuppress = on)],
  ["vlan_tunnel", false],
  ["isolated", (draft, on) => (draft.isolated = on)],
  ["locked", false],
]);

export function setPortFlag(draft: PortDraft, key: string, on: boolean): void {
  const set = PORT_FLAGS.get(key);
  if (typeof set === "function") set(draft, on);
  else if (set !== on) refuse(`the bridge port option "${key}"`);
}

function number(words: Words, key: string, max: number): number {
  const word = words.value();
  return parseUnsigned(word, max) ?? invalidArgument(`${key} is invalid`, word);
}

export function portState(value: number): BridgePortOptions["state"] {
  return PORT_STATES[value] ?? fail(2, "RTNETLINK answers: Invalid argument\n");
}

export function readPortOptions(words: Words): PortDraft {
  const draft: PortDraft = {};
  for (let word = words.next(); word !== undefined; word = words.next()) {
    const key = word;
    const flag = [...PORT_FLAGS.keys()].find((keyword) => matches(key, keyword));
    if (matches(key, "state")) draft.state = portState(number(words, "state", 255));
    else if (matches(key, "priority")) draft.priority = number(words, "priority", 65535);
    else if (matches(key, "cost")) draft.cost = number(words, "cost", 0xffffffff);
    else if (flag !== undefined) {
      const value = words.value();
      if (value !== "on" && value !== "off")
        fail(1, `Error: argument of "${flag}" must be one of "off", "on", not "${value}"\n`);
      setPortFlag(draft, flag, value === "on");
    } else if (matches(key, "help")) fail(1, BRIDGE_SLAVE_KIND_USAGE);
    else if (["fdb_flush", "mcast_router", "group_fwd_mask", "backup_port", "nobackup_port"].includes(key))
      refuse(`the bridge port option "${key}"`);
    else fail(1, `bridge_slave: unknown option "${key}"?\n${BRIDGE_SLAVE_KIND_USAGE}`);
  }
  return draft;
}

export const BRIDGE_SLAVE: LinkKindParser = {
  kind: "bridge_slave",
  usage: BRIDGE_SLAVE_KIND_USAGE,
  add: () => fail(2, "Error: Unknown device type.\n"),
  change: (_ip, words) => ({ port: readPortOptions(words) }),
};
