import { isRecord } from "../../formats/json.ts";
import { parseManifest } from "../../formats/manifest.ts";
import type { Scenario } from "../../scenario/schema.ts";

/** One box of a small picture: a node, a machine, a bare namespace. */
export interface SketchRoom {
  readonly kind: "node" | "linux" | "client" | "router" | "docker" | "balancer" | "internet" | "netns";
  readonly name: string;
  /** Pods or containers in it. */
  readonly pods: number;
  readonly bridge: boolean;
  /** Names of switches and cables that it is plugged into. */
  readonly on: readonly string[];
}

/** What a scenario's picture shows; guessed from the document alone, before any world is built. */
export interface Sketch {
  readonly rooms: readonly SketchRoom[];
  /** Bars below the rooms. */
  readonly switches: readonly string[];
  /** How pods reach each other across nodes. */
  readonly overlay: "vxlan" | "ipip" | "wireguard" | "route" | "none";
  readonly services: number;
  readonly policies: number;
}

const KIND_SWITCH = "kind";
const WORKLOADS = new Set(["Deployment", "ReplicaSet", "ReplicationController", "StatefulSet"]);
/** What the cluster itself needs is not drawn. */
const MACHINERY = /^(kube-|calico-|tigera|local-path|ingress-nginx)/;

interface Objects {
  pods: number;
  services: number;
  policies: number;
  readonly placed: Map<string, number>;
}

/** Reads a scenario's texts; those that cannot be read count for nothing. */
export function sketch(scenario: Scenario): Sketch {
  const objects = countObjects(scenario);
  const nodes = nodeRooms(scenario, objects);
  const machines = (scenario.machines ?? []).map(({ name, role, interfaces, docker }): SketchRoom => ({
    kind: docker === undefined ? role : "docker",
    name,
    pods: docker === undefined && role !== "docker" ? 0 : 2,
    bridge: docker !== undefined || role === "docker",
    on: interfaces.map(({ on }) => on),
  }));
  const typed = typedRooms(scenario.script ?? "");
  const switches = (scenario.underlay?.switches ?? []).map(({ name }) => name);
  const usesKind = nodes.some(({ on }) => on.includes(KIND_SWITCH));
  return {
    rooms: [...nodes, ...machines, ...typed.rooms],
    switches: [...(usesKind ? [KIND_SWITCH] : []), ...switches, ...typed.switches],
    overlay: overlayOf(scenario, nodes.length),
    services: objects.services,
    policies: objects.policies,
  };
}

function countObjects({ manifests }: Scenario): Objects {
  const found: Objects = { pods: 0, services: 0, policies: 0, placed: new Map() };
  for (const { yaml } of manifests)
    for (const { value } of parseManifest(yaml).documents) {
      const { kind, metadata, spec } = value;
      const written = isRecord(metadata) ? metadata["namespace"] : undefined;
      const namespace = typeof written === "string" ? written : "default";
      if (typeof kind !== "string" || MACHINERY.test(namespace)) continue;
      countObject(found, kind, isRecord(spec) ? spec : {});
    }
  return found;
}

function countObject(found: Objects, kind: string, spec: Readonly<Record<string, unknown>>): void {
  if (kind === "Service") found.services++;
  if (kind === "NetworkPolicy") found.policies++;
  if (WORKLOADS.has(kind)) found.pods += typeof spec["replicas"] === "number" ? spec["replicas"] : 1;
  if (kind !== "Pod") return;
  const node = spec["nodeName"];
  if (typeof node === "string") found.placed.set(node, (found.placed.get(node) ?? 0) + 1);
  else found.pods++;
}

/** The nodes of a kind configuration, with the pods spread over those that take them. */
function nodeRooms({ cluster, underlay }: Scenario, { pods, placed }: Objects): readonly SketchRoom[] {
  if (cluster === undefined) return [];
  const config = parseManifest(cluster).documents[0]?.value ?? {};
  const listed = Array.isArray(config["nodes"]) ? config["nodes"] : [{ role: "control-plane" }];
  const roles = listed.map((node: unknown) => (isRecord(node) ? node["role"] : undefined) ?? "control-plane");
  const workers = roles.filter((role) => role === "worker").length;
  let [control, worker] = [0, 0];
  return roles.map((role, i): SketchRoom => {
    const isWorker = role === "worker";
    const nth = isWorker ? ++worker : ++control;
    const name =
      underlay?.nodes[i]?.name ?? `kind-${isWorker ? "worker" : "control-plane"}${nth > 1 ? nth : ""}`;
    const takes = isWorker || workers === 0;
    const share = takes ? Math.ceil((pods - (isWorker ? worker - 1 : 0)) / Math.max(1, workers)) : 0;
    const on = underlay?.nodes[i]?.on ?? KIND_SWITCH;
    return {
      kind: "node",
      name,
      pods: Math.max(0, share) + (placed.get(name) ?? 0),
      bridge: true,
      on: [on],
    };
  });
}

function overlayOf({ manifests, cluster }: Scenario, nodes: number): Sketch["overlay"] {
  if (cluster === undefined || nodes < 2) return "none";
  const text = manifests.map(({ yaml }) => yaml).join("\n");
  const backend = /"Type":\s*"([a-z-]+)"/.exec(text)?.[1];
  if (backend === "vxlan" || backend === "ipip" || backend === "wireguard") return backend;
  if (backend !== undefined) return "route";
  if (text.includes("calico-node"))
    return /CALICO_IPV4POOL_VXLAN\W+value: "Always"/.test(text) ? "vxlan" : "ipip";
  return cluster.includes("disableDefaultCNI: true") ? "none" : "route";
}

/** Namespaces and bridges that a script makes by hand. */
function typedRooms(script: string): { rooms: readonly SketchRoom[]; switches: readonly string[] } {
  const written = [...script.matchAll(/\bip netns add ([^\s;&]+)/g)].map((found) => found[1] ?? "");
  const names = [...new Set(written.flatMap((name) => eachOfLoop(script, name)))];
  const bridges = [...script.matchAll(/\bip link add (?:name |dev )?(\S+) type bridge/g)].map(
    (f) => f[1] ?? "",
  );
  const containers = (script.match(/\bdocker run\b/g) ?? []).length;
  const on = bridges.length > 0 ? bridges.slice(0, 1) : ["cable"];
  const rooms = names
    .slice(0, 6)
    .map((name): SketchRoom => ({ kind: "netns", name, pods: 0, bridge: false, on }));
  if (containers > 0)
    return {
      rooms: [...rooms, { kind: "docker", name: "docker", pods: containers, bridge: true, on: [] }],
      switches: bridges.slice(0, 1),
    };
  return { rooms, switches: bridges.slice(0, 1) };
}

/** The names that one in a loop stands for: `test$i` in `for i in 1 2 3`. */
function eachOfLoop(script: string, name: string): readonly string[] {
  const variable = /\$\{?(\w+)\}?/.exec(name);
  if (variable === null) return [name];
  const list = new RegExp(`\\bfor ${variable[1] ?? ""} in ([^;\\n]+)`).exec(script)?.[1];
  const words = (list ?? "").split(/\s+/).filter((word) => word !== "" && word !== "do");
  return words.map((word) => name.replace(variable[0], word));
}
