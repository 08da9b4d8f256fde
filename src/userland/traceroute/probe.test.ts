import { describe, expect, test } from "vitest";
import { applyIcmp, checkExpired, newProbe, type Probe, timeoutOf } from "./probe.ts";

function probes(count: number, answered: Readonly<Record<number, Partial<Probe>>>): Probe[] {
  return Array.from({ length: count }, (_, i) => {
    const probe = { ...newProbe(), sent: 1 };
    return answered[i] === undefined ? probe : { ...probe, done: true, received: 1.01, ...answered[i] };
  });
}

const PATIENCE = { perHop: 3, waitSeconds: 5, hereFactor: 3, nearFactor: 10 };

describe("how long to wait", () => {
  test("the whole time when nobody answered", () => {
    expect(timeoutOf(probes(6, {}), 0, PATIENCE)).toBe(5);
  });

  test("three times a neighbour in the hop, ten times a later one", () => {
    expect(timeoutOf(probes(6, { 1: {} }), 0, PATIENCE)).toBeCloseTo(0.033);
    expect(timeoutOf(probes(6, { 4: {} }), 0, PATIENCE)).toBeCloseTo(0.11);
    expect(timeoutOf(probes(6, { 4: {} }), 0, { ...PATIENCE, hereFactor: 0, nearFactor: 0 })).toBe(5);
  });
});

describe("a hop without an answer", () => {
  const here = "0.0.0.1";

  test("stays a star when a later answer came on the way", () => {
    const list = probes(6, { 4: { from: here } });
    list[0]!.done = true;
    checkExpired(list, 0, 3);
    expect(list[0]!.from).toBeUndefined();
  });

  test("takes the refusal that a later probe of the same hop met", () => {
    const list = probes(6, { 1: { from: here, final: true, mark: "!H" } });
    list[0]!.done = true;
    checkExpired(list, 0, 3);
    expect(list[0]).toMatchObject({ from: here, mark: "!H", final: true });
    expect(list[1]).toMatchObject({ from: undefined, sent: 1, done: false });
  });
});

describe("what an ICMP error means", () => {
  test.each([
    [11, 0, 0, false, ""],
    [3, 3, 0, true, ""],
    [3, 0, 0, true, "!N"],
    [3, 1, 0, true, "!H"],
    [3, 13, 0, true, "!X"],
    [3, 4, 1400, true, "!F-1400"],
    [3, 99, 0, true, "!<99>"],
    [12, 1, 0, true, "!<12-1>"],
  ])("type %i code %i", (type, code, info, final, mark) => {
    const probe = newProbe();
    applyIcmp(probe, type, code, info);
    expect(probe).toMatchObject({ final, mark });
  });
});
