import type { PolicyRow } from "../trace/rows.ts";
import type { FibRule, RuleFamily } from "./fib-rules.ts";
import type { PortRange, RulePrefix } from "./uapi/index.ts";

/** A rule of policy routing as the journal has it: what it does not ask for is left out. */
export function policyRow<A>(rule: FibRule<A>, family: RuleFamily<A>): PolicyRow {
  const { priority, action, table, target, protocol, mark, mask } = rule;
  const prefix = (of: RulePrefix<A> | null): string =>
    of === null ? "" : `${family.text(of.address)}/${of.length}`;
  return {
    family: family.name,
    priority,
    action,
    ...(action === "lookup" && { table }),
    ...(action === "goto" && { target }),
    ...(rule.invert && { invert: true }),
    ...(rule.src !== null && { src: prefix(rule.src) }),
    ...(rule.dst !== null && { dst: prefix(rule.dst) }),
    ...(rule.iifName !== "" && { iif: rule.iifName }),
    ...(rule.oifName !== "" && { oif: rule.oifName }),
    ...((mark !== 0 || mask !== 0) && { mark, mask: mask >>> 0 }),
    ...(rule.tos !== 0 && { tos: rule.tos }),
    ...(rule.ipProtocol !== 0 && { ipProtocol: rule.ipProtocol }),
    ...(rule.sourcePorts !== null && { sourcePorts: ports(rule.sourcePorts) }),
    ...(rule.destinationPorts !== null && { destinationPorts: ports(rule.destinationPorts) }),
    ...(rule.suppressPrefixLength >= 0 && { suppressPrefixLength: rule.suppressPrefixLength }),
    ...(rule.suppressGroup >= 0 && { suppressGroup: rule.suppressGroup }),
    protocol,
  };
}

function ports({ first, last }: PortRange): string {
  return first === last ? String(first) : `${first}-${last}`;
}
