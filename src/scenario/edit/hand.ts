import type { Scenario } from "../schema.ts";
import { withLine } from "./ground.ts";
import { freshName } from "./objects.ts";

/**
 * Namespaces, bridges and cables made by hand on the first machine: lines of the scenario's setup, as one would type
 * them. So a reader of the script learns the commands, and the engine runs nothing else than those.
 */

/** What the setup's own lines have made so far. */
export interface HandMade {
  readonly namespaces: readonly string[];
  readonly bridges: readonly string[];
  readonly cables: readonly string[];
}

export function handMade({ setup = "", script = "" }: Scenario): HandMade {
  const text = `${script}\n${setup}`;
  const all = (pattern: RegExp): readonly string[] =>
    [...text.matchAll(pattern)].map((found) => found[1] ?? "");
  const gone = new Set(all(/^ip netns del(?:ete)? (\S+)/gm));
  const lost = new Set(all(/^ip link del(?:ete)? (\S+)/gm));
  return {
    namespaces: all(/^ip netns add (\S+)/gm).filter((name) => !gone.has(name)),
    bridges: all(/^ip link add (?:name )?(\S+) type bridge/gm).filter((name) => !lost.has(name)),
    cables: all(/^ip link add (?:name )?(\S+) (?:netns \S+ )?type veth/gm),
  };
}

function typed(scenario: Scenario, lines: readonly string[]): Scenario {
  return {
    ...scenario,
    setup:
      lines.reduce<string | undefined>((text, line) => withLine(text, `${line}\n`), scenario.setup) ?? "",
  };
}

const COLOURS = ["red", "blue", "green", "amber", "violet", "grey"];

export function addNamespace(scenario: Scenario): { readonly scenario: Scenario; readonly name: string } {
  const { namespaces } = handMade(scenario);
  const name = COLOURS.find((each) => !namespaces.includes(each)) ?? freshName(namespaces, "ns");
  const lines = [`ip netns add ${name}`, `ip -n ${name} link set lo up`];
  return { name, scenario: typed(scenario, lines) };
}

/** A bridge with an address, so that what hangs on it can reach the machine. */
export function addBridge(scenario: Scenario): { readonly scenario: Scenario; readonly name: string } {
  const { bridges } = handMade(scenario);
  const name = freshName(bridges, "br0");
  const net = bridges.length + 1;
  const lines = [
    `ip link add ${name} type bridge`,
    `ip addr add 10.10.${net}.1/24 dev ${name}`,
    `ip link set ${name} up`,
  ];
  return { name, scenario: typed(scenario, lines) };
}

/** Two plugs of one cable: namespaces, a namespace and a bridge, or two bridges. */
export function addCable(scenario: Scenario, from: string, to: string): Scenario {
  const { bridges, cables } = handMade(scenario);
  const n = cables.length + 1;
  const [one, other] = [`veth${n}a`, `veth${n}b`];
  if (bridges.includes(from) && bridges.includes(to))
    return typed(scenario, [
      `ip link add ${one} type veth peer name ${other}`,
      `ip link set ${one} master ${from} up`,
      `ip link set ${other} master ${to} up`,
    ]);
  if (bridges.includes(to)) {
    const net = bridges.indexOf(to) + 1;
    return typed(scenario, [
      `ip link add ${one} netns ${from} type veth peer name ${other}`,
      `ip link set ${other} master ${to} up`,
      `ip -n ${from} addr add 10.10.${net}.${n + 1}/24 dev ${one}`,
      `ip -n ${from} link set ${one} up`,
      `ip -n ${from} route replace default via 10.10.${net}.1`,
    ]);
  }
  return typed(scenario, [
    `ip link add ${one} netns ${from} type veth peer name ${other} netns ${to}`,
    `ip -n ${from} addr add 10.20.${n}.1/24 dev ${one}`,
    `ip -n ${to} addr add 10.20.${n}.2/24 dev ${other}`,
    `ip -n ${from} link set ${one} up`,
    `ip -n ${to} link set ${other} up`,
  ]);
}

/** A namespace goes as one types it: what is in it goes with it. */
export function removeNamespace(scenario: Scenario, name: string): Scenario {
  return handMade(scenario).namespaces.includes(name) ? typed(scenario, [`ip netns del ${name}`]) : scenario;
}
