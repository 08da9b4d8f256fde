import { wrong } from "./failure.ts";
import type { LongName } from "./getopt.ts";

/** The commands and common options of iptables(8), and which go together. Models: xshared.c. */

export type Op =
  | "append"
  | "check"
  | "delete"
  | "delete-number"
  | "insert"
  | "replace"
  | "list"
  | "list-rules"
  | "flush"
  | "zero"
  | "zero-number"
  | "new-chain"
  | "delete-chain"
  | "rename-chain"
  | "policy";

const COMMAND_LETTERS: Readonly<Record<Op, string>> = {
  append: "A",
  check: "C",
  delete: "D",
  "delete-number": "D",
  insert: "I",
  replace: "R",
  list: "L",
  "list-rules": "S",
  flush: "F",
  zero: "Z",
  "zero-number": "Z",
  "new-chain": "N",
  "delete-chain": "X",
  "rename-chain": "E",
  policy: "P",
};

/** getopt(3)'s letters; `b` is none. */
export const SHORT_OPTIONS = "A:C:D:R:I:L::S::M:F::Z::N:X::E:P:Vh::o:p:s:d:j:i:fvw::W::nt:m:xc:g:46";

function longName(entry: string): LongName {
  const [name = "", key = ""] = entry.split("/");
  const argument = key.endsWith("::") ? "optional" : key.endsWith(":") ? "required" : "none";
  return { name, argument, key: key.replace(/:+$/, "") };
}

export const LONG_OPTIONS: readonly LongName[] = (
  "append/A: delete/D: check/C: insert/I: replace/R: list/L:: list-rules/S:: flush/F:: zero/Z:: new-chain/N: " +
  "delete-chain/X:: rename-chain/E: policy/P: source/s: destination/d: src/s: dst/d: protocol/p: in-interface/i: jump/j: " +
  "table/t: match/m: numeric/n out-interface/o: verbose/v wait/w:: wait-interval/W:: exact/x fragments/f version/V " +
  "help/h:: line-numbers/0 modprobe/M: set-counters/c: goto/g: ipv4/4 ipv6/6"
)
  .split(" ")
  .map(longName);

/** Adds a command to those given before, if it may stand beside them. */
export function addCommand(ops: Op[], op: Op, beside: readonly Op[], invert: boolean): void {
  if (invert) wrong("unexpected '!' flag");
  const clash = ops.find((other) => !beside.includes(other));
  if (clash !== undefined) wrong(`Cannot use -${COMMAND_LETTERS[op]} with -${COMMAND_LETTERS[clash]}`);
  ops.push(op);
}

/** The common options that commands may forbid, in the order of xshared.c's bits. */
const OPTION_LETTERS = "nsdpjvxio0cf";

/** Those that a command forbids. */
const RULE_FORBIDS = "nx0";
const FORBIDDEN: Readonly<Record<Op, string>> = {
  append: RULE_FORBIDS,
  insert: RULE_FORBIDS,
  replace: RULE_FORBIDS,
  check: `${RULE_FORBIDS}c`,
  delete: `${RULE_FORBIDS}c`,
  list: "sdpjiocf",
  policy: "nsdpjxio0f",
  "delete-number": "nsdpjxio0cf",
  "list-rules": "nsdpjxio0cf",
  flush: "nsdpjxio0cf",
  zero: "nsdpjxio0cf",
  "zero-number": "nsdpjxio0cf",
  "new-chain": "nsdpjxio0cf",
  "delete-chain": "nsdpjxio0cf",
  "rename-chain": "nsdpjxio0cf",
};

/** Models: generic_opt_check: an option is wrong when every command forbids it. */
export function checkOptions(ops: readonly Op[], given: ReadonlySet<string>): void {
  for (const letter of OPTION_LETTERS)
    if (given.has(letter) && ops.every((op) => FORBIDDEN[op].includes(letter)))
      wrong(`Illegal option \`-${letter}' with this command`);
}
