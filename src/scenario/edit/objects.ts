import { isRecord, type JsonRecord } from "../../formats/json.ts";
import { parseManifest } from "../../formats/manifest.ts";
import type { Scenario } from "../schema.ts";

/** What an API object is called. */
export interface ObjectRef {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** An object of a scenario's manifests, with the text that stands for it. */
export interface WrittenObject extends ObjectRef {
  readonly apiVersion: string;
  /** Which manifest, and which of its documents. */
  readonly manifest: number;
  readonly part: number;
  readonly text: string;
  readonly value: JsonRecord;
}

/** Kinds that belong to no namespace, as far as scenarios use them. */
const CLUSTER_WIDE = new Set(
  "Namespace Node ClusterRole ClusterRoleBinding CustomResourceDefinition IngressClass PriorityClass StorageClass PersistentVolume".split(
    " ",
  ),
);

/** The documents of a file, each with all of its lines. */
export function partsOf(yaml: string): readonly string[] {
  return yaml.split(/^---(?:[ \t].*)?\r?\n?/m);
}

type ReadPart = Omit<WrittenObject, "manifest">;

/** Files that were read last: an edit changes one of them, and the plugins' are long. */
const read = new Map<string, readonly ReadPart[]>();
const MOST_FILES = 80;

function readFile(yaml: string): readonly ReadPart[] {
  const before = read.get(yaml);
  if (before !== undefined) return before;
  const found = partsOf(yaml).flatMap((text, part): readonly ReadPart[] => {
    const value = parseManifest(text).documents[0]?.value;
    const ref = value === undefined ? undefined : refOf(value);
    return ref === undefined || value === undefined ? [] : [{ ...ref, part, text, value }];
  });
  const [oldest] = read.keys();
  if (read.size >= MOST_FILES && oldest !== undefined) read.delete(oldest);
  read.set(yaml, found);
  return found;
}

/** All objects of a scenario, in the order in which they are applied. Documents that cannot be read are left out. */
export function objectsOf({ manifests }: Scenario): readonly WrittenObject[] {
  return manifests.flatMap(({ yaml }, manifest) => readFile(yaml).map((part) => ({ ...part, manifest })));
}

/** What an object's own text calls it. */
export function refOf(value: JsonRecord): (ObjectRef & { readonly apiVersion: string }) | undefined {
  const { kind, apiVersion, metadata } = value;
  if (typeof kind !== "string" || typeof apiVersion !== "string" || !isRecord(metadata)) return undefined;
  const { name, namespace } = metadata;
  if (typeof name !== "string") return undefined;
  const space = typeof namespace === "string" ? namespace : "default";
  return { kind, apiVersion, name, namespace: CLUSTER_WIDE.has(kind) ? "" : space };
}

export function sameRef(a: ObjectRef, b: ObjectRef): boolean {
  return a.kind === b.kind && a.name === b.name && a.namespace === b.namespace;
}

export function findObject(scenario: Scenario, ref: ObjectRef): WrittenObject | undefined {
  return objectsOf(scenario).find((each) => sameRef(each, ref));
}

/** Adds a manifest of its own for one object. */
export function addObject(scenario: Scenario, yaml: string): Scenario {
  const value = parseManifest(yaml).documents[0]?.value;
  const ref = value === undefined ? undefined : refOf(value);
  if (ref === undefined) throw new Error("bug: an object without a name");
  const name = `${ref.kind.toLowerCase()}-${ref.name}.yaml`;
  // Pods of a cluster that is just coming up would all stand on the first node that is ready.
  return { ...scenario, manifests: [...scenario.manifests, { name, yaml, after: "nodes-ready" }] };
}

/** Puts another text in the place of an object's. */
export function replaceObject(scenario: Scenario, object: WrittenObject, text: string): Scenario {
  const written = text.endsWith("\n") ? text : `${text}\n`;
  return withPart(scenario, object, (parts) => parts.with(object.part, written));
}

/** Takes an object out; a manifest that has nothing else goes with it. */
export function removeObject(scenario: Scenario, object: WrittenObject): Scenario {
  return withPart(scenario, object, (parts) => parts.toSpliced(object.part, 1));
}

function withPart(
  scenario: Scenario,
  { manifest }: WrittenObject,
  change: (parts: readonly string[]) => readonly string[],
): Scenario {
  const file = scenario.manifests[manifest];
  if (file === undefined) return scenario;
  const parts = change(partsOf(file.yaml));
  const isEmpty = parts.every((part) => part.replace(/^\s*#.*$/gm, "").trim() === "");
  const manifests = isEmpty
    ? scenario.manifests.toSpliced(manifest, 1)
    : scenario.manifests.with(manifest, { ...file, yaml: parts.join("---\n") });
  return { ...scenario, manifests };
}

/** A name that no object of the kind has yet: `web`, `web-2`. */
export function freshName(taken: readonly string[], base: string): string {
  if (!taken.includes(base)) return base;
  for (let i = 2; ; i++) if (!taken.includes(`${base}-${i}`)) return `${base}-${i}`;
}
