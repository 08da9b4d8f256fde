import { isMap, isPair, isScalar, parseDocument, visit } from "yaml";
import { err, ok, type Result } from "../../base/result.ts";
import type { Scenario } from "../schema.ts";
import type { PreparedProbe } from "../story.ts";
import { clusterFacts } from "./cluster.ts";
import { layGround, NO_GROUND, takenNames } from "./ground.ts";
import { handMade } from "./hand.ts";
import { findObject, type ObjectRef, objectsOf, partsOf, sameRef } from "./objects.ts";
import { renameInScript } from "./rename-script.ts";

/** What has a name of its own in a document. */
export type Named =
  | { readonly kind: "object"; readonly ref: ObjectRef }
  | { readonly kind: "node" | "machine" | "switch" | "namespace" | "bridge"; readonly name: string };

/** Why a name cannot be given. */
export type RenameProblem =
  | { readonly reason: "gone" }
  /** `rule` says which kind of name it would have to be. */
  | { readonly reason: "invalid"; readonly rule: "label" | "device" | "namespace" }
  | { readonly reason: "taken"; readonly name: string }
  /** A script uses the old name where it cannot be followed: this line. */
  | { readonly reason: "script"; readonly line: string };

const RULES: Readonly<Record<"label" | "device" | "namespace", RegExp>> = {
  // RFC 1123 labels, as the API and the underlay take them; a leading letter, as Services need it (RFC 1035).
  label: /^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/,
  // dev_valid_name(): shorter than IFNAMSIZ.
  device: /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,14}$/,
  // What can be a file below /run/netns, and a word of a script.
  namespace: /^[a-zA-Z0-9][a-zA-Z0-9_-]{0,62}$/,
};

/** The rule that a name has to follow. */
export function nameRule(what: Named["kind"]): keyof typeof RULES {
  if (what === "bridge") return "device";
  return what === "namespace" ? "namespace" : "label";
}

/**
 * The document in which something has another name, and everything that named it follows: cables and plugs, pods put on a node,
 * what an Ingress or an autoscaler leads to, prepared questions, and the lines of scripts that made it.
 */
export function rename(scenario: Scenario, what: Named, to: string): Result<Scenario, RenameProblem> {
  const from = what.kind === "object" ? what.ref.name : what.name;
  if (from === to && what.kind !== "node") return ok(scenario);
  const rule = nameRule(what.kind);
  if (!RULES[rule].test(to)) return err({ reason: "invalid", rule });
  switch (what.kind) {
    case "object":
      return renameObject(scenario, what.ref, to);
    case "node":
      return renameNode(scenario, from, to);
    case "machine":
    case "switch":
      return withPlace(renameGround(scenario, what.kind, from, to), from, to);
    case "namespace":
    case "bridge":
      return withPlace(renameByHand(scenario, what.kind, from, to), from, to);
  }
}

/** A box stays where it was put. */
function withPlace(
  renamed: Result<Scenario, RenameProblem>,
  from: string,
  to: string,
): Result<Scenario, RenameProblem> {
  const places = renamed.ok ? renamed.value.board?.places : undefined;
  const own = places?.[from];
  if (!renamed.ok || places === undefined || own === undefined) return renamed;
  const { [from]: _, ...others } = places;
  return ok({ ...renamed.value, board: { places: { ...others, [to]: own } } });
}

/** Names of namespaces and machines: they are places of one world. */
function places(scenario: Scenario): readonly string[] {
  return [...takenNames(scenario), ...handMade(scenario).namespaces];
}

function renameByHand(
  scenario: Scenario,
  kind: "namespace" | "bridge",
  from: string,
  to: string,
): Result<Scenario, RenameProblem> {
  const made = handMade(scenario);
  const own = kind === "namespace" ? made.namespaces : made.bridges;
  if (!own.includes(from)) return err({ reason: "gone" });
  const taken = kind === "namespace" ? places(scenario) : [...made.bridges, ...made.cables];
  if (taken.includes(to)) return err({ reason: "taken", name: to });
  const texts: Partial<Record<"setup" | "script", string>> = {};
  for (const key of ["script", "setup"] as const) {
    const text = scenario[key];
    if (text === undefined) continue;
    const done = renameInScript(text, kind, from, to);
    if (!done.ok) return err({ reason: "script", line: done.error });
    texts[key] = done.value;
  }
  const named = { ...scenario, ...texts };
  return ok(kind === "namespace" ? withProbes(named, placeRenamer(from, to)) : named);
}

function renameGround(
  scenario: Scenario,
  kind: "machine" | "switch",
  from: string,
  to: string,
): Result<Scenario, RenameProblem> {
  const { machines = [], underlay = NO_GROUND } = scenario;
  const isThere = (kind === "machine" ? machines : underlay.switches).some(({ name }) => name === from);
  if (!isThere) return err({ reason: "gone" });
  if (places(scenario).includes(to)) return err({ reason: "taken", name: to });
  const call = (name: string): string => (name === from ? to : name);
  if (kind === "switch")
    return ok({
      ...scenario,
      underlay: {
        ...underlay,
        switches: underlay.switches.map((each) => ({ ...each, name: call(each.name) })),
        nodes: underlay.nodes.map((node) => ({ ...node, on: call(node.on) })),
      },
      machines: machines.map((machine) => ({
        ...machine,
        interfaces: machine.interfaces.map((each) => ({ ...each, on: call(each.on) })),
      })),
    });
  const named: Scenario = {
    ...scenario,
    ...(scenario.underlay !== undefined && {
      underlay: {
        ...underlay,
        ...(underlay.cloudRouter !== undefined && { cloudRouter: call(underlay.cloudRouter) }),
      },
    }),
    machines: machines.map((machine) => ({ ...machine, name: call(machine.name) })),
  };
  return followScripts(withProbes(named, placeRenamer(from, to)), from, to);
}

/** Scripts may name a machine to log in there or to look it up: such words follow. */
function followScripts(scenario: Scenario, from: string, to: string): Result<Scenario, RenameProblem> {
  const next = { ...scenario };
  for (const key of ["script", "setup"] as const) {
    const text = scenario[key];
    if (text === undefined) continue;
    const done = renameInScript(text, "machine", from, to);
    if (!done.ok) return err({ reason: "script", line: done.error });
    next[key] = done.value;
  }
  return ok(next);
}

/** kind numbers its nodes: a name of its own has a node that is a machine on the underlay. */
function renameNode(scenario: Scenario, from: string, to: string): Result<Scenario, RenameProblem> {
  const ground = layGround(scenario);
  const { underlay = NO_GROUND } = ground;
  const nodes = clusterFacts(ground)?.nodes ?? [];
  const nameOf = (i: number): string | undefined => underlay.nodes[i]?.name ?? nodes[i]?.name;
  const index = nodes.findIndex((node, i) => nameOf(i) === from || node.name === from);
  const old = nameOf(index);
  const attached = underlay.nodes[index];
  if (old === undefined || attached === undefined) return err({ reason: "gone" });
  if (old === to) return ok(scenario);
  if (places(ground).some((name) => name === to && name !== nodes[index]?.name))
    return err({ reason: "taken", name: to });
  const named = {
    ...ground,
    underlay: { ...underlay, nodes: underlay.nodes.with(index, { ...attached, name: to }) },
  };
  const followed = followScripts(withProbes(named, placeRenamer(old, to)), old, to);
  if (!followed.ok) return followed;
  return withPlace(ok(withScalars(followed.value, nodeScalar(old), to)), old, to);
}

/** Where manifests name a node: `nodeName`, and labels and expressions over `kubernetes.io/hostname`. */
function nodeScalar(old: string): ScalarTest {
  return (value, key, text) =>
    value === old && (key === "nodeName" || text.includes("kubernetes.io/hostname"));
}

/** Whether a scalar of a manifest names what gets another name: its value, the key that it stands under, its document. */
type ScalarTest = (value: string, key: string, text: string) => boolean;

/** Every manifest with a name in the place of another where `is` says so; comments and all else stay. */
function withScalars(scenario: Scenario, is: ScalarTest, to: string): Scenario {
  const manifests = scenario.manifests.map((file) => {
    const parts = partsOf(file.yaml).map((text) => {
      const document = parseDocument(text);
      const changed: unknown[] = [];
      visit(document, {
        Scalar(_, node, path) {
          if (typeof node.value !== "string") return;
          const pair = path.findLast((each) => isPair(each));
          const key = isPair(pair) && isScalar(pair.key) ? String(pair.key.value) : "";
          if (isPair(pair) && pair.key === node) return;
          if (!is(node.value, key, text)) return;
          node.value = to;
          changed.push(node);
        },
      });
      return changed.length > 0 ? document.toString({ indentSeq: false, lineWidth: 0 }) : text;
    });
    return { ...file, yaml: parts.join("---\n") };
  });
  return { ...scenario, manifests };
}

function renameObject(scenario: Scenario, ref: ObjectRef, to: string): Result<Scenario, RenameProblem> {
  const object = findObject(scenario, ref);
  if (object === undefined) return err({ reason: "gone" });
  if (objectsOf(scenario).some((each) => sameRef(each, { ...ref, name: to })))
    return err({ reason: "taken", name: to });
  const files = scenario.manifests.map((file, i) =>
    i !== object.manifest
      ? file
      : { ...file, yaml: partsOf(file.yaml).with(object.part, retitled(object.text, to)).join("---\n") },
  );
  const named: Scenario = { ...scenario, manifests: files };
  const { kind, namespace, name } = ref;
  const linked = withReferences(named, ref, to);
  if (kind === "Service") return ok(withProbes(linked, serviceRenamer(namespace, name, to)));
  if (!PODS.includes(kind)) return ok(linked);
  return ok(withProbes(linked, podRenamer(kind === "Pod", namespace, name, to)));
}

const PODS = ["Pod", "Deployment", "ReplicaSet", "ReplicationController", "StatefulSet", "DaemonSet", "Job"];

function retitled(text: string, to: string): string {
  const document = parseDocument(text);
  document.setIn(["metadata", "name"], to);
  return document.toString({ indentSeq: false, lineWidth: 0 });
}

/** Keys under which manifests name an object of a kind by its bare name. */
const REFERENCES: Readonly<Record<string, RegExp>> = {
  Service: /^(serviceName|service|backendRefs|defaultBackend)$/,
  ConfigMap: /^(configMap|configMapRef|configMapKeyRef)$/,
  Secret: /^(secret|secretRef|secretKeyRef|secretName|imagePullSecrets)$/,
  ServiceAccount: /^(serviceAccountName|serviceAccount)$/,
  PersistentVolumeClaim: /^(persistentVolumeClaim|claimName)$/,
  IngressClass: /^ingressClassName$/,
};

/** What names the object in other manifests of its namespace: by a key of its kind, or by kind and name (`scaleTargetRef`). */
function withReferences(scenario: Scenario, { kind, namespace, name }: ObjectRef, to: string): Scenario {
  const key = REFERENCES[kind];
  return objectsOf(scenario).reduce((current, each) => {
    if (each.namespace !== namespace && each.namespace !== "") return current;
    const document = parseDocument(each.text);
    const changed: unknown[] = [];
    visit(document, {
      Pair(_, pair, path) {
        const own = isScalar(pair.key) ? String(pair.key.value) : "";
        const set = (): void => {
          if (!isScalar(pair.value)) return;
          pair.value.value = to;
          changed.push(pair);
        };
        if (!isScalar(pair.value) || pair.value.value !== name) return;
        if (key?.test(own) === true) set();
        if (own !== "name") return;
        const above = path.findLast((one, i) => isPair(one) && i < path.length);
        const outer = isPair(above) && isScalar(above.key) ? String(above.key.value) : "";
        const map = path.at(-1);
        const says = isMap(map) ? map.get("kind") : undefined;
        if (outer !== "metadata" && (key?.test(outer) === true || says === kind)) set();
      },
    });
    if (changed.length === 0) return current;
    const file = current.manifests[each.manifest];
    if (file === undefined) return current;
    const text = document.toString({ indentSeq: false, lineWidth: 0 });
    const yaml = partsOf(file.yaml).with(each.part, text).join("---\n");
    return { ...current, manifests: current.manifests.with(each.manifest, { ...file, yaml }) };
  }, scenario);
}

type Renamer = (probe: PreparedProbe) => PreparedProbe;

function withProbes(scenario: Scenario, change: Renamer): Scenario {
  return scenario.probes === undefined ? scenario : { ...scenario, probes: scenario.probes.map(change) };
}

/** Changes the places that a question names: where it is asked, in braces, and where its packets are looked for. */
function onPlaces(place: (name: string) => string): Renamer {
  const braces = (text: string): string =>
    text.replace(/\{([a-z0-9.*-]+)\}/g, (_, name: string) => `{${place(name)}}`);
  const watched = (text: string): string => {
    const slash = text.indexOf("/");
    return slash < 0 ? braces(text) : place(text.slice(0, slash)) + braces(text.slice(slash));
  };
  return (probe) => ({
    ...probe,
    from: place(probe.from),
    target: braces(probe.target),
    expect: {
      ...probe.expect,
      ...(probe.expect.says !== undefined && { says: braces(probe.expect.says) }),
      passes: probe.expect.passes.map(watched),
      avoids: probe.expect.avoids.map(watched),
    },
  });
}

/** A node, a machine or a namespace: the first part of a place's name; where it stands by itself as the target, that too. */
function placeRenamer(from: string, to: string): Renamer {
  const places = onPlaces((name) => {
    const [first = "", ...rest] = name.split(".");
    return first === from ? [to, ...rest].join(".") : name;
  });
  const isWhole = (target: string): boolean => target === from;
  return (probe) => {
    const next = places(probe);
    return isWhole(next.target) ? { ...next, target: to } : next;
  };
}

/** A pod's own name, or the beginning of the names that a workload gives. */
function podRenamer(isPod: boolean, namespace: string, from: string, to: string): Renamer {
  return onPlaces((name) => {
    const [node = "", space, ...rest] = name.split(".");
    const pod = rest.join(".");
    if (space !== namespace || pod === "") return name;
    if (isPod) return pod === from ? `${node}.${space}.${to}` : name;
    return pod.startsWith(`${from}-`) ? `${node}.${space}.${to}${pod.slice(from.length)}` : name;
  });
}

/** A Service by its name in DNS: `web`, `web.default`, `http://web:80/`. */
function serviceRenamer(namespace: string, from: string, to: string): Renamer {
  const name = from.replaceAll("-", "\\-");
  const word = new RegExp(`(^|//|\\s|@)${name}(?=$|[:/\\s]|\\.${namespace}(?:$|[.:/\\s]))`, "g");
  return (probe) => ({ ...probe, target: probe.target.replace(word, `$1${to}`) });
}
