import { expressionOf, matches, type Selector } from "../../formats/selector.ts";
import type { Node, NodeSelectorTerm, PodSpec, Taint, Toleration } from "../api/index.ts";

/** Whether a toleration covers a taint. Models: v1helper.ToleratesTaint. */
export function tolerates(toleration: Toleration, taint: Taint): boolean {
  const { key = "", operator = "Equal", value = "", effect = "" } = toleration;
  if (effect !== "" && effect !== taint.effect) return false;
  if (key !== "" && key !== taint.key) return false;
  return operator === "Exists" || (key !== "" && value === (taint.value ?? ""));
}

export function untolerated(
  taints: readonly Taint[] | undefined,
  tolerations: readonly Toleration[] | undefined,
  effects: readonly string[],
): Taint | undefined {
  return taints?.find(
    (taint) => effects.includes(taint.effect) && !(tolerations ?? []).some((each) => tolerates(each, taint)),
  );
}

/** The effects that keep a pod from being placed. */
export const BLOCKING_EFFECTS = ["NoSchedule", "NoExecute"] as const;

export function termMatches(term: NodeSelectorTerm, node: Node): boolean {
  const { matchExpressions = [], matchFields = [] } = term;
  if (matchExpressions.length === 0 && matchFields.length === 0) return false;
  const onLabels: Selector = matchExpressions.map(expressionOf);
  const onFields: Selector = matchFields.map(expressionOf);
  return (
    matches(onLabels, node.metadata.labels) && matches(onFields, { "metadata.name": node.metadata.name })
  );
}

/** nodeSelector and the required node affinity. Models: component-helpers nodeaffinity GetRequiredNodeAffinity. */
export function affinityAllows(spec: PodSpec, node: Node): boolean {
  const wanted = Object.entries(spec.nodeSelector ?? {});
  if (!wanted.every(([key, value]) => node.metadata.labels?.[key] === value)) return false;
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return required === undefined || required.nodeSelectorTerms.some((term) => termMatches(term, node));
}

/** The sum of the weights of the preferred terms that a node meets. */
export function affinityPreference(spec: PodSpec, node: Node): number {
  const preferred = spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  return preferred.reduce(
    (sum, { weight, preference }) => sum + (termMatches(preference, node) ? weight : 0),
    0,
  );
}

/**
 * The nodes that the required affinity names (metadata.name, as of a DaemonSet's pods): no other one needs a look.
 * Undefined when it names none. Models: nodeaffinity PreFilter.
 */
export function namedNodes({ affinity }: PodSpec): ReadonlySet<string> | undefined {
  const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  if (required === undefined) return undefined;
  const names = new Set<string>();
  for (const { matchFields = [] } of required.nodeSelectorTerms) {
    const field = matchFields.find(({ key, operator }) => key === "metadata.name" && operator === "In");
    if (field === undefined) return undefined;
    for (const name of field.values ?? []) names.add(name);
  }
  return names;
}
