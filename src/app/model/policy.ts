import type { RuleLine } from "./netfilter.ts";

/** What a network plugin's chains say about a packet that they threw away. */
export interface PolicyVerdict {
  /** `kube-router`, `calico`. */
  readonly plugin: string;
  /** `default/redis-master-5449b6b964-cn2gf`; the device when the chain tells no more. */
  readonly pod: string;
  readonly direction: "ingress" | "egress";
  /** The policies that select the pod, `default/only-frontend`; none of them let the packet through. */
  readonly policies: readonly string[];
}

function comments(text: string): readonly string[] {
  return [...text.matchAll(/--comment (?:"([^"]*)"|(\S+))/g)].map(
    ([, quoted, plain]) => quoted ?? plain ?? "",
  );
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
  return { plugin: "kube-router", pod: pod ?? "", direction: isOut ? "egress" : "ingress", policies };
}

/** `knp.default.only-frontend` is how Calico names Kubernetes' own policies. */
function calicoName(text: string): string | undefined {
  const [, namespace, name] = /(?:^|[\s/])([a-z0-9-]+)\/knp\.default\.([a-z0-9.-]+)/.exec(text) ?? [];
  if (name !== undefined) return `${namespace ?? ""}/${name}`;
  return /\bPolicy (\S+)/.exec(text)?.[1];
}

/** Felix: cali-tw-DEVICE (to the workload) and cali-fw-DEVICE ask cali-pi-... and cali-po-... */
function byFelix(culprit: RuleLine, met: readonly RuleLine[]): PolicyVerdict | undefined {
  const [, way, device] = /^(?:filter-)?cali-(tw|fw)-(\S+)$/.exec(culprit.chain) ?? [];
  if (way === undefined || device === undefined) return undefined;
  const texts = met
    .filter(({ chain }) => chain === culprit.chain || /^(?:filter-)?cali-p[io]-/.test(chain))
    .flatMap((line) => [line.chain, line.text]);
  const policies = [...new Set(texts.flatMap((text) => calicoName(text) ?? []))];
  return { plugin: "calico", pod: device, direction: way === "tw" ? "ingress" : "egress", policies };
}

/**
 * Whose policy threw a packet away: read from the chain in which it ended, from the rules that it met before, and from
 * what the plugin writes into its comments. Undefined when no plugin's chain did it.
 */
export function policyOf(met: readonly RuleLine[]): PolicyVerdict | undefined {
  const culprit = met.at(-1);
  if (culprit === undefined || (culprit.deed !== "drop" && culprit.deed !== "reject")) return undefined;
  return byKubeRouter(culprit, met) ?? byFelix(culprit, met);
}
