import { err, ok, type Result } from "../../../base/result.ts";
import type { Errno, XtHook, XtMatch, XtRule, XtTableName, XtTarget } from "../../uapi/index.ts";
import { IPPROTO_ICMP, IPPROTO_ICMPV6, IPPROTO_SCTP, IPPROTO_TCP, IPPROTO_UDP } from "../../../wire/ipv4.ts";
import { HOOK_NUMBER } from "../hooks.ts";
import type { Draft, DraftChain } from "./draft.ts";
import { chainNamed, type Reach, UNREACHED, type XtChain } from "./table.ts";

/** Jumps below a built-in chain may be this deep. Models: NFT_JUMP_STACK_SIZE. */
const MAX_DEPTH = 15;

const ALL_HOOKS = 0x1f;

function hooks(...names: readonly XtHook[]): number {
  return names.reduce((bits, name) => bits | (1 << HOOK_NUMBER[name]), 0);
}

const ENTRY = hooks("PREROUTING", "INPUT", "FORWARD");
const EXIT = hooks("FORWARD", "OUTPUT", "POSTROUTING");
const MULTIPORT_PROTOCOLS: ReadonlySet<number> = new Set([IPPROTO_TCP, IPPROTO_UDP, 33, IPPROTO_SCTP, 136]);

/** Tables and hooks that take a target; absent: any. Models: the table and hooks fields of struct xt_target. */
const TARGETS: Partial<Record<XtTarget["kind"], { table?: XtTableName; hooks?: number }>> = {
  REJECT: { table: "filter", hooks: hooks("INPUT", "FORWARD", "OUTPUT") },
  DNAT: { table: "nat", hooks: hooks("PREROUTING", "OUTPUT") },
  REDIRECT: { table: "nat", hooks: hooks("PREROUTING", "OUTPUT") },
  SNAT: { table: "nat", hooks: hooks("POSTROUTING", "INPUT") },
  MASQUERADE: { table: "nat", hooks: hooks("POSTROUTING") },
  NETMAP: { table: "nat", hooks: hooks("PREROUTING", "INPUT", "OUTPUT", "POSTROUTING") },
  CT: { table: "raw" },
  NOTRACK: { table: "raw" },
  TTL: { table: "mangle" },
  HL: { table: "mangle" },
  TOS: { table: "mangle" },
  DSCP: { table: "mangle" },
  CHECKSUM: { table: "mangle" },
  CLASSIFY: { hooks: EXIT },
};

function matchHooks(match: XtMatch): number {
  switch (match.kind) {
    case "owner":
      return hooks("OUTPUT", "POSTROUTING");
    case "rpfilter":
      return hooks("PREROUTING");
    case "socket":
      return hooks("PREROUTING", "INPUT");
    case "mac":
      return ENTRY;
    case "policy":
      return match.dir === "in" ? ENTRY : EXIT;
    case "addrtype":
      return (
        (match.limitIfaceIn === true ? ENTRY : ALL_HOOKS) & (match.limitIfaceOut === true ? EXIT : ALL_HOOKS)
      );
    case "physdev":
      return match.out !== undefined || match.isOut !== undefined ? ALL_HOOKS & ~hooks("OUTPUT") : ALL_HOOKS;
    default:
      return ALL_HOOKS;
  }
}

/** Hooks at which a rule may stand, as bits. */
export function allowedHooks(rule: XtRule): number {
  let allowed = ALL_HOOKS;
  for (const match of rule.matches) allowed &= matchHooks(match);
  const { target } = rule;
  if (target === undefined) return allowed;
  if (target.kind === "TCPMSS" && target.mss === undefined) allowed &= EXIT;
  return allowed & (TARGETS[target.kind]?.hooks ?? ALL_HOOKS);
}

/** The protocol that a match or target needs, if it needs one. */
function protocolFits(rule: XtRule): boolean {
  const { protocol } = rule;
  const only = protocol === undefined || protocol.invert === true ? 0 : protocol.number;
  for (const { kind } of rule.matches) {
    if (kind === "tcp" && only !== IPPROTO_TCP) return false;
    if (kind === "udp" && only !== IPPROTO_UDP) return false;
    if (kind === "sctp" && only !== IPPROTO_SCTP) return false;
    if (kind === "icmp" && only !== IPPROTO_ICMP) return false;
    if (kind === "icmp6" && only !== IPPROTO_ICMPV6) return false;
    if (kind === "multiport" && !MULTIPORT_PROTOCOLS.has(only)) return false;
  }
  const { target } = rule;
  if (target?.kind === "TCPMSS") return only === IPPROTO_TCP;
  if (target?.kind === "REJECT" && target.with === "tcp-reset") return only === IPPROTO_TCP;
  return true;
}

/** Whether a table takes a rule at all. `hook` is that of a built-in chain. Models: xt_check_match, xt_check_target. */
export function checkRule(table: XtTableName, hook: XtHook | null, rule: XtRule): Result<void, Errno> {
  const { target } = rule;
  const only = target === undefined ? undefined : TARGETS[target.kind]?.table;
  if (only !== undefined && only !== table) return err("EINVAL");
  if (rule.matches.some((m) => m.kind === "rpfilter") && table !== "raw" && table !== "mangle")
    return err("EINVAL");
  if (!protocolFits(rule)) return err("EINVAL");
  if (hook !== null && (allowedHooks(rule) & (1 << HOOK_NUMBER[hook])) === 0) return err("EINVAL");
  return ok();
}

/** Whether such a rule can make a table invalid that was valid before. */
export function needsValidation(rule: XtRule): boolean {
  return chainNamed(rule) !== undefined || allowedHooks(rule) !== ALL_HOOKS;
}

/** What built-in chains lead to must be neither too deep nor at the wrong hook. Models: nft_table_validate. */
export function validate(draft: Draft): Result<void, Errno> {
  draft.reach.clear();
  draft.reachedAll = false;
  const changed = new Validation(draft).check(draft.changed.values());
  if (changed.ok) return changed;
  // What is known of how chains are reached may be too much: found out afresh, it counts.
  draft.reach.clear();
  draft.reachedAll = true;
  return new Validation(draft).check(draft.all());
}

/** Follows jumps from changed chains as far as they change how chains are reached. */
class Validation {
  private readonly draft: Draft;

  constructor(draft: Draft) {
    this.draft = draft;
  }

  check(chains: Iterable<DraftChain>): Result<void, Errno> {
    for (const chain of chains) {
      const { hook } = chain.chain;
      const reach = hook === null ? this.reachOf(chain.chain) : { level: 0, hooks: 1 << HOOK_NUMBER[hook] };
      if (reach.level < 0) continue;
      const checked = this.below(chain, reach);
      if (!checked.ok) return checked;
    }
    return ok();
  }

  private reachOf(chain: XtChain): Reach {
    return this.draft.reach.get(chain) ?? (this.draft.reachedAll ? UNREACHED : chain.reach);
  }

  private below(chain: DraftChain, reach: Reach): Result<void, Errno> {
    for (const { rule, hooks: allowed } of chain.rules) {
      if ((reach.hooks & ~allowed) !== 0) return err("EINVAL");
      const name = chainNamed(rule);
      if (name === undefined) continue;
      const raised = this.raise(name, reach);
      if (!raised.ok) return raised;
    }
    return ok();
  }

  private raise(name: string, from: Reach): Result<void, Errno> {
    const known = this.reachOf(this.draft.peek(name));
    const level = Math.max(known.level, from.level + 1);
    const hookBits = known.hooks | from.hooks;
    if (level === known.level && hookBits === known.hooks) return ok();
    if (level > MAX_DEPTH) return err("EMLINK");
    const chain = this.draft.chain(name);
    if (chain === undefined) return ok();
    const reach = { level, hooks: hookBits };
    this.draft.reach.set(chain.chain, reach);
    return this.below(chain, reach);
  }
}
