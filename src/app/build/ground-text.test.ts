import { describe, expect, it } from "vitest";
import { addMachine, connect } from "../../scenario/edit/ground.ts";
import type { Scenario } from "../../scenario/schema.ts";
import {
  checkMachine,
  checkUnderlay,
  machineText,
  underlayText,
  withMachineText,
  withUnderlayText,
} from "./ground-text.ts";
import { suggestions } from "./yaml-keys.ts";

const EMPTY: Scenario = { version: 1, name: "x", seed: 1, manifests: [] };
const TWO = connect(addMachine(addMachine(EMPTY, "router").scenario, "docker").scenario, "docker", "router");

describe("a machine as text", () => {
  const text = machineText(TWO, "docker") ?? "";

  it("says what was said and nothing that goes without saying; unchanged, it changes nothing", () => {
    expect(text).toBe(`apiVersion: flannelgraph/v1
kind: Machine
spec:
  name: docker
  role: docker
  interfaces:
  - name: eth0
    on: switch
    addresses:
    - 192.168.56.2/24
  - name: eth1
    on: cable
    addresses:
    - 192.168.57.1/24
  docker:
    version: "29"
`);
    expect(checkMachine(text)).toEqual([]);
    expect(withMachineText(TWO, "docker", text)).toEqual(TWO);
  });

  it("is the machine once it is changed", () => {
    const changed = withMachineText(
      TWO,
      "docker",
      text.replace(/version: .*/, 'version: "20.10"\n    bip: 10.9.0.1/24'),
    );
    expect(changed.machines?.[1]?.docker).toEqual({ version: "20.10", bip: "10.9.0.1/24" });
  });

  it("is complained about at the line", () => {
    const [problem] = checkMachine(text.replace("192.168.57.1/24", "192.168.57.1"));
    expect(problem?.line).toBe(14);
    expect(problem?.message).toContain("interfaces.1.addresses.0");
    expect(checkMachine(text.replace("role: docker", "role: mainframe"))).toMatchObject([{ line: 5 }]);
    expect(checkMachine(text.replace("  role: docker", "  role: a: b"))).toMatchObject([{ line: 5 }]);
    expect(checkMachine("")).not.toEqual([]);
  });

  it("is completed by its own words", () => {
    const at = (line: string): readonly string[] => suggestions(text.replace("  role: docker", line), 4);
    expect(at("  role: ")).toContain("router");
    expect(at("  ro")).toEqual(expect.arrayContaining(["role", "interfaces", "masquerade"]));
    expect(suggestions(text.replace("    on: switch", "    la"), 7)).toContain("latencyMs");
  });
});

it("switches and cables as text", () => {
  const text = underlayText(TWO);
  expect(checkUnderlay(text)).toEqual([]);
  expect(withUnderlayText(TWO, text)).toEqual(TWO);
  const slow = text.replace("- name: cable", "- name: cable\n    latencyMs: 20");
  expect(withUnderlayText(TWO, slow).underlay?.cables).toEqual([{ name: "cable", latencyMs: 20 }]);
  expect(checkUnderlay(slow.replace("20", "-1"))).toMatchObject([{ line: 8 }]);
});
