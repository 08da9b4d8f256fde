import { describe, expect, it } from "vitest";
import { must } from "../../../../base/result.ts";
import { rulesConfig } from "../../../../testkit/felix.ts";
import { allocateMarks, endpointMarkBits } from "./config.ts";
import { endpointMarkChains, EndpointMarks } from "./ipvs.ts";
import { type Chain, hashed } from "./rule.ts";
import { staticFilter } from "./static.ts";

const MASK = 0xffff0000;
const bits = endpointMarkBits(MASK, must(allocateMarks(MASK), "marks"));

function shown(chains: readonly Chain[], name: string): readonly string[] {
  const chain = must(
    chains.find((one) => one.name === name),
    name,
  );
  return hashed(name, chain.rules).map(({ spec }) => spec.replace(/^-m comment --comment "cali:\S+" /, ""));
}

describe("endpoint marks", () => {
  it("take what the other marks leave", () => {
    expect([bits.mask, bits.none]).toEqual([0xffe00000, 0x200000]);
  });

  it("differ, stay as long as their endpoints, and never are that of no endpoint", () => {
    const marks = new EndpointMarks({ mask: 0x700000, none: 0x100000 });
    const names = ["a", "b", "c", "d", "e", "f"];
    const all = names.map((name) => marks.markOf(name));
    expect([...new Set(all)].sort()).toEqual([0x200000, 0x300000, 0x400000, 0x500000, 0x600000, 0x700000]);
    expect(marks.markOf("g")).toBeUndefined();
    marks.keep(new Set(["b", "c", "d", "e", "f"]));
    expect(marks.markOf("g")).toBe(all[0]);
    expect(marks.markOf("b")).toBe(all[1]);
  });

  it("lead from the interface to the mark, and from the mark to the chain of the interface", () => {
    const config = rulesConfig({ ipvs: bits });
    const marks = new EndpointMarks(bits);
    const chains = endpointMarkChains(config, marks, ["cali1"], ["eth0"]);
    const [pod, host] = ["cali1", "eth0"].map(
      (name) => `0x${(marks.markOf(name) ?? 0).toString(16)}/0xffe00000`,
    );
    expect(shown(chains, "cali-set-endpoint-mark")).toEqual([
      "--in-interface cali1 --goto cali-sm-cali1",
      "--in-interface eth0 --goto cali-sm-eth0",
      '-m comment --comment "Unknown endpoint" --in-interface cali+ --jump DROP',
      '-m comment --comment "Non-Cali endpoint mark" --jump MARK --set-mark 0x200000/0xffe00000',
    ]);
    expect(shown(chains, "cali-from-endpoint-mark")).toEqual([
      `-m mark --mark ${pod} --goto cali-fw-cali1`,
      `-m mark --mark ${host} --goto cali-fhfw-eth0`,
      '-m comment --comment "Unknown interface" --jump DROP',
    ]);
    expect(shown(chains, "cali-sm-eth0")).toEqual([`--jump MARK --set-mark ${host}`]);
    expect(shown(staticFilter(config), "cali-OUTPUT")[1]).toBe(
      "-m mark ! --mark 0/0xffe00000 --goto cali-forward-endpoint-mark",
    );
    expect(staticFilter(rulesConfig()).some(({ name }) => name === "cali-forward-check")).toBe(false);
  });
});
