import { isRecord } from "../../formats/json.ts";
import { clusterFacts } from "../../scenario/edit/cluster.ts";
import { handMade } from "../../scenario/edit/hand.ts";
import { findObject, type ObjectRef, objectsOf, sameRef } from "../../scenario/edit/objects.ts";
import type { Scenario } from "../../scenario/schema.ts";
import type { Place } from "../model/cast.ts";

/** A part of the scenario's document that can be looked at, changed and taken away. */
export type Subject =
  | { readonly kind: "object"; readonly ref: ObjectRef }
  | { readonly kind: "node"; readonly name: string }
  | { readonly kind: "machine" | "switch" | "namespace" | "bridge"; readonly name: string }
  | { readonly kind: "cluster" };

export function sameSubject(a: Subject, b: Subject): boolean {
  if (a.kind === "object" && b.kind === "object") return sameRef(a.ref, b.ref);
  if (a.kind === "cluster" || b.kind === "cluster") return a.kind === b.kind;
  return a.kind === b.kind && a.kind !== "object" && b.kind !== "object" && a.name === b.name;
}

export function subjectName(subject: Subject): string {
  if (subject.kind === "object") return subject.ref.name;
  return subject.kind === "cluster" ? "kind" : subject.name;
}

/** What people call it: a node may have a name of its own beside kind's. */
export function subjectTitle(scenario: Scenario, subject: Subject): string {
  if (subject.kind !== "node") return subjectName(subject);
  const index = (clusterFacts(scenario)?.nodes ?? []).findIndex(({ name }) => name === subject.name);
  return scenario.underlay?.nodes[index]?.name ?? subject.name;
}

/** Kinds of objects whose pods bear names that begin with theirs. */
const OWNERS = ["Deployment", "ReplicaSet", "ReplicationController", "StatefulSet", "DaemonSet", "Job"];

/** The part of the document that a pod comes from: itself, or what makes pods of this name. */
export function podSubject(scenario: Scenario, namespace: string, pod: string): Subject | undefined {
  const own = findObject(scenario, { kind: "Pod", namespace, name: pod });
  if (own !== undefined) return { kind: "object", ref: refOnly(own) };
  const owner = objectsOf(scenario)
    .filter((each) => each.namespace === namespace && OWNERS.includes(each.kind))
    .filter((each) => pod.startsWith(`${each.name}-`))
    .sort((a, b) => b.name.length - a.name.length)[0];
  return owner === undefined ? undefined : { kind: "object", ref: refOnly(owner) };
}

export function refOnly({ kind, namespace, name }: ObjectRef): ObjectRef {
  return { kind, namespace, name };
}

/** The part of the document that a place on the board comes from; undefined for what the world made by itself. */
export function subjectOf(scenario: Scenario, place: Place): Subject | undefined {
  const { label } = place;
  if (place.kind === "pod") {
    const [, namespace, ...rest] = label.split(".");
    if (namespace !== undefined && rest.length > 0) return podSubject(scenario, namespace, rest.join("."));
  }
  return (
    namedSubject(scenario, label) ??
    (place.kind === "switch" ? namedSubject(scenario, place.name) : undefined)
  );
}

export function namedSubject(scenario: Scenario, name: string): Subject | undefined {
  const nodes = clusterFacts(scenario)?.nodes ?? [];
  const index = nodes.findIndex((node, i) => (scenario.underlay?.nodes[i]?.name ?? node.name) === name);
  if (index >= 0) return { kind: "node", name: nodes[index]?.name ?? name };
  if (scenario.machines?.some((each) => each.name === name) === true) return { kind: "machine", name };
  if (scenario.underlay?.switches.some((each) => each.name === name) === true)
    return { kind: "switch", name };
  const { namespaces, bridges } = handMade(scenario);
  if (namespaces.includes(name)) return { kind: "namespace", name };
  return bridges.includes(name) ? { kind: "bridge", name } : undefined;
}

/** Labels of the pods that a subject stands for. */
export function podLabels(
  scenario: Scenario,
  subject: Subject | undefined,
): Readonly<Record<string, string>> | undefined {
  if (subject?.kind !== "object") return undefined;
  const value = findObject(scenario, subject.ref)?.value;
  if (value === undefined) return undefined;
  const spec = isRecord(value["spec"]) ? value["spec"] : {};
  const owner = isRecord(spec["template"]) ? spec["template"] : value;
  const metadata = isRecord(owner["metadata"]) ? owner["metadata"] : {};
  const labels = metadata["labels"];
  if (!isRecord(labels)) return undefined;
  const [first] = Object.entries(labels);
  return first === undefined ? undefined : { [first[0]]: String(first[1]) };
}

/** Everything in the document that has a name, for finding. */
export function allSubjects(scenario: Scenario): readonly Subject[] {
  const { namespaces, bridges } = handMade(scenario);
  const named = (kind: "machine" | "switch" | "namespace" | "bridge", names: readonly string[]): Subject[] =>
    names.map((name) => ({ kind, name }));
  return [
    ...(scenario.cluster === undefined ? [] : [{ kind: "cluster" } as const]),
    ...(clusterFacts(scenario)?.nodes ?? []).map(({ name }): Subject => ({ kind: "node", name })),
    ...objectsOf(scenario).map((each): Subject => ({ kind: "object", ref: refOnly(each) })),
    ...named(
      "machine",
      (scenario.machines ?? []).map(({ name }) => name),
    ),
    ...named(
      "switch",
      (scenario.underlay?.switches ?? []).map(({ name }) => name),
    ),
    ...named("namespace", namespaces),
    ...named("bridge", bridges),
  ];
}
