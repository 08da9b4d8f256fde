import { expect, it } from "vitest";
import { along, sample, SAMPLES, Wires } from "./wires.ts";

function corner(): Wires {
  const wires = new Wires();
  wires.put("a", 0, 0);
  wires.put("mid", 5, 0);
  wires.put("corner", 10, 0);
  wires.put("same", 10, 0);
  wires.put("b", 10, 30);
  wires.join("a", "mid", "corner", "same", "b");
  return wires;
}

it("follows the wires and keeps corners, even where two points coincide", () => {
  expect(corner().way("a", "b")).toEqual([
    { x: 0, y: 0 },
    { x: 10, y: 0 },
    { x: 10, y: 30 },
  ]);
});

it("goes straight where no wire leads", () => {
  const wires = corner();
  wires.put("island", 3, 4);
  expect(wires.way("a", "island")).toEqual([
    { x: 0, y: 0 },
    { x: 3, y: 4 },
  ]);
});

it("finds the same ways from dead ends, and the new one when a wire is laid", () => {
  const wires = corner();
  wires.put("leaf", 0, -5);
  wires.put("tip", 0, -9);
  wires.join("tip", "leaf", "mid");
  expect(wires.way("tip", "b").map(({ x, y }) => [x, y])).toEqual([
    [0, -9],
    [0, -5],
    [5, 0],
    [10, 0],
    [10, 30],
  ]);
  expect(wires.way("b", "tip")).toEqual(wires.way("tip", "b").toReversed());
  expect(wires.way("tip", "leaf")).toHaveLength(2);
  wires.join("leaf", "b");
  expect(wires.way("tip", "b")).toHaveLength(3);
});

it("samples at even distances", () => {
  const samples = sample(corner().way("a", "b"));
  expect(samples).toHaveLength(SAMPLES);
  expect(along(samples, 0.5)).toEqual({ x: 10, y: 10 });
  expect(along(samples, 1)).toEqual({ x: 10, y: 30 });
});
