import { fail } from "../../args/exit.ts";
import { matches } from "../../args/words.ts";
import type { Verb } from "../context.ts";
import { xfrmMonitor } from "./monitor.ts";
import { xfrmPolicy } from "./policy.ts";
import { xfrmState } from "./state.ts";
import { XFRM_USAGE } from "./usage.ts";

/** In iproute2's order of trial. */
const OBJECTS: readonly (readonly [string, Verb])[] = [
  ["state", xfrmState],
  ["sa", xfrmState],
  ["policy", xfrmPolicy],
  ["monitor", xfrmMonitor],
];

/** `ip xfrm OBJECT`. Models: ip/ipxfrm.c do_xfrm. */
export const xfrm: Verb = (ip, words) => {
  const word = words.next() ?? fail(255, XFRM_USAGE);
  const found = OBJECTS.find(([name]) => matches(word, name));
  if (found === undefined) fail(255, XFRM_USAGE);
  return found[1](ip, words);
};
