import type { CableSpec, MachineSpec, UnderlaySpec } from "../../scenario/underlay.ts";
import { mask, parseIpv4, parsePrefix } from "../../wire/address.ts";

/** One end of a cable: whose, and what it is called there. */
interface Plug {
  readonly who: string;
  readonly device: string;
  readonly on: string;
  readonly addresses: readonly string[];
}

function plugs(underlay: UnderlaySpec, machines: readonly MachineSpec[], nodes: readonly string[]): Plug[] {
  return [
    ...underlay.nodes.map(({ on, address, name }, i) => ({
      who: name ?? nodes[i] ?? `nodes[${i}]`,
      device: "eth0",
      on,
      addresses: [address],
    })),
    ...machines.flatMap(({ name, interfaces }) =>
      interfaces.map((each) => ({ who: name, device: each.name, on: each.on, addresses: each.addresses })),
    ),
  ];
}

function repeated(names: readonly string[]): string | undefined {
  return names.find((name, i) => names.indexOf(name) !== i);
}

function wrongCable(cable: string, ends: readonly Plug[]): string | undefined {
  if (ends.length === 2) return undefined;
  const who = ends.map(({ who: name }) => name).join(", ");
  return `cable ${cable} has ${ends.length} ends (${who === "" ? "nobody's" : who}); it needs two`;
}

function wrongAddress({ who, device, addresses }: Plug): string | undefined {
  const bad = addresses.find((text) => {
    const prefix = parsePrefix(text);
    return (
      prefix === undefined ||
      prefix.length > 32 ||
      ((prefix.address & ~mask(prefix.length)) >>> 0 === 0 && prefix.length < 31)
    );
  });
  return bad === undefined
    ? undefined
    : `${who}: ${device}: "${bad}" is not an address with the length of its network`;
}

function wrongMachine(machine: MachineSpec, devices: readonly string[]): string | undefined {
  const { name, routes, masquerade } = machine;
  const twice = repeated(devices);
  if (twice !== undefined) return `${name}: two interfaces are called ${twice}`;
  for (const device of masquerade)
    if (!devices.includes(device)) return `${name}: masquerade: there is no interface ${device}`;
  for (const { to, via } of routes)
    if ((to !== "default" && parsePrefix(to) === undefined) || parseIpv4(via) === undefined)
      return `${name}: routes: "${to} via ${via}" is not a route`;
  return undefined;
}

/** What of an underlay cannot be built, in words; undefined when all of it can. `nodes` are the cluster's own names. */
export function wrongUnderlay(
  underlay: UnderlaySpec,
  machines: readonly MachineSpec[],
  nodes: readonly string[],
): string | undefined {
  const { switches, cables, cloudRouter } = underlay;
  const twice = repeated([
    ...switches.map(({ name }) => name),
    ...cables.map(({ name }) => name),
    ...machines.map(({ name }) => name),
    ...nodes.map((name, i) => underlay.nodes[i]?.name ?? name),
  ]);
  if (twice !== undefined) return `two things are called ${twice}`;
  if (underlay.nodes.length > 0 && underlay.nodes.length !== nodes.length)
    return `underlay.nodes: ${underlay.nodes.length} for the ${nodes.length} nodes of the cluster`;
  const all = plugs(underlay, machines, nodes);
  const places = new Set([...switches, ...cables].map(({ name }) => name));
  for (const plug of all) {
    if (!places.has(plug.on)) return `${plug.who}: ${plug.device}: there is no switch or cable ${plug.on}`;
    const address = wrongAddress(plug);
    if (address !== undefined) return address;
  }
  for (const { name } of cables) {
    const wrong = wrongCable(
      name,
      all.filter(({ on }) => on === name),
    );
    if (wrong !== undefined) return wrong;
  }
  if (cloudRouter !== undefined && !machines.some(({ name }) => name === cloudRouter))
    return `underlay.cloudRouter: there is no machine ${cloudRouter}`;
  for (const machine of machines) {
    const wrong = wrongMachine(
      machine,
      machine.interfaces.map(({ name }) => name),
    );
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

/** What holds of a cable from end to end: an interface's own word goes before the cable's. */
export function cableOf(own: CableSpec, shared: CableSpec | undefined): CableSpec {
  return {
    latencyMs: own.latencyMs ?? shared?.latencyMs,
    lossPercent: own.lossPercent ?? shared?.lossPercent,
    mtu: own.mtu ?? shared?.mtu,
  };
}
