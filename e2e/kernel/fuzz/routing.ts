// Static routes that make a random network whole: every node learns a way to every subnet.
import { addressText, subnetText, type Draft, type Interface, type Node, type Segment } from "./draft.ts";

interface Way {
  readonly out: Interface;
  readonly via: Interface;
}

/** Shortest ways from `from` to segments it has no part in, over nodes that forward. */
export function waysFrom(from: Node): Map<Segment, Way> {
  const ways = new Map<Segment, Way>();
  const near = new Set(from.interfaces.map((end) => end.segment));
  const queue: { node: Node; way: Way | undefined }[] = [{ node: from, way: undefined }];
  const seen = new Set([from]);
  for (let head = queue.shift(); head !== undefined; head = queue.shift()) {
    for (const end of head.node.interfaces) {
      if (head.way && !near.has(end.segment) && !ways.has(end.segment)) ways.set(end.segment, head.way);
      for (const member of end.segment.members) {
        if (seen.has(member.node) || !member.node.forwards) continue;
        seen.add(member.node);
        queue.push({ node: member.node, way: head.way ?? { out: end, via: member } });
      }
    }
  }
  return ways;
}

/** Hosts with one interface get a default route; others a route for each subnet, or a default for what lies one way. */
export function addRoutes(draft: Draft): void {
  for (const node of draft.nodes) {
    const ways = waysFrom(node);
    const first = [...ways.values()][0];
    if (first === undefined) continue;
    const oneWay = [...ways.values()].every((way) => way.via === first.via);
    if (oneWay && draft.chance.happens(node.forwards ? 0.4 : 0.9)) {
      draft.setup.push(
        `ip -n ${node.name} route add default via ${addressText(first.via.address)}${trimmings(draft, first)}`,
      );
      continue;
    }
    for (const [segment, way] of ways) {
      draft.setup.push(
        `ip -n ${node.name} route add ${subnetText(segment)} via ${addressText(way.via.address)}${trimmings(draft, way)}`,
      );
    }
  }
}

function trimmings(draft: Draft, way: Way): string {
  const { chance } = draft;
  return (
    chance.maybe(0.5, () => `dev ${way.out.device}`) +
    chance.maybe(0.1, () => `src ${addressText(way.out.address)}`) +
    chance.maybe(0.15, () => `metric ${String(chance.pick([10, 100, 1024]))}`) +
    chance.maybe(0.1, () => `proto ${chance.pick(["static", "bird", "kernel", "187"])}`) +
    chance.maybe(0.08, () => `mtu ${String(chance.pick([1280, 1400, 1450]))}`)
  );
}
