import { NANOS_PER_MILLI } from "../../sim/time.ts";
import type { NftChain } from "../netfilter/nft/chain.ts";
import type { Entry, NftSet } from "../netfilter/nft/set.ts";
import type { NftTable } from "../netfilter/nft/table.ts";
import { Transaction } from "../netfilter/nft/transaction.ts";
import type { Netns } from "../netns.ts";
import type { NftApi, NftChainInfo, NftElement, NftSetInfo, NftStatement, NftTableInfo } from "./nft.ts";
import type { Actor } from "./types.ts";

/** nfnetlink's nf_tables, as nft(8) and kube-proxy's nftables mode use it. */
export function nftApi(ns: Netns, by: Actor): NftApi {
  return {
    list: () => [...ns.nft.tables.values()].map((table) => tableInfo(ns, table)),
    commit: (steps) => {
      const transaction = new Transaction(ns, by);
      const result = transaction.run(steps);
      if (result.ok) transaction.journal();
      return result;
    },
  };
}

function tableInfo(ns: Netns, table: NftTable): NftTableInfo {
  return {
    family: table.family,
    name: table.name,
    handle: table.handle,
    ...(table.comment === undefined ? {} : { comment: table.comment }),
    ...(table.dormant ? { dormant: true } : {}),
    counters: [...table.counters.values()].map(({ name, handle, comment, packets, bytes }) => ({
      name,
      handle,
      packets,
      bytes,
      ...(comment === undefined ? {} : { comment }),
    })),
    sets: [...table.sets.values()].map((set) => setInfo(ns, set)),
    chains: [...table.chains.values()].map(chainInfo),
  };
}

function chainInfo(chain: NftChain): NftChainInfo {
  return {
    name: chain.name,
    handle: chain.handle,
    ...(chain.base === undefined ? {} : { base: chain.base }),
    ...(chain.comment === undefined ? {} : { comment: chain.comment }),
    rules: chain.rules.map((rule) => {
      let counter = 0;
      const statements = rule.spec.statements.map((s): NftStatement => {
        return s.kind === "counter" ? { kind: "counter", ...rule.counters[counter++]! } : s;
      });
      return { ...rule.spec, statements, handle: rule.handle, by: rule.by };
    }),
  };
}

function setInfo(ns: Netns, set: NftSet): NftSetInfo {
  return {
    ...set.spec,
    handle: set.handle,
    elements: [...set.entries()].map((entry) => elementInfo(ns, set, entry)),
  };
}

function elementInfo(ns: Netns, set: NftSet, entry: Entry): NftElement {
  const left = entry.expires - ns.kernel.queue.now;
  return {
    ...entry.element,
    ...(entry.expires === Infinity ? {} : { expires: Math.round(left / NANOS_PER_MILLI) }),
    ...(set.spec.counter === true ? { counter: { packets: entry.packets, bytes: entry.bytes } } : {}),
  };
}
