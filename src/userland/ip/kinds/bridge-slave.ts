import type { BridgePortOptions } from "../../../kernel/uapi/index.ts";
import { fail, refuse } from "../../args/exit.ts";
import { invalidArgument, matches, parseUnsigned, type Words } from "../../args/words.ts";
import { PORT_FLAGS, PORT_STATES, type PortDraft, setPortFlag } from "../../netlink/port-options.ts";
import { BRIDGE_SLAVE_KIND_USAGE } from "../usage.ts";
import type { LinkKindParser } from "./kind.ts";

/** Models: ip/iplink_bridge_slave.c bridge_slave_parse_opt. */

function number(words: Words, key: string, max: number): number {
  const word = words.value();
  return parseUnsigned(word, max) ?? invalidArgument(`${key} is invalid`, word);
}

function portState(value: number): BridgePortOptions["state"] {
  return PORT_STATES[value] ?? fail(2, "RTNETLINK answers: Invalid argument\n");
}

function readPortOptions(words: Words): PortDraft {
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
