import type { BridgePortOptions } from "../../kernel/uapi/index.ts";
import { refuse } from "../args/exit.ts";

/** What `ip link set type bridge_slave` and `bridge link set` can say about a port. */

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
