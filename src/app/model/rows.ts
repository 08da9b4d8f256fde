import * as v from "valibot";
import type { TableName } from "../../trace/record.ts";
import type {
  AddressRow,
  ConntrackRow,
  ContainerRow,
  FdbRow,
  IpsetRow,
  IpvsRow,
  LinkRow,
  NeighRow,
  NetnsRow,
  NftRow,
  ObjectRow,
  PolicyRow,
  RouteRow,
  SandboxRow,
  SocketRow,
  SysctlRow,
  XfrmPolicyRow,
  XfrmStateRow,
  XtablesRow,
} from "../../trace/rows.ts";

/** Table `ipvs`: a virtual service with its real servers. */
export interface VirtualRow extends IpvsRow {
  readonly key:
    | { readonly protocol: number; readonly address: number; readonly port: number }
    | { readonly fwmark: number };
}

/** The tables that the page looks into, with the type of their rows. */
export interface Rows {
  netns: NetnsRow;
  link: LinkRow;
  address: AddressRow;
  route: RouteRow;
  neigh: NeighRow;
  fdb: FdbRow;
  sysctl: SysctlRow;
  socket: SocketRow;
  sandbox: SandboxRow;
  container: ContainerRow;
  conntrack: ConntrackRow;
  xtables: XtablesRow;
  ipset: IpsetRow;
  nft: NftRow;
  ipvs: VirtualRow;
  rule: PolicyRow;
  "xfrm-policy": XfrmPolicyRow;
  "xfrm-state": XfrmStateRow;
  object: ObjectRow;
}

export type KnownTable = keyof Rows & TableName;

const text = v.string();
const number = v.number();
const flag = v.boolean();

const tuple = v.object({
  src: text,
  dst: text,
  sport: number,
  dport: number,
  icmp: v.optional(v.object({ type: number, code: number, id: number })),
});

/** Optional fields are left away, never present as undefined: rows are read from JSON. */
const schemas: { readonly [T in KnownTable]: v.GenericSchema<unknown, Rows[T]> } = {
  netns: v.object({ label: text }),
  link: v.object({
    index: number,
    name: text,
    kind: v.picklist([
      ...(["loopback", "veth", "bridge", "vxlan", "dummy", "ipip", "gre", "gretap"] as const),
      ...(["macvlan", "ipvlan", "vlan", "tun", "wireguard"] as const),
    ]),
    mac: text,
    mtu: number,
    up: flag,
    lowerUp: flag,
    operState: text,
    master: v.optional(number),
    peer: v.optional(v.object({ netns: number, index: number })),
    lower: v.optional(v.object({ netns: number, index: number })),
    hairpin: v.optional(flag),
    vxlan: v.optional(
      v.object({
        id: number,
        dstPort: number,
        local: v.optional(text),
        dev: v.optional(number),
        learning: flag,
      }),
    ),
  }),
  address: v.object({
    dev: number,
    local: text,
    length: number,
    scope: number,
    broadcast: v.optional(text),
    secondary: flag,
  }),
  route: v.object({
    id: number,
    table: number,
    type: text,
    dst: text,
    gateway: v.optional(text),
    dev: v.optional(number),
    protocol: number,
    scope: number,
    metric: number,
    prefSrc: v.optional(text),
    onlink: v.optional(flag),
    tos: v.optional(number),
    mtu: v.optional(number),
    mtuLocked: v.optional(flag),
    advmss: v.optional(number),
    hops: v.optional(
      v.array(v.object({ gateway: v.optional(text), dev: v.optional(number), weight: number })),
    ),
    dead: flag,
    linkdown: flag,
  }),
  neigh: v.object({ dev: number, dst: text, lladdr: v.optional(text), state: text, proxy: flag }),
  fdb: v.object({
    table: number,
    dev: number,
    mac: text,
    state: v.picklist(["permanent", "static", "dynamic"]),
    local: flag,
    dst: v.optional(text),
  }),
  sysctl: text,
  socket: v.object({
    kind: text,
    local: text,
    remote: v.optional(text),
    state: v.optional(text),
    owner: text,
  }),
  sandbox: v.object({
    id: text,
    node: text,
    namespace: text,
    pod: text,
    netnsPath: text,
    hostNetwork: flag,
    state: v.picklist(["ready", "notready"]),
    ip: v.optional(text),
  }),
  container: v.object({
    id: text,
    sandbox: text,
    node: text,
    name: text,
    image: text,
    pause: flag,
    init: flag,
    state: v.picklist(["created", "running", "exited"]),
    exitCode: v.optional(number),
  }),
  conntrack: v.object({
    id: number,
    family: v.picklist(["ip", "ip6"]),
    protocol: number,
    original: tuple,
    reply: tuple,
    state: v.optional(text),
    mark: number,
    zone: number,
    seenReply: flag,
    assured: flag,
    srcNat: flag,
    dstNat: flag,
  }),
  xtables: v.object({
    policy: v.nullable(v.picklist(["ACCEPT", "DROP"])),
    rules: v.array(v.object({ id: number, rule: v.unknown() })),
  }),
  ipset: v.union([v.object({ type: text, family: text }), v.object({ member: text })]),
  nft: v.object({
    base: v.optional(v.unknown()),
    rules: v.optional(
      v.array(v.looseObject({ id: number, handle: number, statements: v.array(v.unknown()) })),
    ),
    set: v.optional(v.unknown()),
    elements: v.optional(v.array(v.unknown())),
  }),
  ipvs: v.object({
    key: v.union([
      v.object({ protocol: number, address: number, port: number }),
      v.object({ fwmark: number }),
    ]),
    scheduler: text,
    schedulerFlags: v.optional(v.array(text)),
    persistent: v.optional(number),
    netmask: v.optional(number),
    onePacket: v.optional(flag),
    destinations: v.array(
      v.object({
        address: number,
        port: number,
        forward: text,
        weight: number,
        upper: v.optional(number),
        lower: v.optional(number),
      }),
    ),
  }),
  rule: v.object({
    family: v.picklist(["inet", "inet6"]),
    priority: number,
    action: text,
    table: v.optional(number),
    target: v.optional(number),
    invert: v.optional(flag),
    src: v.optional(text),
    dst: v.optional(text),
    iif: v.optional(text),
    oif: v.optional(text),
    mark: v.optional(number),
    mask: v.optional(number),
    tos: v.optional(number),
    ipProtocol: v.optional(number),
    sourcePorts: v.optional(text),
    destinationPorts: v.optional(text),
    suppressPrefixLength: v.optional(number),
    suppressGroup: v.optional(number),
    protocol: number,
  }),
  "xfrm-policy": v.object({
    dir: v.picklist(["in", "out", "fwd"]),
    src: text,
    dst: text,
    protocol: number,
    action: v.picklist(["allow", "block"]),
    priority: number,
    mode: v.optional(v.picklist(["transport", "tunnel"])),
    local: v.optional(text),
    remote: v.optional(text),
    reqid: v.optional(number),
  }),
  "xfrm-state": v.object({
    src: text,
    dst: text,
    spi: number,
    mode: v.picklist(["transport", "tunnel"]),
    reqid: number,
    algorithm: text,
    larval: flag,
  }),
  object: v.object({ kind: text, namespace: v.optional(text), name: text, object: v.unknown() }),
};

/** A row of the journal read as what its table holds; undefined when it is something else. */
export function parseRow<T extends KnownTable>(table: T, json: string): Rows[T] | undefined {
  const schema: v.GenericSchema<unknown, Rows[T]> = schemas[table];
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return undefined;
  }
  const parsed = v.safeParse(schema, value);
  return parsed.success ? parsed.output : undefined;
}
