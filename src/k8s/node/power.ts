import type { AddressSpec, KernelApi, NetnsId, RouteSpec } from "../../kernel/uapi/index.ts";

const PROTO_KERNEL = 2;
const TABLE_MAIN = 254;
const SCOPE_HOST = 254;

/** What a machine's own files say about its network: what it has whenever it has started, before anything runs on it. */
export interface NodeNetwork {
  readonly cards: readonly { readonly name: string; readonly mtu: number }[];
  readonly addresses: readonly (Omit<AddressSpec, "dev"> & { readonly card: string })[];
  readonly routes: readonly RouteSpec[];
  /** By path, those of the namespace as a whole and of its cards. */
  readonly settings: () => ReadonlyMap<string, string>;
}

/** Reads it off a machine that has just been wired. */
export function networkOf(kernel: KernelApi, netns: NetnsId): NodeNetwork {
  const net = kernel.open(netns, { name: "board" });
  const cards = net.link.list().filter(({ name }) => name !== "lo");
  const nameOf = (dev: number): string => cards.find(({ index }) => index === dev)?.name ?? "";
  const before = new Map<string, string>();
  return {
    cards: cards.map(({ name, mtu }) => ({ name, mtu })),
    addresses: net.address
      .list()
      .flatMap(({ dev, local, prefixLength, broadcast, scope }) =>
        scope === SCOPE_HOST
          ? []
          : [{ card: nameOf(dev), local, prefixLength, ...(broadcast !== undefined && { broadcast }) }],
      ),
    routes: net.route
      .list()
      .filter(({ table, protocol }) => table === TABLE_MAIN && protocol !== PROTO_KERNEL)
      .map(({ dst, nexthops, metric }) => ({ dst, nexthops, metric })),
    settings: () => {
      if (before.size > 0) return before;
      for (const path of net.sysctl.list()) {
        const value = net.sysctl.get(path);
        if (value.ok) before.set(path, value.value);
      }
      return before;
    },
  };
}

/** The machine has started: its cards come up with what its files say. */
export function bringUpNetwork(
  kernel: KernelApi,
  netns: NetnsId,
  { cards, addresses, routes }: NodeNetwork,
): void {
  const net = kernel.open(netns, { name: "systemd-networkd", detail: "the machine starts" });
  for (const { name, mtu } of [{ name: "lo", mtu: 65536 }, ...cards]) {
    const link = net.link.byName(name);
    if (link !== undefined) net.link.change(link.index, { up: true, mtu });
  }
  for (const { card, ...address } of addresses) {
    const link = net.link.byName(card);
    if (link !== undefined) net.address.add({ ...address, dev: link.index });
  }
  for (const route of routes) net.route.add(route, "add");
}
