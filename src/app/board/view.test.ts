import { expect, it } from "vitest";
import { viewOf } from "./view.ts";

const tall = { x: 0, y: 0, width: 400, height: 900 };

it("keeps the top of a tall board free of a bar of two lines", () => {
  const usual = viewOf(tall, 1000, 600);
  const crowded = viewOf(tall, 1000, 600, false, 130);
  expect(usual.y).toBeLessThan(130);
  expect(crowded.y).toBeGreaterThanOrEqual(130);
  expect(crowded.zoom).toBeLessThan(usual.zoom);
  // The bottom stays where it was: above the buttons that zoom.
  expect(crowded.y + tall.height * crowded.zoom).toBeCloseTo(usual.y + tall.height * usual.zoom);
});

it("takes no less than the usual room for a bar of one line", () => {
  expect(viewOf(tall, 1000, 600, false, 40)).toEqual(viewOf(tall, 1000, 600));
});
