import type { RuleLine } from "./netfilter.ts";

/** A policy as its author knows it, and the command that shows it. */
export interface NamedPolicy {
  /** `default/only-frontend`; without a namespace when it is for the whole cluster. */
  readonly name: string;
  readonly show: string;
}

/** What a network plugin's chains say about a packet that they threw away. */
export interface PolicyVerdict {
  /** `kube-router`, `calico`, `kindnet`. */
  readonly plugin: string;
  /** `default/redis-master-5449b6b964-cn2gf`; the device when the chain tells no more. */
  readonly pod: string;
  readonly direction: "ingress" | "egress";
  /** `isolated`: policies select the pod, and none of them let the packet through; `denied`: one says no to it. */
  readonly why: "isolated" | "denied" | "program";
  /** The policies that select the pod, or the one that denies. */
  readonly policies: readonly NamedPolicy[];
}

function comments(text: string): readonly string[] {
  return [...text.matchAll(/--comment (?:"([^"]*)"|(\S+))/g)].map(
    ([, quoted, plain]) => quoted ?? plain ?? "",
  );
}

function ofKubernetes(name: string): NamedPolicy {
  const [namespace = "", own = ""] = name.split("/");
  return { name, show: `kubectl describe networkpolicy -n ${namespace} ${own}` };
}

/** kube-router: a chain a pod, KUBE-POD-FW-..., which asks the policies' chains and refuses what none of them marked. */
function byKubeRouter(culprit: RuleLine, met: readonly RuleLine[]): PolicyVerdict | undefined {
  if (!culprit.chain.startsWith("KUBE-POD-FW-")) return undefined;
  const pod = comments(culprit.text).flatMap(
    (text) => /^(\S+\/\S+) (?:reject|log-drop)$/.exec(text)?.[1] ?? [],
  )[0];
  const asked = met.filter(({ chain, deed }) => chain === culprit.chain && deed === "jump");
  const policies = asked.flatMap(({ text }) =>
    comments(text).flatMap((comment) => /^(\S+\/\S+) policy$/.exec(comment)?.[1] ?? []),
  );
  const entered = met.find(({ verdict }) => verdict === `JUMP:${culprit.chain}`);
  const isOut = comments(entered?.text ?? "").some((text) => / out$/.test(text));
  const direction = isOut ? "egress" : "ingress";
  return {
    plugin: "kube-router",
    pod: pod ?? "",
    direction,
    why: "isolated",
    policies: policies.map(ofKubernetes),
  };
}

/** `knp.default.only-frontend` is how Calico names Kubernetes' own policies, `default.no-ping` its own of the tier default. */
function calicoPolicy(text: string): NamedPolicy | undefined {
  const [, namespace, name] = /(?:^|[\s/])([a-z0-9-]+)\/knp\.default\.([a-z0-9.-]+)/.exec(text) ?? [];
  if (name !== undefined) return ofKubernetes(`${namespace ?? ""}/${name}`);
  const [, path, long] = /\bPolicy (?:([a-z0-9-]+)\/)?([^\s"/]+)/.exec(text) ?? [];
  if (long === undefined) return undefined;
  const own = long.replace(/^default\./, "");
  return path === undefined
    ? { name: own, show: `calicoctl get globalnetworkpolicy ${own} -o yaml` }
    : { name: `${path}/${own}`, show: `calicoctl get networkpolicy -n ${path} ${own} -o yaml` };
}

function calicoPolicies(texts: readonly string[]): readonly NamedPolicy[] {
  const all = texts.flatMap((text) => calicoPolicy(text) ?? []);
  return all.filter(({ name }, at) => all.findIndex((other) => other.name === name) === at);
}

const ENDPOINT_CHAIN = /^(?:filter-)?cali-(tw|fw)-(\S+)$/;
const POLICY_CHAIN = /^(?:filter-)?cali-p([io])-/;

/** Felix: an explicit Deny ends the packet in the chain of its policy, cali-pi-... or cali-po-... */
function byFelixDeny(culprit: RuleLine, met: readonly RuleLine[]): PolicyVerdict | undefined {
  const [, way] = POLICY_CHAIN.exec(culprit.chain) ?? [];
  if (way === undefined) return undefined;
  const device = met.flatMap(({ chain }) => ENDPOINT_CHAIN.exec(chain)?.[2] ?? []).at(-1) ?? "";
  const texts = met.filter(({ chain }) => chain === culprit.chain).map(({ text }) => text);
  const policies = calicoPolicies(texts);
  const direction = way === "i" ? "ingress" : "egress";
  return { plugin: "calico", pod: device, direction, why: "denied", policies };
}

/** Felix: cali-tw-DEVICE (to the workload) and cali-fw-DEVICE ask cali-pi-... and cali-po-... */
function byFelix(culprit: RuleLine, met: readonly RuleLine[]): PolicyVerdict | undefined {
  const [, way, device] = ENDPOINT_CHAIN.exec(culprit.chain) ?? [];
  if (way === undefined || device === undefined) return undefined;
  const texts = met
    .filter(({ chain }) => chain === culprit.chain || POLICY_CHAIN.test(chain))
    .flatMap((line) => [line.chain, line.text]);
  const direction = way === "tw" ? "ingress" : "egress";
  return { plugin: "calico", pod: device, direction, why: "isolated", policies: calicoPolicies(texts) };
}

/** kindnet: the rule sends the packet to a queue, and kindnetd, which reads it, says no. Which policy it asked it does not tell. */
function byKindnet(culprit: RuleLine, met: readonly RuleLine[]): PolicyVerdict | undefined {
  const queued = met.at(-2);
  if (culprit.table !== "nfqueue" || queued?.table !== "inet kindnet-network-policies") return undefined;
  const direction = /\bsaddr @podips/.test(queued.text) ? "egress" : "ingress";
  return { plugin: "kindnet", pod: "", direction, why: "program", policies: [] };
}

/**
 * Whose policy threw a packet away: read from the chain in which it ended, from the rules that it met before, and from
 * what the plugin writes into its comments. Undefined when no plugin's chain did it.
 */
export function policyOf(met: readonly RuleLine[]): PolicyVerdict | undefined {
  const culprit = met.at(-1);
  if (culprit === undefined || (culprit.deed !== "drop" && culprit.deed !== "reject")) return undefined;
  return (
    byKubeRouter(culprit, met) ??
    byFelix(culprit, met) ??
    byFelixDeny(culprit, met) ??
    byKindnet(culprit, met)
  );
}
