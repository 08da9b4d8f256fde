import type { DropRecord } from "../../../trace/record.ts";
import { isTyped, type RuleLine } from "../netfilter.ts";
import { policyOf, type PolicyVerdict } from "../policy.ts";
import { commandAt, type Context, packetOf, placeName } from "./context.ts";
import { rulesOf } from "./netfilter.ts";
import { type Explanation, phrase, type Phrase } from "./phrase.ts";

/** What a program is told when its packet is refused, by what REJECT sends. RFC 1122 4.2.3.9, ip(7), connect(2). */
const ERRORS: Readonly<Record<string, string>> = {
  "port-unreachable": "Connection refused",
  "tcp-reset": "Connection refused",
  "tcp reset": "Connection refused",
  "net-unreachable": "Network is unreachable",
  "net-prohibited": "Network is unreachable",
  "host-unreachable": "No route to host",
  "host-prohibited": "No route to host",
  "admin-prohibited": "No route to host",
  "proto-unreachable": "Protocol not available",
  "prot-unreachable": "Protocol not available",
  // ip6tables' words: what icmpv6_err_convert makes of RFC 4443's codes.
  "no-route": "Network is unreachable",
  "adm-prohibited": "Permission denied",
  "addr-unreach": "No route to host",
  "addr-unreachable": "No route to host",
  "port-unreach": "Connection refused",
  "policy-fail": "Permission denied",
  "reject-route": "Permission denied",
};

/** What goes back to the sender: `icmp-port-unreachable` in iptables' words, `icmp port-unreachable` in nft's. */
function refusalOf({ tool, text }: RuleLine): Phrase {
  const asked =
    tool === "nft"
      ? /\breject(?: with (?:icmp(?:x|v6)? )?(\S+(?: reset)?))?/
      : /--reject-with (?:icmp6?-)?(\S+)/;
  const kind = (asked.exec(text)?.[1] ?? "port-unreachable").replace(/,.*/, "");
  return phrase(kind.startsWith("tcp") ? "reject.reset" : "reject.icmp", {
    kind: kind.startsWith("tcp") ? "RST" : `${/\bicmp(?:6|v6)\b/.test(text) ? "ICMPv6" : "ICMP"} ${kind}`,
    error: ERRORS[kind] ?? kind,
  });
}

interface Told {
  readonly reason: readonly Phrase[];
  readonly advice: Phrase;
  readonly checks: readonly string[];
}

function byPolicy(verdict: PolicyVerdict, rule: RuleLine, values: Phrase["values"]): Told {
  const { plugin, pod, direction, policies, why } = verdict;
  const [namespace = "", name = ""] = (policies[0]?.name ?? "").split("/");
  const names = policies.map((policy) => policy.name).join(", ");
  const told = { ...values, plugin, pod, direction, policies: names, namespace, name };
  const count = policies.length === 0 ? "policy.none" : policies.length === 1 ? "policy.one" : "policy.many";
  const key = why === "denied" ? "policy.deny" : why === "program" ? "policy.program" : count;
  const advice = why === "denied" ? "policy.deny.try" : "policy.try";
  return {
    reason: [
      phrase(`${key}.${direction}`, told),
      ...(rule.deed === "reject" ? [refusalOf(rule)] : [phrase("drop.silent", told)]),
    ],
    advice: phrase(policies.length === 0 ? "policy.none.try" : advice, told),
    checks: policies.map(({ show }) => show),
  };
}

function byService(rule: RuleLine, values: Phrase["values"]): Told {
  return {
    reason: [phrase("drop.endpoints", values), refusalOf(rule)],
    advice: phrase("drop.endpoints.try", values),
    checks: [],
  };
}

/** kube-proxy refuses what asks a Service without endpoints: by a comment of iptables, or a map of nftables. */
function isWithoutEndpoints(rule: RuleLine, met: readonly RuleLine[]): boolean {
  if (/has no endpoints/.test(rule.text)) return true;
  return met.some(({ member }) => member?.set === "no-endpoint-services");
}

/** The same for a Service whose policy is Local, on a node that has none of its pods. */
function isWithoutLocal(rule: RuleLine, met: readonly RuleLine[]): boolean {
  if (/has no local endpoints/.test(rule.text)) return true;
  return met.some(({ member }) => member?.set === "no-endpoint-nodeports");
}

function byLocal(values: Phrase["values"]): Told {
  return {
    reason: [phrase("drop.local", values), phrase("drop.silent", values)],
    advice: phrase("drop.local.try", values),
    checks: ["kubectl get pods -A -o wide"],
  };
}

function byRule(rule: RuleLine, values: Phrase["values"]): Told {
  const { number, deed, actor, commands } = rule;
  if (rule.table === "nfqueue")
    return { reason: [phrase("drop.queue", values)], advice: phrase("drop.queue.try", values), checks: [] };
  if (number === 0)
    return { reason: [phrase("drop.policy", values)], advice: phrase("drop.policy.try", values), checks: [] };
  const isReject = deed === "reject";
  return {
    reason: [phrase(isReject ? "drop.reject" : "drop.rule", values), ...(isReject ? [refusalOf(rule)] : [])],
    advice: phrase(isTyped(rule) ? "drop.rule.typed.try" : "drop.rule.try", {
      ...values,
      actor: actor || "?",
      command: commands.remove,
    }),
    checks: [],
  };
}

/** A rule, or a chain's policy, threw the packet away. */
export function explainCulprit(c: Context, drop: DropRecord): Explanation | undefined {
  const met = rulesOf(c, c.step.fate?.met ?? c.step.rules);
  const rule = met.at(-1);
  if (rule === undefined) return undefined;
  const { src, dst } = packetOf(c.step);
  const values = {
    table: rule.table,
    chain: rule.chain,
    number: rule.number,
    text: rule.text,
    service: rule.service ?? met.findLast(({ service }) => service !== undefined)?.service ?? dst,
    place: placeName(c),
    src,
    dst,
    reason: drop.reason,
    where: drop.where,
  };
  const policy = policyOf(met);
  const told =
    policy !== undefined
      ? byPolicy(policy, rule, values)
      : rule.deed === "reject" && isWithoutEndpoints(rule, met)
        ? byService(rule, values)
        : rule.deed === "drop" && isWithoutLocal(rule, met)
          ? byLocal(values)
          : byRule(rule, values);
  const isReject = rule.deed === "reject";
  const asked = policy?.policies.map(({ name }) => name).join(", ") ?? "";
  const badge = { ...values, policy: asked };
  return {
    headline:
      asked === ""
        ? phrase(isReject ? "drop.rejected" : "drop", values)
        : phrase(isReject ? "policy.rejected" : "policy.dropped", { ...values, policy: asked }),
    reason: told.reason,
    advice: told.advice,
    rules: met.slice(-4),
    // A program's answer has no listing of its own: the rule before it asked the program.
    check: commandAt(c, drop.netns, (rule.table === "nfqueue" ? met.at(-2) : rule)?.commands.show ?? ""),
    checks: told.checks,
    policy: asked === "" ? undefined : asked,
    badge: phrase(asked !== "" ? "badge.policy" : isReject ? "badge.reject" : "badge.rule", badge),
  };
}
