import { EtcdStore } from "../../k8s/flannel/etcd.ts";
import type { CloudRouter, NodeAttachment } from "../../k8s/node/attachment.ts";
import { must } from "../../base/result.ts";
import type { NetnsId } from "../../kernel/uapi/index.ts";
import type { CableSpec, MachineSpec, UnderlaySpec } from "../../scenario/underlay.ts";
import type { Host } from "../../userland/os/host.ts";
import { parseIpv4, parsePrefix } from "../../wire/address.ts";
import type { World } from "../world.ts";
import { cableOf } from "./check.ts";
import { bootMachine, type HostNames } from "./machine.ts";
import { type End, Wiring } from "./wiring.ts";

export const NO_UNDERLAY: UnderlaySpec = { switches: [], cables: [], nodes: [] };

/** Switches, cables and machines on which a world stands. */
export class BuiltUnderlay {
  /** By name: those that have been started. */
  readonly machines = new Map<string, Host>();
  /** What the kernel refused of what was asked, in `ip`'s words. */
  readonly complaints: string[] = [];
  private readonly world: World;
  private readonly spec: UnderlaySpec;
  private readonly wiring: Wiring;
  private readonly switches = new Map<string, { netns: NetnsId; bridge: string }>();
  /** Ends of cables whose other end is not there yet. */
  private readonly loose = new Map<string, { end: End; qualities: CableSpec }>();
  /** One for all machines: nothing is in it until somebody writes. */
  private readonly etcd = new EtcdStore();
  private readonly names: (readonly [string, string])[] = [];
  private readonly waiting: readonly { readonly machine: MachineSpec; readonly netns: NetnsId }[];

  /** Switches, and the machines' ends of all cables: those between a machine and a node wait for the node. */
  constructor(world: World, spec: UnderlaySpec, machines: readonly MachineSpec[]) {
    this.world = world;
    this.spec = spec;
    this.wiring = new Wiring(world.kernel);
    for (const { name } of spec.switches) this.switches.set(name, this.wiring.switch(name));
    this.waiting = machines.map((machine) => ({ machine, netns: this.unpack(machine) }));
  }

  /** The namespace of the cloud's router. */
  cloudRouter(): CloudRouter | undefined {
    const found = this.waiting.find(({ machine }) => machine.name === this.spec.cloudRouter);
    return found === undefined ? undefined : { kernel: this.world.kernel, netns: found.netns };
  }

  /** Where each node of the cluster is plugged in; nothing when they are containers on kind's network. */
  attachments(kindNames: readonly string[]): readonly NodeAttachment[] {
    return this.spec.nodes.map((node, i): NodeAttachment => {
      const name = node.name ?? kindNames[i] ?? "";
      const { address } = must(parsePrefix(node.address), node.address);
      this.names.push([name, node.address.replace(/\/.*/, "")]);
      return {
        name,
        address,
        nameserver: parseIpv4(node.nameserver ?? node.gateway ?? ""),
        plug: (netns) => {
          this.wiring.loopback(netns);
          this.plug(name, { netns, device: "eth0" }, node.on, node);
          this.wiring.addresses(netns, "eth0", [node.address]);
          if (node.gateway !== undefined) this.route(name, netns, { to: "default", via: node.gateway });
          for (const route of node.routes) this.route(name, netns, route);
          this.wiring.set(netns, "net/ipv4/ip_forward", "1");
        },
      };
    });
  }

  /** All cables are plugged in: addresses, routes, and what runs on the machines. */
  start(): void {
    for (const { machine, netns } of this.waiting) this.configure(machine, netns);
    const names: HostNames = this.names;
    const { world } = this;
    for (const { machine, netns } of this.waiting) {
      this.machines.set(machine.name, bootMachine(world, machine, netns, names, this.etcd));
      world.kernel.holdNetns(netns);
      world.host.netnsNames.set(machine.name, netns);
    }
  }

  private unpack(machine: MachineSpec): NetnsId {
    const netns = this.world.kernel.createNetns(machine.name);
    this.wiring.loopback(netns);
    for (const plug of machine.interfaces)
      this.plug(machine.name, { netns, device: plug.name }, plug.on, plug);
    return netns;
  }

  private configure(machine: MachineSpec, netns: NetnsId): void {
    const { wiring } = this;
    for (const { name, addresses } of machine.interfaces) wiring.addresses(netns, name, addresses);
    const [first] = machine.interfaces.flatMap(({ addresses }) => addresses);
    if (first !== undefined) this.names.push([machine.name, first.replace(/\/.*/, "")]);
    for (const route of machine.routes) this.route(machine.name, netns, route);
    if (machine.forwards ?? machine.role === "router") wiring.set(netns, "net/ipv4/ip_forward", "1");
    for (const device of machine.masquerade) wiring.masquerade(netns, device);
  }

  private route(who: string, netns: NetnsId, route: MachineSpec["routes"][number]): void {
    const refused = this.wiring.route(netns, route);
    if (refused !== undefined) this.complaints.push(`${who}: ${refused}`);
  }

  /** Into a switch at once; into a cable when the other end is there too. */
  private plug(who: string, end: End, on: string, own: CableSpec): void {
    const box = this.switches.get(on);
    if (box !== undefined) {
      const port = this.wiring.portName(box.netns, who, end.device);
      this.wiring.cable(end, { netns: box.netns, device: port }, own);
      this.wiring.port(box.netns, box.bridge, port);
      return;
    }
    const cable = must(
      this.spec.cables.find(({ name }) => name === on),
      `cable ${on}`,
    );
    const qualities = cableOf(own, cable);
    const other = this.loose.get(on);
    if (other === undefined) this.loose.set(on, { end, qualities });
    else this.wiring.cable(other.end, end, cableOf(other.qualities, qualities));
  }
}
