import { ruleHashes } from "../hash.ts";

/** What a rule does. `chain` is where it leads; `returns` that it gives the packet back to the caller. */
export interface Action {
  readonly text: string;
  readonly chain?: string;
  readonly returns?: true;
}

/** A rule as Felix thinks of it, in the words that it hands to iptables-restore. Models: felix/generictables Rule. */
export interface Rule {
  readonly match?: readonly string[];
  readonly action?: Action;
  readonly comments?: readonly string[];
  /** For whom it stands there: a policy, a profile, a pod. Absent: for Felix itself. */
  readonly owner?: string;
}

export interface Chain {
  readonly name: string;
  readonly rules: readonly Rule[];
}

/** The longest name of a chain. */
export const CHAIN_NAME_LENGTH = 28;

export const ACCEPT: Action = { text: "--jump ACCEPT" };
export const DROP: Action = { text: "--jump DROP" };
export const REJECT: Action = { text: "--jump REJECT" };
export const RETURN: Action = { text: "--jump RETURN", returns: true };
export const NOTRACK: Action = { text: "--jump NOTRACK" };

export function jump(chain: string): Action {
  return { text: `--jump ${chain}`, chain };
}

export function goTo(chain: string): Action {
  return { text: `--goto ${chain}`, chain };
}

const hex = (bits: number): string => `0x${(bits >>> 0).toString(16)}`;

export function setMark(mark: number, mask = mark): Action {
  return { text: `--jump MARK --set-mark ${mark === 0 ? "0x0" : hex(mark)}/${hex(mask)}` };
}

export function clearMark(mark: number): Action {
  return { text: `--jump MARK --set-mark 0/${hex(mark)}` };
}

export function logPacket(prefix: string): Action {
  return { text: `--jump LOG --log-prefix "${prefix}: " --log-level 5` };
}

/** `--random-fully` has been there since iptables 1.6.2. */
export function masquerade(ports = ""): Action {
  return { text: `--jump MASQUERADE${ports === "" ? "" : ` --to-ports ${ports}`} --random-fully` };
}

export function snat(to: string): Action {
  return { text: `--jump SNAT --to-source ${to} --random-fully` };
}

/** DROP as comments name it. */
export const actionName = (action: Action): string =>
  action === DROP ? "Drop" : action === REJECT ? "Reject" : action.text;

export const markSet = (mark: number, mask = mark): string => `-m mark --mark ${hex(mark)}/${hex(mask)}`;
export const markNotSet = (mark: number, mask: number): string =>
  `-m mark ! --mark ${hex(mark)}/${hex(mask)}`;
export const markClear = (mark: number): string => `-m mark --mark 0/${hex(mark)}`;
export const markNotClear = (mark: number): string => `-m mark ! --mark 0/${hex(mark)}`;

const UNSAFE = /[^\w @%+=:,./-]/g;
const LONGEST_COMMENT = 256;

function comments(rule: Rule): readonly string[] {
  return (rule.comments ?? []).map(
    (text) => `-m comment --comment "${text.replace(UNSAFE, "_").slice(0, LONGEST_COMMENT)}"`,
  );
}

function body(rule: Rule): readonly string[] {
  return [...(rule.match ?? []), ...(rule.action === undefined ? [] : [rule.action.text])];
}

/** The rule with the name that its comment carries. */
export interface HashedRule {
  readonly rule: Rule;
  readonly hash: string;
  /** What follows `-A CHAIN`. */
  readonly spec: string;
}

/** Models: felix/iptables/renderer.go RuleHashes, RenderAppend. */
export function hashed(chain: string, rules: readonly Rule[]): readonly HashedRule[] {
  const texts = rules.map((rule) => ["-A", chain, "HASH", ...comments(rule), ...body(rule)].join(" "));
  const hashes = ruleHashes(chain, texts);
  return rules.map((rule, i) => {
    const hash = hashes[i] ?? "";
    const spec = [`-m comment --comment "cali:${hash}"`, ...comments(rule), ...body(rule)].join(" ");
    return { rule, hash, spec };
  });
}
