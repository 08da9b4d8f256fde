import type { FibRule, FibRules } from "../fib-rules.ts";
import type { RuleApi, RuleInfo } from "./rule.ts";
import type { Actor } from "./types.ts";

/** Models: fib_nl_newrule, fib_nl_delrule, fib_nl_dumprule of one family. */
export function ruleApi<A>(rules: FibRules<A>, by: Actor): RuleApi<A> {
  return {
    list: () => rules.list.map((rule) => ruleInfo(rule)),
    add: (spec) => rules.add(spec, by),
    delete: (spec) => rules.delete(spec, by),
  };
}

export function ruleInfo<A>(r: FibRule<A>): RuleInfo<A> {
  return {
    id: r.id,
    priority: r.priority,
    action: r.action,
    ...(r.action === "lookup" && { table: r.table }),
    ...(r.action === "goto" && { target: r.target }),
    ...(r.invert && { invert: true }),
    ...(r.src !== null && { src: r.src }),
    ...(r.dst !== null && { dst: r.dst }),
    ...(r.iifName !== "" && { iif: r.iifName }),
    ...(r.oifName !== "" && { oif: r.oifName }),
    ...((r.mark !== 0 || r.mask !== 0) && { mark: r.mark, mask: r.mask }),
    ...(r.tos !== 0 && { tos: r.tos }),
    ...(r.ipProtocol !== 0 && { ipProtocol: r.ipProtocol }),
    ...(r.sourcePorts !== null && { sourcePorts: r.sourcePorts }),
    ...(r.destinationPorts !== null && { destinationPorts: r.destinationPorts }),
    ...(r.suppressPrefixLength >= 0 && { suppressPrefixLength: r.suppressPrefixLength }),
    ...(r.suppressGroup >= 0 && { suppressGroup: r.suppressGroup }),
    protocol: r.protocol,
    iifDetached: r.iif < 0,
    oifDetached: r.oif < 0,
    unresolved: r.action === "goto" && r.jump < 0,
    by: r.by,
  };
}
