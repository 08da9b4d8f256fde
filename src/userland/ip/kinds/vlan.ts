import type { VlanOptions } from "../../../kernel/uapi/index.ts";
import { fail, refuse } from "../../args/exit.ts";
import { invalidArgument, matches, parseUnsigned, type Words } from "../../args/words.ts";
import { commonSpec, type LinkKindParser, lowerSpec } from "./kind.ts";

const USAGE = `Usage: ... vlan id VLANID
		[ protocol VLANPROTO ]
		[ reorder_hdr { on | off } ]
		[ gvrp { on | off } ]
		[ mvrp { on | off } ]
		[ loose_binding { on | off } ]
		[ bridge_binding { on | off } ]
		[ ingress-qos-map QOS-MAP ]
		[ egress-qos-map QOS-MAP ]

VLANID := 0-4095
VLANPROTO: [ 802.1Q | 802.1ad ]
QOS-MAP := [ QOS-MAP ] QOS-MAPPING
QOS-MAPPING := FROM:TO
`;

type Draft = { -readonly [K in keyof VlanOptions]?: VlanOptions[K] };

function onOff(key: string, word: string): boolean {
  if (word === "on") return true;
  if (word === "off") return false;
  return fail(1, `Error: argument of "${key}" must be "on" or "off", not "${word}"\n`);
}

function readProtocol(word: string): void {
  const name = word.toLowerCase();
  if (name === "802.1ad") refuse("VLANs of protocol 802.1ad");
  if (name !== "802.1q") invalidArgument("protocol is invalid", word);
}

/** Models: ip/iplink_vlan.c vlan_parse_opt. */
function readVlan(words: Words): Draft {
  const draft: Draft = {};
  for (let word = words.next(); word !== undefined; word = words.next()) {
    const key = word;
    if (matches(key, "protocol")) readProtocol(words.value());
    else if (matches(key, "id")) {
      const text = words.value();
      draft.id = parseUnsigned(text, 65535) ?? invalidArgument("id is invalid", text);
    } else if (matches(key, "reorder_hdr")) {
      draft.reorderHeader = onOff("reorder_hdr", words.value());
      if (!draft.reorderHeader) refuse("reorder_hdr off");
    } else if (matches(key, "loose_binding")) draft.looseBinding = onOff("loose_binding", words.value());
    else if (["gvrp", "mvrp", "bridge_binding"].some((name) => matches(key, name))) {
      if (onOff(key, words.value())) refuse(`the vlan option "${key}"`);
    } else if (key.endsWith("-qos-map")) refuse(`the vlan option "${key}"`);
    else if (matches(key, "help")) fail(1, USAGE);
    else fail(1, `vlan: unknown command "${key}"?\n${USAGE}`);
  }
  return draft;
}

export const VLAN: LinkKindParser = {
  kind: "vlan",
  usage: USAGE,
  add(ip, draft, words, target) {
    const vlan = readVlan(words);
    return { kind: "vlan", ...commonSpec(draft), ...lowerSpec(ip, draft, target), vlan };
  },
  change: (_ip, words) => ({ vlan: readVlan(words) }),
};
