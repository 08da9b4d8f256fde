import { compareText } from "../../../../formats/json.ts";
import type { RulesConfig } from "./config.ts";
import {
  ENDPOINT,
  endpointChain,
  FROM_HEP_FORWARD,
  FROM_HOST_ENDPOINT,
  FROM_WORKLOADS,
  TO_HEP_FORWARD,
  TO_HOST_ENDPOINT,
  TO_WORKLOADS,
} from "./names.ts";
import { type Chain, goTo, RETURN, type Rule } from "./rule.ts";

/** An interface name as long as no real one: stands for a host endpoint of all interfaces. */
export const ANY_INTERFACE = "any-interface-at-all";

/** What names have in common, and the names by one letter more. */
interface Tree {
  readonly common: string;
  readonly byPrefix: ReadonlyMap<string, readonly string[]>;
}

function commonPrefix(names: readonly string[]): string {
  const [first = "", last = ""] = [names[0], names.at(-1)];
  let length = 0;
  while (length < first.length && first[length] === last[length]) length++;
  return first.slice(0, length);
}

/** Models: sortAndDivideEndpointNamesToPrefixTree. */
export function divide(devices: readonly string[]): Tree {
  const names = [...new Set(devices)].sort(compareText);
  const common = commonPrefix(names);
  const byPrefix = new Map<string, string[]>();
  for (const name of names) {
    const prefix = name.slice(0, common.length + 1);
    const known = byPrefix.get(prefix);
    if (known === undefined) byPrefix.set(prefix, [name]);
    else known.push(name);
  }
  return { common, byPrefix };
}

type Side = "in" | "out";
const match = (side: Side, device: string): readonly string[] => [`--${side}-interface ${device}`];

/**
 * From one chain to the chain of each interface: at most one chain between, by the first letter in which the names
 * differ.
 *
 * Models: felix/rules/dispatch.go buildSingleDispatchChainTree.
 */
export function dispatch(
  chain: string,
  tree: Tree,
  prefix: string,
  side: Side,
  last: readonly Rule[],
): readonly Chain[] {
  const children: Chain[] = [];
  const rules: Rule[] = [];
  const leaf = (device: string): Rule => ({
    match: match(side, device),
    action: goTo(endpointChain(prefix, device)),
  });
  for (const [letter, devices] of tree.byPrefix) {
    const [only = ""] = devices;
    if (devices.length === 1) {
      rules.push(leaf(only));
      continue;
    }
    const child = `${chain}-${letter.slice(tree.common.length)}`;
    rules.push({ match: match(side, `${letter}+`), action: goTo(child) });
    children.push({ name: child, rules: [...devices.map(leaf), ...last] });
  }
  return [...children, { name: chain, rules: [...rules, ...last] }];
}

/** Models: WorkloadDispatchChains. A pod that Felix does not know yet gets nothing through. */
export function workloadDispatch(config: RulesConfig, devices: readonly string[]): readonly Chain[] {
  const tree = divide(devices);
  const last: readonly Rule[] = [{ action: config.deny, comments: ["Unknown interface"] }];
  return [
    ...dispatch(FROM_WORKLOADS, tree, ENDPOINT.fromWorkload, "in", last),
    ...dispatch(TO_WORKLOADS, tree, ENDPOINT.toWorkload, "out", last),
  ];
}

/** Host endpoints by interface; `any`: one holds for all other interfaces. */
export interface HostDevices {
  readonly devices: readonly string[];
  readonly any: boolean;
}

const lead = (any: boolean, prefix: string): readonly Rule[] =>
  any ? [{ action: goTo(endpointChain(prefix, ANY_INTERFACE)) }] : [];

export function fromHostDispatch({ devices, any }: HostDevices): readonly Chain[] {
  return dispatch(FROM_HOST_ENDPOINT, divide(devices), ENDPOINT.fromHost, "in", lead(any, ENDPOINT.fromHost));
}

/** `spareWorkloads`: packets to pods are not the host endpoint's of all interfaces. */
export function toHostDispatch(
  config: RulesConfig,
  { devices, any }: HostDevices,
  spareWorkloads: boolean,
): readonly Chain[] {
  const spared: readonly Rule[] = config.prefixes.map((prefix) => ({
    match: match("out", `${prefix}+`),
    action: RETURN,
    comments: ["Skip egress WHEP policy for traffic to local workload"],
  }));
  const last = [...(any && spareWorkloads ? spared : []), ...lead(any, ENDPOINT.toHost)];
  return dispatch(TO_HOST_ENDPOINT, divide(devices), ENDPOINT.toHost, "out", last);
}

export function hostForwardDispatch({ devices, any }: HostDevices): readonly Chain[] {
  const tree = divide(devices);
  return [
    ...dispatch(FROM_HEP_FORWARD, tree, ENDPOINT.fromHostForward, "in", lead(any, ENDPOINT.fromHostForward)),
    ...dispatch(TO_HEP_FORWARD, tree, ENDPOINT.toHostForward, "out", lead(any, ENDPOINT.toHostForward)),
  ];
}
