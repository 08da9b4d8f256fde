import type { Cast } from "./cast.ts";
import type { Health } from "./health.ts";

/** Something on the board that has a name or an address. */
export interface Found {
  readonly kind: "node" | "pod" | "switch";
  readonly name: string;
  /** The node of a pod. */
  readonly on: string;
  readonly address: string;
  /** Where to go. Of a pod that only the API knows yet, its node. */
  readonly netns: number;
}

/** Everything that can be found, nodes first. */
export function findable(cast: Cast, health: Health): readonly Found[] {
  const { rooms, fabrics } = cast.topology;
  const nodes = rooms.map(({ name, nics, netns }): Found => {
    const address = nics[0]?.addresses[0]?.split("/")[0] ?? "";
    return { kind: "node", name, on: "", address, netns };
  });
  const switches = fabrics.map(({ bridge, netns }): Found => {
    const address = bridge.addresses[0]?.split("/")[0] ?? "";
    return { kind: "switch", name: bridge.link.name, on: "", address, netns };
  });
  const pods = rooms.flatMap((room) =>
    health.of(room).marks.map(({ name, ip, netns }): Found => {
      return { kind: "pod", name, on: room.name, address: ip ?? "", netns: netns ?? room.netns };
    }),
  );
  return [...nodes, ...switches, ...pods];
}

/** Those whose name, node or address has every word; what begins with the first word comes first. */
export function search(all: readonly Found[], text: string): readonly Found[] {
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  const [first] = words;
  if (first === undefined) return all;
  const hits = all.filter(({ name, on, address }) => {
    const line = `${name} ${on} ${address}`.toLowerCase();
    return words.every((word) => line.includes(word));
  });
  const rank = ({ name, address }: Found): number =>
    name === first || address === first ? 0 : name.startsWith(first) || address.startsWith(first) ? 1 : 2;
  return hits.toSorted((a, b) => rank(a) - rank(b));
}

/** The items of which every word that was typed is a part, in their order. */
export function matching<T>(items: readonly T[], text: string, nameOf: (item: T) => string): readonly T[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return items;
  return items.filter((item) => {
    const name = nameOf(item).toLowerCase();
    return words.every((word) => name.includes(word));
  });
}
