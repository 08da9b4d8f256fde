import { must } from "../base/result.ts";
import { compareText } from "../formats/json.ts";
import { setName, SETS } from "../k8s/calico/felix/rules/names.ts";
import {
  FELIX_TABLES,
  type FelixTable,
  type WantedTable,
  type WantedTables,
} from "../k8s/calico/felix/rules/render.ts";
import { hashed, type Rule } from "../k8s/calico/felix/rules/rule.ts";
import type { Active } from "../k8s/calico/felix/calc/active.ts";

/** The input of iptables-restore that brings an empty table to what Felix wants, in its own words. */
function tableText(name: FelixTable, { chains, inserts, appends }: WantedTable): string {
  const lines = (chain: string, named: string, rules: readonly Rule[]): readonly string[] =>
    hashed(named, rules).map(({ spec }) => `-A ${chain} ${spec}`);
  const sorted = [...chains.keys()].sort(compareText);
  return [
    `*${name}`,
    ...sorted.map((chain) => `:${chain} - [0:0]`),
    ...[...inserts].flatMap(([hook, rules]) => lines(hook, hook, rules)),
    ...[...appends].flatMap(([hook, rules]) => lines(hook, `${hook}*appends*`, rules)),
    ...sorted.flatMap((chain) => lines(chain, chain, must(chains.get(chain), chain).rules)),
    "COMMIT",
  ].join("\n");
}

export function restoreText(tables: WantedTables): string {
  return FELIX_TABLES.map((name) => tableText(name, tables[name])).join("\n");
}

/** The input of `ipset restore` for the sets that the rules ask. */
export function ipsetText(
  active: Active,
  fixed: Readonly<Partial<Record<keyof typeof SETS, readonly string[]>>>,
): string {
  const create = (id: string, type: string, members: readonly string[]): readonly string[] => [
    `create ${setName(id)} ${type} family inet maxelem 1048576`,
    ...members.map((member) => `add ${setName(id)} ${member}`),
  ];
  const own = Object.entries(SETS)
    .filter(([key]) => key !== "vxlanHosts" && key !== "allHosts")
    .flatMap(([key, id]) =>
      create(id, key === "thisHost" ? "hash:ip" : "hash:net", fixed[key as keyof typeof SETS] ?? []),
    );
  const policies = [...active.sets].flatMap(([id, { withPorts, members }]) =>
    create(id, withPorts ? "hash:ip,port" : "hash:net", members),
  );
  return [...own, ...policies].join("\n");
}
