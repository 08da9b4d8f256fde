import type { Netns } from "../netns.ts";
import type { Actor } from "./types.ts";
import type { XtablesApi } from "./xtables.ts";

/** Models: nf_tables_newrule and its kin, as iptables-nft asks for them. */
export function xtablesApi(ns: Netns, by: Actor): XtablesApi {
  return {
    table: (family, table) => ns.xtables.info(family, table),
    chain: (family, table, name) => ns.xtables.chain(family, table, name),
    chainNames: (family, table) => ns.xtables.chainNames(family, table),
    commit: (family, table, steps) => ns.xtables.commit(family, table, steps, by),
    drop: (family, table) => ns.xtables.drop(family, table, by),
  };
}
