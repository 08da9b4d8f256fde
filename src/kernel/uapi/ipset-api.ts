import type { Netns } from "../netns.ts";
import type { IpsetApi } from "./ipset.ts";
import type { Actor } from "./types.ts";

/** Models: nfnetlink's IPSET_CMD_*. */
export function ipsetApi(ns: Netns, by: Actor): IpsetApi {
  const { ipset } = ns;
  return {
    list: () => ipset.list(),
    get: (name) => ipset.get(name),
    create: (spec, exist = false) => ipset.create(spec, exist, by),
    destroy: (name) => ipset.destroy(name, by),
    flush: (name) => ipset.flush(name, by),
    rename: (from, to) => ipset.rename(from, to, by),
    swap: (one, other) => ipset.swap(one, other, by),
    add: (name, element, exist = false) => ipset.add(name, element, exist, by),
    delete: (name, element, exist = false) => ipset.delete(name, element, exist, by),
    test: (name, element) => ipset.test(name, element),
  };
}
