import type { MacvlanMode, MacvlanOptions } from "../../../kernel/uapi/index.ts";
import { fail, refuse } from "../../args/exit.ts";
import { matches, type Words } from "../../args/words.ts";
import { commonSpec, type LinkKindParser, lowerSpec } from "./kind.ts";

const USAGE = `Usage: ... macvlan mode MODE [flag MODE_FLAG] MODE_OPTS [bcqueuelen BC_QUEUE_LEN]

MODE: private | vepa | bridge | passthru | source
MODE_FLAG: null | nopromisc | nodst
MODE_OPTS: for mode "source":
	macaddr { { add | del } <macaddr> | set [ <macaddr> [ <macaddr>  ... ] ] | flush }
BC_QUEUE_LEN: Length of the rx queue for broadcast/multicast: [0-4294967295]
`;

const MODES: ReadonlyMap<string, MacvlanMode> = new Map(
  (["private", "vepa", "bridge", "passthru"] as const).map((mode) => [mode, mode]),
);

function readMode(word: string): MacvlanMode {
  if (word === "source") refuse("macvlan mode source");
  return (
    MODES.get(word) ??
    fail(
      1,
      `Error: argument of "mode" must be "private", "vepa", "bridge", "passthru" or "source", not "${word}"\n`,
    )
  );
}

/** Models: ip/iplink_macvlan.c macvlan_parse_opt. */
function readMacvlan(words: Words): Partial<MacvlanOptions> {
  let mode: MacvlanMode | undefined;
  for (let word = words.next(); word !== undefined; word = words.next()) {
    if (matches(word, "mode")) mode = readMode(words.value());
    else if (matches(word, "flag")) {
      const flag = words.value();
      if (flag !== "null") refuse(`the macvlan flag "${flag}"`);
    } else if (["nopromisc", "nodst", "macaddr", "bcqueuelen"].some((key) => matches(word, key)))
      refuse(`the macvlan option "${word}"`);
    else if (matches(word, "help")) fail(1, USAGE);
    else fail(1, `macvlan: unknown option "${word}"?\n${USAGE}`);
  }
  return mode === undefined ? {} : { mode };
}

export const MACVLAN: LinkKindParser = {
  kind: "macvlan",
  usage: USAGE,
  add(ip, draft, words, target) {
    const macvlan = readMacvlan(words);
    return { kind: "macvlan", ...commonSpec(draft), ...lowerSpec(ip, draft, target), macvlan };
  },
  change: (_ip, words) => ({ macvlan: readMacvlan(words) }),
};
