import { nftElements } from "./nft.ts";
import { ipsetMember } from "./tables.ts";
import type { WorldState } from "./world.ts";

/** A named set or map of nftables, or an ipset, with its members as the tools print them. */
export interface SetView {
  readonly key: string;
  readonly tool: "nft" | "ipset";
  /** `ip kube-proxy`; of an ipset its type. */
  readonly of: string;
  readonly name: string;
  /** `entry`: the name that changes of entries have for it. */
  readonly members: readonly { readonly entry: string; readonly text: string }[];
}

export function setsOf(world: WorldState, netns: number): readonly SetView[] {
  const nft = world.rows("nft", netns).flatMap(({ key }): SetView[] => {
    const [, of, name] = /^(\S+ \S+) set (.+)$/.exec(key) ?? [];
    if (of === undefined || name === undefined) return [];
    const members = nftElements(world, netns, key).map(({ member, text }) => ({
      entry: `element/${of} ${name}/${member}`,
      text,
    }));
    return [{ key, tool: "nft", of, name, members }];
  });
  const sets = new Map<
    string,
    { readonly type: string; readonly members: { entry: string; text: string }[] }
  >();
  for (const { key, row } of world.rows("ipset", netns)) {
    if (!("member" in row)) sets.set(key, { type: row.type, members: [] });
    else {
      const name = key.slice(0, key.length - row.member.length - 1);
      const text = ipsetMember(row.member);
      sets.get(name)?.members.push({ entry: `element/ipset ${name}/${text}`, text });
    }
  }
  const ipsets = [...sets].map(([name, { type, members }]): SetView => ({
    key: `ipset ${name}`,
    tool: "ipset",
    of: type,
    name,
    members,
  }));
  return [...nft, ...ipsets].filter(({ members }) => members.length > 0);
}
