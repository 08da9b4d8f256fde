import type { Step } from "./steps.ts";
import type { Device, Fabric, Pod, Room, Topology } from "./topology.ts";

/** What a namespace is in the story. */
export type Place =
  | {
      readonly kind: "pod";
      readonly netns: number;
      readonly name: string;
      readonly label: string;
      readonly pod: Pod;
    }
  | {
      readonly kind: "room";
      readonly netns: number;
      readonly name: string;
      readonly label: string;
      readonly room: Room;
    }
  | {
      readonly kind: "switch";
      readonly netns: number;
      readonly name: string;
      readonly label: string;
      readonly fabric: Fabric;
    };

/** What a device does where it stands. */
export type Role = "uplink" | "cable" | "bridge" | "tunnel" | "nic" | "port" | "switch";

/** `frontend-6b8fd7c4-x2x9k` is a replica of `frontend`: the name of the ReplicaSet in between says nothing. */
export function shortPodName(name: string): string {
  const { base, suffix } = splitPodName(name);
  return suffix === "" ? base : `${base}-${suffix}`;
}

export function splitPodName(name: string): { readonly base: string; readonly suffix: string } {
  const deployed = /^(.+)-[a-z0-9]{6,10}-([a-z0-9]{1,5})$/.exec(name);
  if (deployed !== null) return { base: deployed[1]!, suffix: deployed[2]! };
  const plain = /^(.+)-([a-z0-9]{5})$/.exec(name);
  return plain !== null && /\d/.test(plain[2]!)
    ? { base: plain[1]!, suffix: plain[2]! }
    : { base: name, suffix: "" };
}

/** What people call a place; the machine that the cluster's bridge is on has no name of its own. */
function called(place: Place): string {
  if (place.kind === "pod") return shortPodName(place.name);
  return place.kind === "switch" && place.label === "" ? HOST : place.name;
}

const HOST = "host";

/** Looks up who plays which part. */
export class Cast {
  readonly topology: Topology;
  private readonly places = new Map<number, Place>();
  private readonly devices = new Map<string, { readonly device: Device; readonly role: Role }>();
  private readonly labels = new Map<string, Place>();
  /** Rooms by their own namespace and by those of their pods. */
  private readonly rooms = new Map<number, Room>();
  private readonly owners = new Map<string, number>();

  /** What places are called, also those that are not there at this moment. */
  private readonly names: Map<number, string>;

  /** `names`: of the same world at other moments; what is found here is added to them. */
  constructor(topology: Topology, names: Map<number, string> = new Map<number, string>()) {
    this.topology = topology;
    this.names = names;
    for (const room of topology.rooms) this.addRoom(room);
    for (const fabric of topology.fabrics) this.addFabric(fabric);
    for (const place of this.places.values()) {
      names.set(place.netns, called(place));
      if (!this.labels.has(place.label)) this.labels.set(place.label, place);
    }
  }

  place(netns: number): Place | undefined {
    return this.places.get(netns);
  }

  /** What people call the place. */
  name(netns: number): string {
    return this.names.get(netns) ?? `netns ${netns}`;
  }

  /** Whether a hop is a switch's own: in the machine that a cluster's bridge is on, only what the bridge does is. */
  isSwitching({ netns, steps }: { readonly netns: number; readonly steps: readonly Step[] }): boolean {
    const place = this.places.get(netns);
    if (place?.kind !== "switch") return false;
    return place.label !== "" || steps.every(({ anchor }) => anchor.kind === "frame");
  }

  byLabel(label: string): Place | undefined {
    return this.labels.get(label);
  }

  get pods(): readonly Pod[] {
    return this.topology.rooms.flatMap((room) => room.floors.flatMap(({ pods }) => pods));
  }

  /** The room in which a pod is, or the room itself. */
  roomOf(netns: number): Room | undefined {
    return this.rooms.get(netns);
  }

  role(netns: number, index: number): Role | undefined {
    return this.devices.get(`${netns}/${index}`)?.role;
  }

  device(netns: number, index: number): Device | undefined {
    return this.devices.get(`${netns}/${index}`)?.device;
  }

  deviceName(netns: number, index: number): string {
    if (index === 1) return "lo";
    return this.device(netns, index)?.link.name ?? `if${index}`;
  }

  /** The namespace that has an address, if one has. */
  ownerOf(address: string): Place | undefined {
    const netns = this.owners.get(address);
    return netns === undefined ? undefined : this.places.get(netns);
  }

  private addRoom(room: Room): void {
    const { netns, name, label } = room;
    this.places.set(netns, { kind: "room", netns, name, label, room });
    this.rooms.set(netns, room);
    for (const device of room.cables) this.add(device, "cable");
    for (const device of room.tunnels) this.add(device, "tunnel");
    for (const device of room.nics) this.add(device, "nic");
    for (const { bridge, pods } of room.floors) {
      if (bridge !== undefined) this.add(bridge, "bridge");
      for (const pod of pods) {
        this.places.set(pod.netns, { kind: "pod", netns: pod.netns, name: pod.name, label: pod.label, pod });
        if (!this.rooms.has(pod.netns)) this.rooms.set(pod.netns, room);
        this.add(pod.uplink, "uplink");
        for (const { uplink } of pod.more) this.add(uplink, "uplink");
      }
    }
  }

  private addFabric(fabric: Fabric): void {
    const { netns, label, bridge } = fabric;
    if (!this.places.has(netns))
      this.places.set(netns, { kind: "switch", netns, name: bridge.link.name, label, fabric });
    this.add(bridge, "switch");
    for (const port of fabric.ports) this.add(port, "port");
  }

  private add(device: Device, role: Role): void {
    this.devices.set(`${device.netns}/${device.link.index}`, { device, role });
    for (const each of device.addresses) {
      const [address = ""] = each.split("/");
      if (!this.owners.has(address)) this.owners.set(address, device.netns);
    }
  }
}
