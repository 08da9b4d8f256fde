import fc from "fast-check";
import { expect, it } from "vitest";
import { matching } from "../model/find.ts";
import { windowOf } from "./rows.ts";

it("draws the rows in view of ten thousand, and few more", () => {
  expect(windowOf(10_000, { top: 0, height: 400 }, 20)).toEqual({ first: 0, last: 28 });
  expect(windowOf(10_000, { top: 100_000, height: 400 }, 20)).toEqual({ first: 4992, last: 5028 });
  // Of a list that was narrowed down while the box was scrolled far down, the end.
  expect(windowOf(5, { top: 100_000, height: 400 }, 20)).toEqual({ first: 4, last: 5 });
  expect(windowOf(0, { top: 0, height: 400 }, 20)).toEqual({ first: 0, last: 0 });
});

it("never draws beyond the list, and always what is in view", () => {
  fc.assert(
    fc.property(fc.nat(20_000), fc.nat(500_000), fc.nat(2000), (count, top, height) => {
      const { first, last } = windowOf(count, { top, height }, 30);
      expect(first).toBeGreaterThanOrEqual(0);
      expect(last).toBeLessThanOrEqual(count);
      const inView = { from: Math.floor(top / 30), to: Math.min(count, Math.ceil((top + height) / 30)) };
      if (inView.from < count) expect(first).toBeLessThanOrEqual(inView.from);
      expect(last).toBeGreaterThanOrEqual(inView.to);
    }),
  );
});

it("keeps what has every typed word in it, in any order and case", () => {
  const pods = ["web-1 eth0", "web-1 lo", "db-1 eth0"];
  const name = (pod: string): string => pod;
  expect(matching(pods, "ETH0 web", name)).toEqual(["web-1 eth0"]);
  expect(matching(pods, "  ", name)).toBe(pods);
  expect(matching(pods, "nothing", name)).toEqual([]);
});
