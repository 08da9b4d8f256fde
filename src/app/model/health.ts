import * as v from "valibot";
import type { Room } from "./topology.ts";
import type { WorldState } from "./world.ts";

/** API objects belong to no network namespace. */
const CLUSTER = 0;
export const ZONE = "topology.kubernetes.io/zone";

const readiness = v.object({
  metadata: v.optional(v.object({ labels: v.optional(v.record(v.string(), v.string()), {}) }), {}),
  spec: v.optional(v.object({ nodeName: v.optional(v.string()), hostNetwork: v.optional(v.boolean()) }), {}),
  status: v.optional(
    v.object({
      podIP: v.optional(v.string()),
      conditions: v.optional(v.array(v.object({ type: v.string(), status: v.string() })), []),
    }),
    {},
  ),
});

interface Facts {
  readonly ready: boolean;
  readonly zone: string | undefined;
  readonly node: string | undefined;
  readonly hostNetwork: boolean;
  readonly ip: string | undefined;
}

/** What was read from each version of an object: objects of a large cluster are many, and most stay as they are. */
const read = new WeakMap<object, Facts>();

function factsOf(row: { readonly object: unknown }): Facts {
  const before = read.get(row);
  if (before !== undefined) return before;
  const parsed = v.safeParse(readiness, row.object);
  const { metadata, spec, status } = parsed.success ? parsed.output : v.parse(readiness, {});
  const facts = {
    ready: status.conditions.some(({ type, status: is }) => type === "Ready" && is === "True"),
    zone: metadata.labels[ZONE],
    node: spec.nodeName,
    hostNetwork: spec.hostNetwork === true,
    ip: status.podIP,
  };
  read.set(row, facts);
  return facts;
}

/** The zones of the cluster's nodes, by the nodes' names. */
export function zonesOf(world: WorldState): ReadonlyMap<string, string> {
  const zones = new Map<string, string>();
  for (const { row } of world.rowsOf("object", CLUSTER, "Node/")) {
    const { zone } = factsOf(row);
    if (zone !== undefined) zones.set(row.name, zone);
  }
  return zones;
}

/** A pod as it is seen from afar. */
export interface Mark {
  readonly namespace: string;
  readonly name: string;
  readonly ip: string | undefined;
  readonly ready: boolean;
  /** Its namespace; undefined while the API alone knows of the pod. */
  readonly netns: number | undefined;
}

/** A room's pods and states. */
export interface RoomHealth {
  readonly marks: readonly Mark[];
  readonly ready: number;
  readonly isReady: boolean;
  /** The API tells of pods that run here, but none of them is here yet: the node has not been looked at. */
  readonly isHollow: boolean;
}

/** What the API says of nodes and pods, joined with what the nodes' devices show. */
export class Health {
  private readonly nodes = new Map<string, boolean>();
  /** Pods of the API with a namespace of their own, by node, then by `namespace.name`. */
  private readonly pods = new Map<string, Map<string, Mark>>();
  private readonly known = new Map<Room, RoomHealth>();

  constructor(world: WorldState) {
    for (const { row } of world.rowsOf("object", CLUSTER, "Node/"))
      this.nodes.set(row.name, factsOf(row).ready);
    for (const { row } of world.rowsOf("object", CLUSTER, "Pod/")) {
      const { node, hostNetwork, ip, ready } = factsOf(row);
      if (node === undefined || hostNetwork) continue;
      const own = this.pods.get(node) ?? new Map<string, Mark>();
      const namespace = row.namespace ?? "";
      own.set(`${namespace}.${row.name}`, { namespace, name: row.name, ip, ready, netns: undefined });
      this.pods.set(node, own);
    }
  }

  of(room: Room): RoomHealth {
    let health = this.known.get(room);
    if (health === undefined) {
      health = this.look(room);
      this.known.set(room, health);
    }
    return health;
  }

  private look(room: Room): RoomHealth {
    const marks = new Map(this.pods.get(room.label));
    let here = 0;
    for (const { pods } of room.floors)
      for (const { netns, label, name, ip, containers } of pods) {
        const key = label.slice(label.indexOf(".") + 1);
        const ready = marks.get(key)?.ready ?? containers.every(({ state }) => state === "running");
        marks.set(key, { namespace: key.split(".")[0] ?? "", name, ip, ready, netns });
        here++;
      }
    const all = [...marks.values()];
    return {
      marks: all,
      ready: all.filter(({ ready }) => ready).length,
      isReady: this.nodes.get(room.label) ?? true,
      isHollow: here === 0 && all.some(({ ready, netns }) => ready && netns === undefined),
    };
  }
}
