import * as v from "valibot";
import { parseDocument } from "yaml";
import { isRecord } from "../../formats/json.ts";
import type { Scenario } from "../schema.ts";
import { type MachineSpec, machinesSchema } from "../underlay.ts";
import { addNode, clusterFacts } from "./cluster.ts";
import { addSwitch, layGround, nextAddress, takenNames } from "./ground.ts";
import { addBridge, addNamespace } from "./hand.ts";
import { freshName } from "./objects.ts";

export interface Duplicated {
  readonly scenario: Scenario;
  readonly name: string;
}

/** `web2` after `web`, `web3` after `web2`: the name without its number, with the next free one. */
function nextName(taken: readonly string[], name: string): string {
  const base = name.replace(/-?\d+$/, "");
  return freshName(taken, base === "" ? name : base);
}

/** One machine more like this one: with addresses of its own, on the same switches. A cable has only two ends: it gets none. */
export function addMachineLike(scenario: Scenario, like: MachineSpec): Duplicated {
  const ground = layGround(scenario);
  const name = nextName(takenNames(ground), like.name);
  const switches = new Set((ground.underlay?.switches ?? []).map((each) => each.name));
  let next: Scenario = {
    ...ground,
    machines: [...(ground.machines ?? []), { ...like, name, interfaces: [] }],
  };
  for (const each of like.interfaces.filter(({ on }) => switches.has(on))) {
    const addresses = each.addresses.length === 0 ? [] : [nextAddress(next, each.on)];
    next = {
      ...next,
      machines: (next.machines ?? []).map((machine) =>
        machine.name === name
          ? { ...machine, interfaces: [...machine.interfaces, { ...each, addresses }] }
          : machine,
      ),
    };
  }
  return { scenario: next, name };
}

/** What stands on the clipboard for a part that has no manifest: read by this page only. */
export const CLIPBOARD_VERSION = "flannelgraph/v1";

const part = v.variant("kind", [
  v.object({ kind: v.literal("Machine"), spec: v.record(v.string(), v.unknown()) }),
  v.object({ kind: v.picklist(["Switch", "NetworkNamespace", "Bridge", "Node"]) }),
]);

const KINDS = {
  Switch: "switch",
  NetworkNamespace: "namespace",
  Bridge: "bridge",
  Node: "node",
} as const;

const WORDS = {
  switch: "Switch",
  namespace: "NetworkNamespace",
  bridge: "Bridge",
  node: "Node",
} as const;

/** The value that is copied for a part; undefined when it is not there. */
export function clipboardPart(
  scenario: Scenario,
  kind: "node" | "machine" | "switch" | "namespace" | "bridge",
  name: string,
): Readonly<Record<string, unknown>> | undefined {
  const head = { apiVersion: CLIPBOARD_VERSION, metadata: { name } };
  if (kind !== "machine") return { ...head, kind: WORDS[kind] };
  const spec = scenario.machines?.find((each) => each.name === name);
  return spec === undefined ? undefined : { ...head, kind: "Machine", spec };
}

/** The part that a text is, when it is one. YAML 1.2, in which a plug's `on` is a word and not true, as kubectl has it. */
export function clipboardValue(text: string): unknown {
  if (!text.includes(CLIPBOARD_VERSION)) return undefined;
  const document = parseDocument(text);
  const value: unknown = document.errors.length > 0 ? undefined : document.toJS();
  return isRecord(value) && value["apiVersion"] === CLIPBOARD_VERSION ? value : undefined;
}

/** One more of what was copied, in whichever scenario. Undefined for what is no such part. */
export function pastePart(
  scenario: Scenario,
  value: unknown,
): (Duplicated & { readonly kind: "node" | "machine" | "switch" | "namespace" | "bridge" }) | undefined {
  const read = v.safeParse(part, value);
  if (!read.success) return undefined;
  if (read.output.kind === "Machine") {
    const specs = v.safeParse(machinesSchema, [read.output.spec]);
    const like = specs.success ? specs.output[0] : undefined;
    return like === undefined ? undefined : { ...addMachineLike(scenario, like), kind: "machine" };
  }
  const kind = KINDS[read.output.kind];
  if (kind === "switch") return { ...addSwitch(scenario), kind };
  if (kind === "namespace") return { ...addNamespace(scenario), kind };
  if (kind === "bridge") return { ...addBridge(scenario), kind };
  if (scenario.cluster === undefined) return undefined;
  const next = addNode(scenario);
  return { scenario: next, name: clusterFacts(next)?.nodes.at(-1)?.name ?? "", kind };
}
