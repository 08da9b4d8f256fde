import { isRecord, type JsonRecord, sameJson } from "../../formats/json.ts";
import { parseManifest } from "../../formats/manifest.ts";
import type { Scenario } from "../schema.ts";
import { objectsOf, partsOf, sameRef, type WrittenObject } from "./objects.ts";

/** One command that brings a running world from one document to the next. */
export interface LiveCommand {
  /** Label of the namespace where it is typed; "" is the first machine. */
  readonly at: string;
  readonly command: string;
}

/** Why a running world cannot follow, and has to be built anew. */
export type RebuildReason = "cluster" | "ranges" | "plugin" | "underlay" | "script" | "unreadable" | "seed";

export type ChangePlan =
  /** Names, stories and prepared questions: nothing of the world. */
  | { readonly kind: "none" }
  | { readonly kind: "live"; readonly commands: readonly LiveCommand[] }
  | { readonly kind: "rebuild"; readonly reason: RebuildReason };

/** How a running world follows from one document to the next. */
export function planChange(before: Scenario, after: Scenario): ChangePlan {
  const reason = rebuildReason(before, after);
  if (reason !== undefined) return { kind: "rebuild", reason };
  const objects = objectCommands(objectsOf(before), objectsOf(after));
  if (objects === undefined) return { kind: "rebuild", reason: "plugin" };
  const commands = [...objects, ...machineCommands(before, after), ...setupCommands(before, after)];
  return commands.length === 0 ? { kind: "none" } : { kind: "live", commands };
}

function rebuildReason(before: Scenario, after: Scenario): RebuildReason | undefined {
  if (before.seed !== after.seed) return "seed";
  if (before.cluster !== after.cluster) {
    const [one, other] = [yamlOf(before.cluster), yamlOf(after.cluster)];
    if (!sameJson(one["nodes"], other["nodes"])) return "cluster";
    if (!sameJson(one, other)) return "ranges";
  }
  if (!sameJson(before.underlay, after.underlay)) return "underlay";
  if (!sameJson(withoutScripts(before), withoutScripts(after))) return "underlay";
  for (const machine of before.machines ?? []) {
    const now = after.machines?.find(({ name }) => name === machine.name)?.script ?? "";
    if (!now.startsWith(machine.script ?? "")) return "script";
  }
  if ((before.script ?? "") !== (after.script ?? "")) return "script";
  if (!(after.setup ?? "").startsWith(before.setup ?? "")) return "script";
  return hasUnreadable(before, after) || hasUnreadable(after, before) ? "unreadable" : undefined;
}

function yamlOf(text: string | undefined): JsonRecord {
  return text === undefined ? {} : (parseManifest(text).documents[0]?.value ?? {});
}

function withoutScripts({ machines = [] }: Scenario): unknown {
  return machines.map(({ script: _, ...machine }) => machine);
}

/** Whether a document has a file that cannot be read and that the other one has not. */
function hasUnreadable({ manifests }: Scenario, other: Scenario): boolean {
  const shared = new Set(other.manifests.map(({ yaml }) => yaml));
  return manifests
    .filter(({ yaml }) => !shared.has(yaml))
    .some(({ yaml }) =>
      partsOf(yaml).some((part) => part.trim() !== "" && parseManifest(part).error !== undefined),
    );
}

/** Lines that were added behind the others are typed now. */
function setupCommands(before: Scenario, after: Scenario): readonly LiveCommand[] {
  const added = (after.setup ?? "").slice((before.setup ?? "").length).trim();
  return added === "" ? [] : [{ at: "", command: added }];
}

function machineCommands(before: Scenario, after: Scenario): readonly LiveCommand[] {
  return (after.machines ?? []).flatMap(({ name, script = "" }) => {
    const old = before.machines?.find((each) => each.name === name)?.script ?? "";
    const added = script.slice(old.length).trim();
    return added === "" ? [] : [{ at: name, command: added }];
  });
}

/** What the cluster itself stands on. */
const MACHINERY = /^(kube-system|kube-flannel|calico-.*|tigera.*)$/;

/** Undefined when the change is to what the cluster stands on. */
function objectCommands(
  before: readonly WrittenObject[],
  after: readonly WrittenObject[],
): readonly LiveCommand[] | undefined {
  const gone = before.filter((old) => !after.some((each) => sameRef(old, each)));
  const changed = after.filter((each) => {
    const old = before.find((one) => sameRef(one, each));
    return old === undefined || !sameJson(old.value, each.value);
  });
  if ([...gone, ...changed].some(isMachinery)) return undefined;
  const replaced = changed.filter((each) => {
    const old = before.find((one) => sameRef(one, each));
    return old !== undefined && !canBePatched(old, each);
  });
  const deletions = [...gone, ...replaced].map((each) => ({ at: "", command: deletion(each) }));
  return changed.length === 0 ? deletions : [...deletions, { at: "", command: application(changed) }];
}

function isMachinery({ kind, namespace, name }: WrittenObject): boolean {
  return MACHINERY.test(kind === "Namespace" ? name : namespace) || kind === "CustomResourceDefinition";
}

/** Whether the API server takes the new text for the old object; else the object has to be made anew. */
function canBePatched(old: WrittenObject, now: WrittenObject): boolean {
  const [was, is] = [specOf(old), specOf(now)];
  switch (now.kind) {
    case "Pod":
      return sameJson(withoutImages(was), withoutImages(is));
    case "Service":
      return sameJson(was["clusterIP"], is["clusterIP"]);
    case "Deployment":
    case "ReplicaSet":
    case "StatefulSet":
    case "DaemonSet":
      return sameJson(was["selector"], is["selector"]);
    case "Job":
      return sameJson(was["template"], is["template"]);
    default:
      return true;
  }
}

function specOf({ value }: WrittenObject): JsonRecord {
  return isRecord(value["spec"]) ? value["spec"] : {};
}

/** The images of a running pod's containers may change, nothing else of its spec that people write. */
function withoutImages(spec: JsonRecord): JsonRecord {
  const containers = Array.isArray(spec["containers"])
    ? spec["containers"].map((each: unknown) => (isRecord(each) ? { ...each, image: "" } : each))
    : spec["containers"];
  return { ...spec, containers };
}

function deletion({ kind, namespace, name }: WrittenObject): string {
  const where = namespace === "" ? "" : ` -n ${quote(namespace)}`;
  // A pod's grace of thirty seconds would be thirty seconds of looking at nothing.
  const grace = kind === "Pod" ? " --grace-period=1" : "";
  return `kubectl delete ${quote(kind.toLowerCase())} ${quote(name)}${where}${grace}`;
}

function quote(text: string): string {
  return /^[A-Za-z0-9_.:-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function application(objects: readonly WrittenObject[]): string {
  const text = objects.map((each) => each.text.trimEnd()).join("\n---\n");
  const lines = new Set(text.split("\n"));
  let end = "EOF";
  while (lines.has(end)) end += "_";
  return `kubectl apply -f - <<'${end}'\n${text}\n${end}`;
}
