import type { IpvlanOptions } from "../../../kernel/uapi/index.ts";
import { fail } from "../../args/exit.ts";
import { matches, type Words } from "../../args/words.ts";
import { commonSpec, type LinkKindParser, lowerSpec } from "./kind.ts";

const USAGE = `Usage: ... ipvlan [ mode MODE ] [ FLAGS ]

MODE: l3 | l3s | l2
FLAGS: bridge | private | vepa
(first values are the defaults if nothing is specified).
`;

function readMode(word: string): IpvlanOptions["mode"] {
  if (word === "l2" || word === "l3" || word === "l3s") return word;
  return fail(1, `Error: argument of "mode" must be either "l2", "l3" or "l3s"\n`);
}

/** Models: ip/iplink_ipvlan.c ipvlan_parse_opt: the flag is always told, "bridge" when none is named. */
function readIpvlan(words: Words): Partial<IpvlanOptions> {
  let mode: IpvlanOptions["mode"] | undefined;
  let flag: IpvlanOptions["flag"] = "bridge";
  for (let word = words.next(); word !== undefined; word = words.next()) {
    if (matches(word, "mode")) mode = readMode(words.value());
    else if (matches(word, "bridge")) flag = "bridge";
    else if (matches(word, "private")) flag = "private";
    else if (matches(word, "vepa")) flag = "vepa";
    else if (matches(word, "help")) fail(1, USAGE);
    else fail(1, `ipvlan: unknown option "${word}"?\n${USAGE}`);
  }
  return { ...(mode !== undefined && { mode }), flag };
}

export const IPVLAN: LinkKindParser = {
  kind: "ipvlan",
  usage: USAGE,
  add(ip, draft, words, target) {
    const ipvlan = { mode: "l3", ...readIpvlan(words) } as const;
    return { kind: "ipvlan", ...commonSpec(draft), ...lowerSpec(ip, draft, target), ipvlan };
  },
  change: (_ip, words) => ({ ipvlan: readIpvlan(words) }),
};
