import * as v from "valibot";
import { must } from "../../base/result.ts";
import type { Scenario } from "../schema.ts";
import { type InterfaceSpec, type MachineSpec, machinesSchema, type UnderlaySpec } from "../underlay.ts";
import { clusterFacts } from "./cluster.ts";
import { freshName } from "./objects.ts";

export type MachineRole = MachineSpec["role"];

export const NO_GROUND: UnderlaySpec = { switches: [], cables: [], nodes: [] };
/** kind's network, and where the nodes of its clusters are in it. Network plugins look for the interface of the default route. */
const KIND = { prefix: "172.18.0", length: 16, first: 2, gateway: "172.18.0.1" } as const;

const NAMES: Readonly<Record<MachineRole, string>> = {
  linux: "box",
  client: "client",
  router: "router",
  docker: "docker",
  balancer: "balancer",
  internet: "internet",
};

/** Everything that has a name below the cluster. */
export function takenNames({ underlay = NO_GROUND, machines = [], ...rest }: Scenario): readonly string[] {
  return [
    ...underlay.switches.map(({ name }) => name),
    ...underlay.cables.map(({ name }) => name),
    ...underlay.nodes.flatMap(({ name }) => name ?? []),
    ...machines.map(({ name }) => name),
    ...(clusterFacts(rest)?.nodes.map(({ name }) => name) ?? []),
  ];
}

function plugged({ underlay = NO_GROUND, machines = [] }: Scenario, on: string): readonly string[] {
  return [
    ...underlay.nodes.flatMap((node) => (node.on === on ? [node.address] : [])),
    ...machines.flatMap(({ interfaces }) =>
      interfaces.flatMap((each) => (each.on === on ? each.addresses : [])),
    ),
  ];
}

/** An address for one more plug in a switch: the next one of its network, or the first of a new network. */
export function nextAddress(scenario: Scenario, on: string): string {
  const there = plugged(scenario, on);
  const like = there[0];
  if (like === undefined) {
    const used = new Set(
      [...(scenario.underlay?.switches ?? []), ...(scenario.underlay?.cables ?? [])]
        .flatMap(({ name }) => plugged(scenario, name))
        .map((address) => address.split(".").slice(0, 3).join(".")),
    );
    let net = 56;
    while (used.has(`192.168.${net}`)) net++;
    return `192.168.${net}.1/24`;
  }
  const [address = "", length = "24"] = like.split("/");
  const prefix = address.split(".").slice(0, 3).join(".");
  const hosts = there.map((each) => Number(each.split("/")[0]?.split(".")[3] ?? 0));
  return `${prefix}.${Math.max(...hosts) + 1}/${length}`;
}

/** The gateway that the nodes on a switch believe in, as long as nobody is it. */
function gatewayAddress(scenario: Scenario, on: string): string | undefined {
  const node = scenario.underlay?.nodes.find((each) => each.on === on && each.gateway !== undefined);
  if (node?.gateway === undefined) return undefined;
  const isTaken = plugged(scenario, on).some((address) => address.split("/")[0] === node.gateway);
  return isTaken ? undefined : `${node.gateway}/${node.address.split("/")[1] ?? "24"}`;
}

/** The cluster's nodes as machines on a switch of their own, at kind's addresses: other machines can be plugged in beside them. */
export function layGround(scenario: Scenario): Scenario {
  const nodes = clusterFacts(scenario)?.nodes ?? [];
  if (nodes.length === 0 || (scenario.underlay?.nodes.length ?? 0) > 0) return scenario;
  const underlay = scenario.underlay ?? NO_GROUND;
  const name = freshName(takenNames(scenario), "lan");
  return {
    ...scenario,
    underlay: {
      ...underlay,
      switches: [...underlay.switches, { name }],
      nodes: nodes.map((_, i) => ({
        on: name,
        address: `${KIND.prefix}.${KIND.first + i}/${KIND.length}`,
        gateway: KIND.gateway,
        routes: [],
      })),
    },
  };
}

export function addSwitch(scenario: Scenario): { readonly scenario: Scenario; readonly name: string } {
  const ground = layGround(scenario);
  const underlay = ground.underlay ?? NO_GROUND;
  const name = freshName(takenNames(ground), "switch");
  return {
    name,
    scenario: { ...ground, underlay: { ...underlay, switches: [...underlay.switches, { name }] } },
  };
}

/** The switch that a new machine is plugged into when nobody says another one. */
function usualSwitch(scenario: Scenario): { readonly scenario: Scenario; readonly on: string } {
  const ground = layGround(scenario);
  const on = ground.underlay?.nodes[0]?.on ?? ground.underlay?.switches[0]?.name;
  if (on !== undefined) return { scenario: ground, on };
  const added = addSwitch(ground);
  return { scenario: added.scenario, on: added.name };
}

const SERVER = { protocol: "http", port: 80, says: "hello from the Internet\n" } as const;

/** A machine with nothing but its plugs; the schema fills in the rest. */
function blank(name: string, role: MachineRole, interfaces: readonly InterfaceSpec[]): MachineSpec {
  const written = {
    name,
    role,
    interfaces,
    ...(role === "internet" && { servers: [SERVER] }),
    ...(role === "docker" && { docker: {} }),
  };
  return must(v.parse(machinesSchema, [written])[0], "machine");
}

/** A machine on a switch: the one named, else where the cluster's nodes are. */
export function addMachine(
  scenario: Scenario,
  role: MachineRole,
  where?: string,
): { readonly scenario: Scenario; readonly name: string } {
  const usual = where === undefined ? usualSwitch(scenario) : { scenario: layGround(scenario), on: where };
  const name = freshName(takenNames(usual.scenario), NAMES[role]);
  const address =
    (role === "router" ? gatewayAddress(usual.scenario, usual.on) : undefined) ??
    nextAddress(usual.scenario, usual.on);
  const machine = blank(name, role, [{ name: "eth0", on: usual.on, addresses: [address] }]);
  const filled = role === "balancer" ? { ...machine, balances: [balanceOf(usual.scenario)] } : machine;
  return {
    name,
    scenario: { ...usual.scenario, machines: [...(usual.scenario.machines ?? []), filled] },
  };
}

/** A balancer's port 80 leads to all workers' port 30080, where a NodePort may listen. */
function balanceOf({ underlay }: Scenario): MachineSpec["balances"][number] {
  const targets = (underlay?.nodes ?? []).slice(1).map(({ address }) => address.split("/")[0] ?? "");
  return { port: 80, to: targets.map((address) => ({ address, port: 30080 })) };
}

/** One interface more on a machine, plugged into a switch, or by a cable of its own into another machine. */
export function connect(scenario: Scenario, machine: string, to: string): Scenario {
  const isSwitch = scenario.underlay?.switches.some(({ name }) => name === to) === true;
  if (isSwitch) return plugIntoSwitch(scenario, machine, to);
  if (!(scenario.machines ?? []).some(({ name }) => name === to)) return scenario;
  const underlay = scenario.underlay ?? NO_GROUND;
  const cable = freshName(takenNames(scenario), "cable");
  const wired = { ...scenario, underlay: { ...underlay, cables: [...underlay.cables, { name: cable }] } };
  const half = plugIn(wired, machine, cable, nextAddress(wired, cable));
  return plugIn(half, to, cable, nextAddress(half, cable));
}

/** A router takes the address that the nodes there believe in, and is the way out for those that have none. */
function plugIntoSwitch(scenario: Scenario, machine: string, on: string): Scenario {
  const isRouter = scenario.machines?.find(({ name }) => name === machine)?.role === "router";
  const address = (isRouter ? gatewayAddress(scenario, on) : undefined) ?? nextAddress(scenario, on);
  const plugged = plugIn(scenario, machine, on, address);
  const gateway = isRouter ? address.split("/")[0] : undefined;
  if (gateway === undefined || plugged.underlay === undefined) return plugged;
  const nodes = plugged.underlay.nodes.map((node) =>
    node.on === on && node.gateway === undefined ? { ...node, gateway } : node,
  );
  return { ...plugged, underlay: { ...plugged.underlay, nodes } };
}

/** The address of a router on a switch. */
function routerOn({ machines = [] }: Scenario, on: string): string | undefined {
  const plugs = machines
    .filter(({ role }) => role === "router")
    .flatMap(({ interfaces }) => interfaces.filter((each) => each.on === on));
  return plugs[0]?.addresses[0]?.split("/")[0];
}

/** Moves the only plug of a cluster's node to another switch; there it gets an address, and the router's for its way out. */
export function replugNode(scenario: Scenario, name: string, on: string): Scenario {
  const ground = layGround(scenario);
  const index = (clusterFacts(ground)?.nodes ?? []).findIndex((node) => node.name === name);
  const node = ground.underlay?.nodes[index];
  if (ground.underlay === undefined || node === undefined || node.on === on) return scenario;
  const { gateway: _, ...rest } = node;
  const gateway = routerOn(ground, on) ?? neighbourGateway(ground, on);
  const moved = {
    ...rest,
    on,
    address: nextAddress(ground, on),
    routes: [],
    ...(gateway !== undefined && { gateway }),
  };
  return { ...ground, underlay: { ...ground.underlay, nodes: ground.underlay.nodes.with(index, moved) } };
}

/** What the other nodes on a switch send to what is farther away. */
function neighbourGateway({ underlay = NO_GROUND }: Scenario, on: string): string | undefined {
  return underlay.nodes.find((each) => each.on === on && each.gateway !== undefined)?.gateway;
}

/** Pulls one plug for good; a cable that led to another machine goes with both its ends. */
export function unplug(scenario: Scenario, machine: string, device: string): Scenario {
  const on = scenario.machines
    ?.find(({ name }) => name === machine)
    ?.interfaces.find(({ name }) => name === device)?.on;
  const underlay = scenario.underlay ?? NO_GROUND;
  const isCable = underlay.cables.some(({ name }) => name === on);
  const machines = (scenario.machines ?? []).map((each) => ({
    ...each,
    interfaces: each.interfaces.filter((plug) =>
      isCable ? plug.on !== on : each.name !== machine || plug.name !== device,
    ),
  }));
  const cables = underlay.cables.filter(({ name }) => !isCable || name !== on);
  return {
    ...scenario,
    ...(scenario.underlay !== undefined && { underlay: { ...underlay, cables } }),
    machines: machines.map(withoutLostPlugs),
  };
}

/** What a machine does by an interface, it stops doing when that is gone. */
function withoutLostPlugs(machine: MachineSpec): MachineSpec {
  const masquerade = machine.masquerade.filter((device) =>
    machine.interfaces.some(({ name }) => name === device),
  );
  return { ...machine, masquerade };
}

function plugIn(scenario: Scenario, name: string, on: string, address: string): Scenario {
  return changeMachine(scenario, name, (machine) => {
    const device = freshDevice(machine.interfaces);
    return { ...machine, interfaces: [...machine.interfaces, { name: device, on, addresses: [address] }] };
  });
}

function freshDevice(interfaces: readonly InterfaceSpec[]): string {
  for (let i = 0; ; i++) if (!interfaces.some(({ name }) => name === `eth${i}`)) return `eth${i}`;
}

export function changeMachine(
  scenario: Scenario,
  name: string,
  change: (machine: MachineSpec) => MachineSpec,
): Scenario {
  const machines = (scenario.machines ?? []).map((each) => (each.name === name ? change(each) : each));
  return { ...scenario, machines };
}

/** A container on a machine with Docker, started as one types it. */
export function addContainer(
  scenario: Scenario,
  machine: string,
): { readonly scenario: Scenario; readonly name: string } {
  const script = (scenario.machines ?? []).find(({ name }) => name === machine)?.script ?? "";
  const taken = [...script.matchAll(/--name (\S+)/g)].map((found) => found[1] ?? "");
  const name = freshName(taken, "web");
  const line = `docker run -d --name ${name} nginx:1.29\n`;
  return {
    name,
    scenario: changeMachine(scenario, machine, (each) => ({ ...each, script: withLine(each.script, line) })),
  };
}

export function withLine(script: string | undefined, line: string): string {
  if (script === undefined || script === "") return line;
  return script.endsWith("\n") ? script + line : `${script}\n${line}`;
}

/** Takes a machine or a switch away; plugs that led there go with it. */
export function removeGround(scenario: Scenario, name: string): Scenario {
  const underlay = scenario.underlay ?? NO_GROUND;
  if (underlay.nodes.some(({ on }) => on === name)) return scenario;
  const machines = (scenario.machines ?? []).filter((each) => each.name !== name);
  const ends = (cable: string): number =>
    machines.filter(({ interfaces }) => interfaces.some(({ on }) => on === cable)).length;
  const cables = underlay.cables.filter((each) => ends(each.name) === 2);
  const switches = underlay.switches.filter((each) => each.name !== name);
  const there = new Set([...cables, ...switches].map((each) => each.name));
  return {
    ...scenario,
    underlay: { ...underlay, cables, switches },
    machines: machines.map((machine) =>
      withoutLostPlugs({ ...machine, interfaces: machine.interfaces.filter(({ on }) => there.has(on)) }),
    ),
  };
}
