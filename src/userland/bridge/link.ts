import type { BridgePortOptions, LinkInfo } from "../../kernel/uapi/index.ts";
import { fail, refuse } from "../args/exit.ts";
import type { Words } from "../args/words.ts";
import { done } from "../netlink/answer.ts";
import { bound } from "../netlink/link.ts";
import { linkFlags } from "../netlink/link-flags.ts";
import { PORT_FLAGS, PORT_STATES, type PortDraft, setPortFlag } from "../netlink/port-options.ts";
import { type Bridge, bridgeDevice, device, FAILED } from "./context.ts";
import { LINK_USAGE } from "./usage.ts";

/** `bridge link`. Models: bridge/link.c. */

function printDetails(bridge: Bridge, p: BridgePortOptions): void {
  const { out } = bridge;
  const flag = (key: string, on: boolean): void => out.add(key, on, `${key} ${on ? "on" : "off"} `);
  out.say("\n    ");
  flag("hairpin", p.hairpin);
  flag("guard", false);
  flag("root_block", false);
  flag("fastleave", false);
  flag("learning", p.learning);
  flag("flood", p.flood);
  flag("mcast_flood", p.mcastFlood);
  flag("bcast_flood", p.bcastFlood);
  out.add("mcast_router", 1, "mcast_router 1 ");
  flag("mcast_to_unicast", false);
  flag("neigh_suppress", p.neighSuppress);
  flag("vlan_tunnel", false);
  flag("isolated", p.isolated);
  flag("locked", false);
}

/**
 * What IFLA_LINK leads to: the kernel's answer for bridges leaves out the namespace, so the index of a veth's other end is
 * looked up in this one; and an index like the port's own is left out.
 */
function lowerOf(bridge: Bridge, link: LinkInfo): { name: string; down: boolean } | undefined {
  if (link.lower === null) return { name: "NONE", down: false };
  const other = bound(link);
  if (other === undefined || other.index === link.index) return undefined;
  const found = bridge.net.link.byIndex(other.index);
  return { name: found?.name ?? `if${other.index}`, down: found?.up === false };
}

function printPort(bridge: Bridge, link: LinkInfo, port: BridgePortOptions, master: LinkInfo): void {
  const { out } = bridge;
  out.object(null, () => {
    out.add("ifindex", link.index, `${link.index}: `);
    const lower = lowerOf(bridge, link);
    if (lower !== undefined) out.add("link", lower.name, "");
    out.add("ifname", link.name, `${link.name}${lower === undefined ? "" : `@${lower.name}`}: `);
    const flags = linkFlags(link, lower?.down ?? false);
    out.add("flags", flags, `<${flags.join(",")}> `);
    out.add("mtu", link.mtu, `mtu ${link.mtu} `);
    out.add("master", master.name, `master ${master.name} `);
    out.add("state", port.state, `state ${port.state} `);
    out.add("priority", port.priority, `priority ${port.priority} `);
    out.add("cost", port.cost, `cost ${port.cost} `);
    if (bridge.details) printDetails(bridge, port);
    out.say("\n");
  });
}

export function showLinks(bridge: Bridge, words: Words): number {
  let name: string | undefined;
  for (let word = words.next(); word !== undefined; word = words.next())
    name = word === "dev" ? words.value() : (name ?? word);
  const links = name === undefined ? bridge.net.link.list() : [device(bridge, name)];
  bridge.out.begin();
  for (const link of links) {
    const master = link.master === undefined ? undefined : bridge.net.link.byIndex(link.master);
    if (link.port !== undefined && master !== undefined) printPort(bridge, link, link.port, master);
  }
  return 0;
}

/** atoi(3). */
function integer(word: string): number {
  return Number.parseInt(word, 10) || 0;
}

function readState(word: string): BridgePortOptions["state"] {
  if (/^\d+$/.test(word))
    return PORT_STATES[Number(word)] ?? fail(FAILED, "RTNETLINK answers: Invalid argument\n");
  const state = PORT_STATES.find((name) => name === word);
  return state ?? fail(FAILED, "Error: invalid STP port state\n");
}

/** parse_on_off() and the negative errno that `bridge` exits with. */
const EINVAL_STATUS = 234;

function readFlag(key: string, word: string): boolean {
  if (word === "on") return true;
  return word === "off"
    ? false
    : fail(EINVAL_STATUS, `Error: argument of "${key}" must be one of "off", "on", not "${word}"\n`);
}

const UNMODELLED = [
  "learning_sync",
  "hwmode",
  "mcast_router",
  "backup_port",
  "nobackup_port",
  "vlan",
  "self",
];

export function setLink(bridge: Bridge, words: Words): number {
  const draft: PortDraft = {};
  let name: string | undefined;
  for (let word = words.next(); word !== undefined; word = words.next()) {
    const key = word;
    if (key === "dev") name = words.value();
    else if (key === "cost") {
      const cost = integer(words.value());
      if (cost > 0) draft.cost = cost;
    } else if (key === "priority") draft.priority = integer(words.value());
    else if (key === "state") draft.state = readState(words.value());
    else if (PORT_FLAGS.has(key)) setPortFlag(draft, key, readFlag(key, words.value()));
    else if (UNMODELLED.includes(key)) refuse(`the bridge port option "${key}"`);
    else if (key !== "master") fail(FAILED, LINK_USAGE);
  }
  if (name === undefined) fail(FAILED, "Device is a required argument.\n");
  const link = bridgeDevice(bridge, name);
  done(bridge.net.link.change(link.index, { port: draft }), FAILED);
  return 0;
}
