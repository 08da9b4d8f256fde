import { fail } from "../../args/exit.ts";
import { matches } from "../../args/words.ts";
import type { Verb } from "../context.ts";

/** Verbs by their names in iproute2's order of trial; names of one verb are parted by blanks. */
export type NamedVerbs = readonly (readonly [names: string, verb: Verb])[];

/** What the word after `ip xfrm OBJECT` asks for; `bare` when there is none. */
export function verbOf(object: string, verbs: NamedVerbs, bare: Verb): Verb {
  return (ip, words) => {
    const word = words.next();
    if (word === undefined) return bare(ip, words);
    const found = verbs.find(([names]) => names.split(" ").some((name) => matches(word, name)));
    if (found === undefined) fail(255, `Command "${word}" is unknown, try "ip xfrm ${object} help".\n`);
    return found[1](ip, words);
  };
}
