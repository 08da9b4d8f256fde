import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ruleOf } from "../../../../container/iptables.ts";
import { saveRule } from "../../../../formats/iptables/save.ts";
import { rulesConfig } from "../../../../testkit/felix.ts";
import { calculate } from "../calc/active.ts";
import { EMPTY } from "../calc/snapshot.ts";
import { FELIX_TABLES, type FelixTable, Renderer, type WantedTable } from "./render.ts";
import { hashed } from "./rule.ts";

const REAL = readFileSync(new URL("../fixtures/felix-fv.iptables-save.txt", import.meta.url), "utf8");

/** The `-A` lines and `:cali-` lines of a table. */
function realTable(table: FelixTable): {
  readonly chains: readonly string[];
  readonly rules: readonly string[];
} {
  const [, body = ""] = new RegExp(`\\*${table}\\n([^]*?)COMMIT`).exec(REAL) ?? [];
  const lines = body.split("\n");
  return {
    chains: lines.flatMap((line) => /^:(cali-\S+)/.exec(line)?.[1] ?? []),
    rules: lines.filter((line) => line.startsWith("-A")),
  };
}

function rendered(table: FelixTable, wanted: WantedTable): readonly string[] {
  const lines = (chain: string, named: string, rules: Parameters<typeof hashed>[1]): readonly string[] =>
    hashed(named, rules).map(({ spec }) => `-A ${chain} ${saveRule(ruleOf("ip", table, spec))}`);
  return [
    ...[...wanted.inserts].flatMap(([hook, rules]) => lines(hook, hook, rules)),
    ...[...wanted.appends].flatMap(([hook, rules]) => lines(hook, `${hook}*appends*`, rules)),
    ...[...wanted.chains.values()].flatMap(({ name, rules }) => lines(name, name, rules)),
  ];
}

describe("the rules without pods", () => {
  const wanted = new Renderer(rulesConfig({ vxlan: true })).render({
    active: calculate(EMPTY, "node"),
    hostDevices: new Map(),
    masquerades: true,
    serviceCidrs: [],
    spoofing: false,
  });

  for (const table of FELIX_TABLES)
    it(`of ${table} are those that a real Felix wrote, hash by hash`, () => {
      const real = realTable(table);
      const ours = rendered(table, wanted[table]);
      // Recorded before v3.31 gave the mangle table its rule for DSCP, which is in the hash of those after it.
      const strip = (line: string): string =>
        table === "mangle" && line.startsWith("-A cali-POSTROUTING") ? line.replace(/cali:\S{16}/, "") : line;
      const withoutSets = ours.filter((line) => !line.includes("--match-set")).map(strip);
      expect([...withoutSets].sort()).toEqual(real.rules.map(strip).sort());
      const own = [...wanted[table].chains.keys()].filter((name) => name !== "cali-egress-dscp");
      expect(own.sort()).toEqual([...real.chains].sort());
    });

  it("let tunnels of other nodes in, and ask sets whose they are", () => {
    const ipip = new Renderer(rulesConfig({ ipip: true })).render({
      active: calculate(EMPTY, "node"),
      hostDevices: new Map(),
      masquerades: true,
      serviceCidrs: ["10.96.0.0/12"],
      spoofing: false,
    });
    const lines = rendered("filter", ipip.filter).map((line) =>
      line.replace(/-m comment --comment "cali:\S+" /, ""),
    );
    expect(lines.filter((line) => line.includes("ipencap"))).toEqual([
      '-A cali-INPUT -p ipencap -m comment --comment "Allow IPIP packets from Calico hosts" -m set --match-set cali40all-hosts-net src -m addrtype --dst-type LOCAL -j ACCEPT',
      '-A cali-INPUT -p ipencap -m comment --comment "Drop IPIP packets from non-Calico hosts" -j DROP',
      '-A cali-OUTPUT -p ipencap -m comment --comment "Allow IPIP packets to other Calico hosts" -m set --match-set cali40all-hosts-net dst -m addrtype --src-type LOCAL -j ACCEPT',
    ]);
    expect(lines).toContain("-A cali-cidr-block -d 10.96.0.0/12 -j DROP");
    expect(rendered("nat", ipip.nat).at(-1)).toMatch(
      /--match-set cali40masq-ipam-pools src -m set ! --match-set cali40all-ipam-pools dst -j MASQUERADE --random-fully$/,
    );
  });
});
