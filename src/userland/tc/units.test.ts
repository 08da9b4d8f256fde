import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  parsePercent,
  parseRate,
  parseSize,
  parseTime,
  percentText,
  rateText,
  roundedBurst,
  sizeText,
  timeText,
} from "./units.ts";

describe("units of tc(8)", () => {
  test.each([
    ["100ms", 100_000, "100ms"],
    ["1.5s", 1_500_000, "1.5s"],
    ["20", 20, "20us"],
    ["8190us", 8_190, "8.19ms"],
  ])("the time %s", (word, micros, text) => {
    expect(parseTime(word)).toBe(micros);
    expect(timeText(micros)).toBe(text);
  });

  test.each([
    ["1mbit", 125_000, "1Mbit"],
    ["1500kbit", 187_500, "1500Kbit"],
    ["8", 1, "8bit"],
    ["1mbps", 1_000_000, "8Mbit"],
    ["1kibit", 128, "1024bit"],
  ])("the rate %s", (word, bytes, text) => {
    expect(parseRate(word)).toBe(bytes);
    expect(rateText(bytes)).toBe(text);
  });

  test.each([
    ["32kbit", 4096, "4Kb"],
    ["1540", 1540, "1540b"],
    ["2mb", 2 ** 21, "2Mb"],
  ])("the size %s", (word, bytes, text) => {
    expect(parseSize(word)).toBe(bytes);
    expect(sizeText(bytes)).toBe(text);
  });

  test("a chance has a sign or none, and is at most 100", () => {
    expect([parsePercent("0.3%"), parsePercent("100"), parsePercent("101%"), parsePercent("x")]).toEqual([
      0.3,
      100,
      undefined,
      undefined,
    ]);
    expect(percentText(0.3)).toBe("0.3%");
  });

  test("a burst of whole microseconds survives the kernel's ticks", () => {
    expect(roundedBurst(1500, 125_000)).toBe(1500);
  });

  test("no word makes a parser throw", () => {
    fc.assert(
      fc.property(fc.string(), (word) => {
        for (const parse of [parseTime, parseRate, parseSize, parsePercent]) {
          const value = parse(word);
          expect(value === undefined || value >= 0).toBe(true);
        }
      }),
    );
  });
});
