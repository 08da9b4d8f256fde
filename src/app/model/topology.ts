import type { AddressRow, ContainerRow, LinkRow, SandboxRow } from "../../trace/rows.ts";
import type { WorldState } from "./world.ts";

/** A device of a namespace with the addresses on it. */
export interface Device {
  readonly netns: number;
  readonly link: LinkRow;
  /** `10.244.1.1/24`. */
  readonly addresses: readonly string[];
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly pause: boolean;
  readonly state: "created" | "running" | "exited";
}

/** A namespace that hangs below another one by a cable: a pod, or a bare namespace on a bridge. */
export interface Pod {
  readonly netns: number;
  /** Label of the namespace: the name by which the engine knows the place. */
  readonly label: string;
  readonly name: string;
  readonly ip: string | undefined;
  readonly containers: readonly Container[];
  readonly uplink: Device;
  /** The other end of its cable; of a macvlan or ipvlan, the device that it stands on. */
  readonly host: End;
  /** It has no cable: its frames go straight through the host's device. */
  readonly rides: boolean;
  /** Further devices of its own, each with the other end of its cable or the device that it stands on. */
  readonly more: readonly { readonly uplink: Device; readonly host: End; readonly rides: boolean }[];
}

export interface End {
  readonly netns: number;
  readonly index: number;
}

/** Pods that share a bridge, or a cable each (`bridge` undefined). */
export interface Floor {
  readonly bridge: Device | undefined;
  readonly pods: readonly Pod[];
}

/** A namespace drawn as a room: a node, a host, a router. */
export interface Room {
  readonly netns: number;
  readonly label: string;
  readonly name: string;
  readonly floors: readonly Floor[];
  readonly tunnels: readonly Device[];
  readonly nics: readonly Device[];
  /** This end of the cables to the pods. */
  readonly cables: readonly Device[];
  /** Rules or conntrack are in use here. */
  readonly tracks: boolean;
  /** Programs that run in the room's own namespace (pods with hostNetwork). */
  readonly shelf: readonly string[];
  readonly forwards: boolean;
}

/** A bridge that joins rooms: the underlay's switch. */
export interface Fabric {
  readonly netns: number;
  readonly label: string;
  readonly bridge: Device;
  readonly ports: readonly Device[];
}

export interface Topology {
  readonly rooms: readonly Room[];
  readonly fabrics: readonly Fabric[];
}

/** A pod without a network namespace of its own. */
function sharesNode(sandbox: SandboxRow, label: string | undefined): boolean {
  return sandbox.hostNetwork || sandbox.node === label;
}

/** Kinds of devices whose packets leave inside others. */
const TUNNELS: ReadonlySet<string> = new Set(["vxlan", "ipip", "gre", "gretap", "tun", "wireguard"]);

/** tunl0 and its like, which a module puts into every namespace, are there for the reader once they are up. */
function isShown({ kind, up }: LinkRow): boolean {
  return kind !== "loopback" && (kind === "vxlan" || up || !TUNNELS.has(kind));
}

/** Devices of a namespace as they were at an age of its tables. */
interface Known {
  readonly links: number;
  readonly addresses: number;
  readonly devices: readonly Device[];
}

/** What was found out about each namespace of a world: nothing of it is read again while its tables stay as they are. */
const known = new WeakMap<WorldState, Map<number, Known>>();

function devicesOf(world: WorldState, netns: number): readonly Device[] {
  const addresses = world.rows("address", netns);
  const links = world.rows("link", netns).filter(({ row }) => isShown(row));
  return links.map(({ row: link }) => ({
    netns,
    link,
    addresses: addresses
      .filter(({ row }) => row.dev === link.index)
      .sort((a, b) => reachOf(a.row) - reachOf(b.row))
      .map(({ row }) => `${row.local}/${row.length}`),
  }));
}

/** How well an address says who somebody is: IPv4's first, the one that counts on the link alone last. */
function reachOf({ local }: AddressRow): number {
  if (!local.includes(":")) return 0;
  return local.startsWith("fe80:") ? 2 : 1;
}

/** Whether the scenario itself put the namespace there, with its cables: a machine, a node, a switch. */
export function isPlugged(world: WorldState, netns: number): boolean {
  return world.rows("link", netns).some(({ actor }) => actor === "underlay");
}

/** What the classification looks things up in. */
class Survey {
  readonly labels = new Map<number, string>();
  readonly nodeNames = new Set<string>();
  readonly podNetns = new Set<number>();
  /** Running and past containers that are not there for the start alone, by their sandbox. */
  private readonly containers = new Map<string, ContainerRow[]>();
  private readonly found: Map<number, Known>;
  private readonly world: WorldState;
  /** Devices by their index, of namespaces in which one was asked for. */
  private readonly byIndex = new Map<number, ReadonlyMap<number, Device>>();

  constructor(world: WorldState) {
    this.world = world;
    this.found = known.get(world) ?? new Map<number, Known>();
    known.set(world, this.found);
    for (const { netns, row } of world.everywhere("netns")) this.labels.set(netns, row.label);
    for (const netns of this.labels.keys()) this.look(world, netns);
    for (const { netns, row } of world.everywhere("sandbox")) {
      this.nodeNames.add(row.node);
      if (!sharesNode(row, this.labels.get(netns))) this.podNetns.add(netns);
    }
    for (const { row } of world.everywhere("container")) {
      if (row.init) continue;
      const others = this.containers.get(row.sandbox);
      if (others === undefined) this.containers.set(row.sandbox, [row]);
      else others.push(row);
    }
  }

  private look(world: WorldState, netns: number): void {
    const [links, addresses] = [world.age("link", netns), world.age("address", netns)];
    const before = this.found.get(netns);
    if (before?.links === links && before.addresses === addresses) return;
    this.found.set(netns, { links, addresses, devices: devicesOf(world, netns) });
  }

  containersOf(sandbox: string): readonly ContainerRow[] {
    return this.containers.get(sandbox) ?? [];
  }

  of(netns: number): readonly Device[] {
    return this.found.get(netns)?.devices ?? [];
  }

  device(netns: number, index: number): Device | undefined {
    let devices = this.byIndex.get(netns);
    if (devices === undefined) {
      devices = new Map(this.of(netns).map((device) => [device.link.index, device]));
      this.byIndex.set(netns, devices);
    }
    return devices.get(index);
  }

  peer(device: Device): Device | undefined {
    const { peer } = device.link;
    return peer === undefined ? undefined : this.device(peer.netns, peer.index);
  }

  /** The other end of a cable, or the device below. */
  far(device: Device): Device | undefined {
    const { lower } = device.link;
    return this.peer(device) ?? (lower === undefined ? undefined : this.device(lower.netns, lower.index));
  }

  ports(bridge: Device): readonly Device[] {
    return this.of(bridge.netns).filter(({ link }) => link.master === bridge.link.index);
  }

  /** A namespace that other namespaces depend on: a node, or one with several devices. */
  isHost(netns: number): boolean {
    if (this.podNetns.has(netns)) return false;
    return this.nodeNames.has(this.labels.get(netns) ?? "") || this.of(netns).length > 1;
  }

  /** A bridge with a host behind one of its ports joins rooms; a bridge with pods behind its ports is part of one. */
  isFabric(device: Device): boolean {
    if (device.link.kind !== "bridge") return false;
    // A namespace that is nothing but a switch of the underlay has the switch's name.
    if (this.labels.get(device.netns) === device.link.name) return true;
    return this.ports(device).some((port) => {
      const far = this.peer(port);
      return far !== undefined && far.netns !== device.netns && this.isHost(far.netns);
    });
  }

  /** A namespace that somebody has made on a machine, and joined to it by a cable. */
  private isMadeOn(machine: number, netns: number): boolean {
    const isMachine = this.nodeNames.has(this.labels.get(machine) ?? "") || isPlugged(this.world, machine);
    return isMachine && !isPlugged(this.world, netns);
  }

  /** The cable's other end, when this namespace hangs below another one by a single cable. */
  hangsBelow(netns: number): Device | undefined {
    if (this.nodeNames.has(this.labels.get(netns) ?? "")) return undefined;
    const devices = this.of(netns);
    const [only] = devices;
    if (only === undefined || (devices.length > 1 && !this.podNetns.has(netns))) return undefined;
    const far = this.far(only);
    if (far === undefined || far.netns === netns) return undefined;
    if (this.peer(only) === undefined) return far;
    if (this.podNetns.has(netns) || this.isMadeOn(far.netns, netns)) return far;
    const bridge = far.link.master === undefined ? undefined : this.device(far.netns, far.link.master);
    return bridge === undefined || this.isFabric(bridge) ? undefined : far;
  }
}

/** Sorts the namespaces into rooms, what hangs below them, and the switches that join them; by devices alone. */
export function survey(world: WorldState): Topology {
  const s = new Survey(world);
  const fabrics: Fabric[] = [];
  const pods = new Map<number, Pod[]>();
  const roomIds: number[] = [];
  for (const [netns, label] of s.labels) {
    const far = s.hangsBelow(netns);
    const uplink = s.of(netns)[0];
    if (far !== undefined && uplink !== undefined) {
      const pod = describePod(world, s, netns, uplink, far);
      const others = pods.get(far.netns);
      if (others === undefined) pods.set(far.netns, [pod]);
      else others.push(pod);
      continue;
    }
    const own = s.of(netns).filter((device) => s.isFabric(device));
    for (const bridge of own) fabrics.push({ netns, label, bridge, ports: s.ports(bridge) });
    const joined = new Set(own.map(({ link }) => link.index));
    const rest = s.of(netns).filter(({ link }) => !joined.has(link.index) && !joined.has(link.master ?? 0));
    if (rest.length > 0 || (own.length === 0 && label !== "")) roomIds.push(netns);
  }
  const rooms = roomIds.map((netns) => describeRoom(world, s, netns, pods.get(netns) ?? []));
  rooms.sort((a, b) => compareNames(a.name, b.name));
  return { rooms, fabrics };
}

/** Numbers within names count as numbers: worker2 before worker10. */
export function compareNames(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true });
}

function describePod(world: WorldState, s: Survey, netns: number, uplink: Device, far: Device): Pod {
  const label = s.labels.get(netns) ?? "";
  const sandbox = world.rows("sandbox", netns)[0]?.row;
  const own = sandbox === undefined ? [] : s.containersOf(sandbox.id);
  const containers = own.map(({ name, image, pause, state }) => ({ name, image, pause, state }));
  const ip = sandbox?.ip ?? uplink.addresses[0]?.split("/")[0];
  const name = sandbox?.pod ?? label;
  const end = ({ netns: there, link }: Device): End => ({ netns: there, index: link.index });
  const more = s.of(netns).flatMap((device) => {
    const other = device === uplink ? undefined : s.far(device);
    if (other?.netns !== far.netns) return [];
    return [{ uplink: device, host: end(other), rides: s.peer(device) === undefined }];
  });
  const rides = s.peer(uplink) === undefined;
  return { netns, label, name, ip, containers, uplink, host: end(far), rides, more };
}

/** What stands at the foot of a room: cables to other rooms, and what stands on them; a dummy once it has an address. */
function isNic({ kind, name, up }: LinkRow): boolean {
  if (kind === "dummy") return up && name !== "kube-ipvs0" && name !== "nodelocaldns";
  return kind === "veth" || kind === "macvlan" || kind === "ipvlan" || kind === "vlan";
}

function isTracking(world: WorldState, netns: number): boolean {
  if (world.has("conntrack", netns) || world.has("nft", netns)) return true;
  return world.rows("xtables", netns).some(({ row }) => row.rules.length > 0);
}

function describeRoom(world: WorldState, s: Survey, netns: number, pods: readonly Pod[]): Room {
  const devices = s.of(netns).filter((device) => !s.isFabric(device));
  const masterOf = (pod: Pod): number | undefined => s.device(netns, pod.host.index)?.link.master;
  const floors: Floor[] = devices
    .filter(({ link }) => link.kind === "bridge")
    .map((bridge) => ({
      bridge,
      pods: pods.filter((pod) => !pod.rides && masterOf(pod) === bridge.link.index),
    }));
  const loose = pods.filter((pod) => pod.rides || masterOf(pod) === undefined);
  if (loose.length > 0) floors.push({ bridge: undefined, pods: loose });
  const cabled = pods.filter(({ rides }) => !rides).map(({ host }) => host.index);
  const further = pods.flatMap(({ more }) => more.filter(({ rides }) => !rides));
  const taken = new Set([...cabled, ...further.map(({ host }) => host.index)]);
  const label = s.labels.get(netns) ?? "";
  return {
    netns,
    label,
    name: label === "" ? "host" : label,
    floors,
    tunnels: devices.filter(({ link }) => TUNNELS.has(link.kind)),
    nics: devices.filter(({ link }) => isNic(link) && !taken.has(link.index)),
    tracks: isTracking(world, netns),
    cables: devices.filter(({ link }) => taken.has(link.index)),
    shelf: shelfOf(world, s, netns, label),
    forwards:
      world.row("sysctl", netns, "net.ipv4.ip_forward")?.row === "1" ||
      floors.length > 0 ||
      devices.length > 1,
  };
}

function shelfOf(world: WorldState, s: Survey, netns: number, node: string): readonly string[] {
  const names = world
    .rows("sandbox", netns)
    .filter(({ row }) => row.node === node && sharesNode(row, node))
    .flatMap(({ row }) => s.containersOf(row.id))
    .filter(({ pause, state }) => !pause && state === "running")
    .map(({ name }) => (name === "kube-flannel" ? "flanneld" : name));
  return [...new Set(names)].sort(compareNames);
}
