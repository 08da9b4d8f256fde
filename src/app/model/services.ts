import * as v from "valibot";
import { formatIpv4, type Ipv4 } from "../../wire/address.ts";
import type { Step } from "./steps.ts";
import type { WorldState } from "./world.ts";

/** A Service as the API has it: a name for an address that no machine has. */
export interface Service {
  readonly namespace: string;
  readonly name: string;
  readonly address: string;
  readonly ports: readonly { readonly port: number; readonly protocol: string; readonly nodePort?: number }[];
}

const spec = v.object({
  spec: v.object({
    clusterIP: v.string(),
    ports: v.optional(
      v.array(
        v.object({
          port: v.number(),
          protocol: v.optional(v.string(), "TCP"),
          nodePort: v.exactOptional(v.number()),
        }),
      ),
      [],
    ),
  }),
});

const slice = v.object({
  metadata: v.object({ labels: v.optional(v.record(v.string(), v.string()), {}) }),
  endpoints: v.optional(
    v.array(
      v.object({
        addresses: v.array(v.string()),
        conditions: v.optional(v.object({ ready: v.optional(v.nullable(v.boolean())) }), {}),
      }),
    ),
    [],
  ),
});

/** API objects belong to no network namespace. */
const CLUSTER = 0;

/** Services with an address of their own, those of the reader's namespace first. */
export function servicesOf(world: WorldState): readonly Service[] {
  const found = world.rows("object", CLUSTER).flatMap(({ row }): Service[] => {
    if (row.kind !== "Service") return [];
    const read = v.safeParse(spec, row.object);
    if (!read.success || !/^\d/.test(read.output.spec.clusterIP)) return [];
    const { clusterIP, ports } = read.output.spec;
    return [{ namespace: row.namespace ?? "", name: row.name, address: clusterIP, ports }];
  });
  return found.toSorted((a, b) => Number(b.namespace === "default") - Number(a.namespace === "default"));
}

/** Addresses of the pods behind a Service. */
export function endpointsOf(world: WorldState, service: Service): readonly string[] {
  return serviceEndpoints(world, service).map(({ address }) => address);
}

/** The same with whether each is to be sent to. */
export function serviceEndpoints(
  world: WorldState,
  { namespace, name }: Service,
): readonly { readonly address: string; readonly ready: boolean }[] {
  return world.rows("object", CLUSTER).flatMap(({ row }) => {
    if (row.kind !== "EndpointSlice" || row.namespace !== namespace) return [];
    const read = v.safeParse(slice, row.object);
    if (!read.success || read.output.metadata.labels["kubernetes.io/service-name"] !== name) return [];
    return read.output.endpoints.flatMap(({ addresses, conditions }) =>
      addresses.map((address) => ({ address, ready: conditions.ready !== false })),
    );
  });
}

/** The name of a Service as its own namespace calls it; with the namespace elsewhere. */
export function serviceName({ namespace, name }: Service): string {
  return namespace === "default" ? name : `${name}.${namespace}`;
}

/** A Service whose address is translated in a namespace, and to which pod. */
export interface ServiceSpot {
  readonly netns: number;
  readonly service: Service;
  /** By which address it was asked for: its own, or a node's with the node port. */
  readonly shown: string;
  readonly chosen: string;
}

/** Where in a journey a Service's address becomes a pod's, or a pod's address the Service's again. */
export function serviceSpots(steps: readonly Step[], services: readonly Service[]): readonly ServiceSpot[] {
  const spots = new Map<string, ServiceSpot>();
  for (const { netns, rewrites } of steps)
    for (const { field, before, after } of rewrites) {
      if (field !== "src" && field !== "dst") continue;
      const [virtual, real] = field === "dst" ? [before, after] : [after, before];
      const address = formatIpv4(virtual as Ipv4);
      const port = portBeside(rewrites, field);
      const own = services.find((one) => one.address === address);
      const service = own ?? services.find(({ ports }) => ports.some(({ nodePort }) => nodePort === port));
      if (service === undefined) continue;
      const shown = own === undefined ? `${address}:${port}` : address;
      const key = `${netns}/${shown}`;
      if (!spots.has(key)) spots.set(key, { netns, service, shown, chosen: formatIpv4(real as Ipv4) });
    }
  return [...spots.values()];
}

/** The port that goes with a virtual address, when NAT changes it too; -1 for none. */
function portBeside(rewrites: Step["rewrites"], side: "src" | "dst"): number {
  const port = rewrites.find(({ field }) => field === (side === "dst" ? "dport" : "sport"));
  return (side === "dst" ? port?.before : port?.after) ?? -1;
}
