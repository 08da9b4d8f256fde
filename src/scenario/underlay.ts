import * as v from "valibot";

/** What lies below a cluster or instead of one: switches, cables, and machines of their own. Addresses are text, as people write them. */

const NAME = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const DEVICE = /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,14}$/;
const ADDRESS = /^(?:\d{1,3}\.){3}\d{1,3}$/;
const ADDRESS_WITH_LENGTH = /^(?:\d{1,3}\.){3}\d{1,3}\/\d{1,2}$/;

const name = v.pipe(v.string(), v.regex(NAME, "a name has small letters, digits, and - inside"));
const address = v.pipe(v.string(), v.regex(ADDRESS, "an address is written like 192.168.1.1"));
const addressWithLength = v.pipe(
  v.string(),
  v.regex(ADDRESS_WITH_LENGTH, "an address with its network's length is written like 192.168.1.10/24"),
);
const portNumber = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65535));
const mtu = v.pipe(v.number(), v.integer(), v.minValue(68), v.maxValue(65535));

/** What a cable does to what it carries, in each direction. Made of `tc qdisc ... netem` at both ends, and of the devices' MTU. */
const cableEntries = {
  latencyMs: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(10_000))),
  lossPercent: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(100))),
  mtu: v.optional(mtu),
};

/** A cable between exactly two machines. One that leads to a switch is the interface's own. */
const cable = v.object({ name, ...cableEntries });

const networkInterface = v.object({
  name: v.optional(
    v.pipe(v.string(), v.regex(DEVICE, "a device has at most 15 letters, digits, and _ . -")),
    "eth0",
  ),
  /** The switch or the cable that it is plugged into. */
  on: name,
  addresses: v.optional(v.array(addressWithLength), []),
  ...cableEntries,
});

const route = v.object({ to: v.union([v.literal("default"), addressWithLength]), via: address });

/** A Docker daemon, which the machine starts with. */
const dockerHost = v.object({
  /** Whose firewall rules and MAC addresses: today's, or those of the time before Docker 28. */
  version: v.optional(v.picklist(["29", "20.10"]), "29"),
  bip: v.optional(addressWithLength),
  ipMasq: v.optional(v.boolean()),
  mtu: v.optional(mtu),
  /** False: somebody types `dockerd` with its options later, as a unit file would. */
  starts: v.optional(v.boolean()),
});

const server = v.object({
  protocol: v.picklist(["http", "tcp", "udp"]),
  port: portNumber,
  /** What it answers. */
  says: v.string(),
});

/** TCP connections to a port of the machine are joined to one with a target that answers, each in its turn. */
const balanced = v.object({
  port: portNumber,
  to: v.array(v.object({ address, port: portNumber })),
});

const machine = v.object({
  /** Its host name, and the name of its namespace in captures. */
  name,
  role: v.picklist(["linux", "client", "router", "docker", "balancer", "internet"]),
  interfaces: v.array(networkInterface),
  routes: v.optional(v.array(route), []),
  /** net.ipv4.ip_forward; a router and a Docker host have it anyway. */
  forwards: v.optional(v.boolean()),
  /** Interfaces by which everything leaves under the machine's own address. */
  masquerade: v.optional(v.array(v.string()), []),
  /** Written into the machine's /etc/resolv.conf. */
  nameserver: v.optional(address),
  docker: v.optional(dockerHost),
  servers: v.optional(v.array(server), []),
  balances: v.optional(v.array(balanced), []),
  /** A DNS server on the machine answers for these names. */
  names: v.optional(v.record(v.string(), address)),
  /** Run on the machine when all cables are plugged in. */
  script: v.optional(v.string()),
});

/** A node of the cluster as a machine on the underlay, in the place of a container on kind's network. In the order of the kind configuration. */
const attachedNode = v.object({
  name: v.optional(name),
  on: name,
  address: addressWithLength,
  gateway: v.optional(address),
  /** Ranges that another way than the gateway's leads to. */
  routes: v.optional(v.array(route), []),
  nameserver: v.optional(address),
  ...cableEntries,
});

export const machinesSchema = v.array(machine);

export const underlaySchema = v.object({
  switches: v.optional(v.array(v.object({ name })), []),
  cables: v.optional(v.array(cable), []),
  nodes: v.optional(v.array(attachedNode), []),
  /** The router of a cloud: where the route controller puts the ways to the nodes' pods. The name of a machine. */
  cloudRouter: v.optional(name),
});

export type UnderlaySpec = v.InferOutput<typeof underlaySchema>;
export type MachineSpec = v.InferOutput<typeof machine>;
export type InterfaceSpec = v.InferOutput<typeof networkInterface>;
export type AttachedNodeSpec = v.InferOutput<typeof attachedNode>;
export type CableSpec = Pick<InterfaceSpec, "latencyMs" | "lossPercent" | "mtu">;
/** As an author writes it: what has a default may be left out. */
export type MachineInput = v.InferInput<typeof machine>;
