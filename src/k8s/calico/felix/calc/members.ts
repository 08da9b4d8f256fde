import { selects } from "../selector/parse.ts";
import { labelsOf } from "./labels.ts";
import type { SetSpec } from "./parsed.ts";
import type { Snapshot } from "./snapshot.ts";

/** A member as ipset prints it: `10.0.0.1`, `10.0.0.0/8`, `10.0.0.1,tcp:80`. */
export type Member = string;

/** Sets of one snapshot are asked for by every node: each is made once. */
const known = new WeakMap<Snapshot, Map<string, readonly Member[]>>();

function serviceMembers(spec: SetSpec, snapshot: Snapshot): readonly Member[] {
  const endpoints = snapshot.services.get(spec.service ?? "") ?? [];
  return endpoints.map(({ address, protocol, port }) =>
    spec.withPorts ? `${address},${protocol}:${port}` : address,
  );
}

/** A set of networks holds none of length 0: two halves stand for it. */
function netMembers(net: string): readonly Member[] {
  return net === "0.0.0.0/0" ? ["0.0.0.0/1", "128.0.0.0/1"] : [net.replace(/\/32$/, "")];
}

function membersOf(spec: SetSpec, snapshot: Snapshot): readonly Member[] {
  if (spec.service !== undefined) return serviceMembers(spec, snapshot);
  const { selector, port } = spec;
  if (selector === undefined) return [];
  const { profiles, workloads, hostEndpoints, networkSets } = snapshot;
  const out: Member[] = [];
  for (const endpoint of [...workloads, ...hostEndpoints]) {
    if (!selects(selector, labelsOf(endpoint, profiles))) continue;
    if (port === undefined) out.push(...endpoint.addresses);
    else
      for (const own of endpoint.ports)
        if (own.name === port.name && own.protocol === port.protocol)
          out.push(...endpoint.addresses.map((address) => `${address},${own.protocol}:${own.port}`));
  }
  if (port === undefined)
    for (const set of networkSets)
      if (selects(selector, labelsOf(set, profiles))) out.push(...set.nets.flatMap(netMembers));
  return out;
}

/**
 * Who is in a set. Of IPv4 only.
 *
 * Models: felix/labelindex SelectorAndNamedPortIndex.
 */
export function setMembers(spec: SetSpec, snapshot: Snapshot): readonly Member[] {
  let sets = known.get(snapshot);
  if (sets === undefined) known.set(snapshot, (sets = new Map<string, readonly Member[]>()));
  let members = sets.get(spec.id);
  if (members === undefined) {
    members = [...new Set(membersOf(spec, snapshot).filter((member) => !/:.*:/.test(member)))];
    sets.set(spec.id, members);
  }
  return members;
}
