import { describe, expect, test } from "vitest";
import { tripText } from "./session.ts";
import { Statistics } from "./statistics.ts";

describe("what ping counts", () => {
  test("three sent, one answered twice, one lost, one refused", () => {
    const s = new Statistics();
    for (let i = 1; i <= 3; i++) s.advance();
    s.acknowledge(1);
    s.time(500);
    expect(s.answer(1)).toBe(true);
    s.time(700);
    expect(s.answer(1)).toBe(false);
    s.acknowledge(3);
    s.errors++;
    expect(s.summary("10.0.0.1", 2003.4, true, false)).toBe(
      "\n--- 10.0.0.1 ping statistics ---\n" +
        "3 packets transmitted, 1 received, +1 duplicates, +1 errors, 66.6667% packet loss, time 2003ms\n" +
        "rtt min/avg/max/mdev = 0.500/0.600/0.700/0.100 ms, pipe 3\n",
    );
  });

  test("nothing in flight after the last answer, across the end of 16 bits", () => {
    const s = new Statistics();
    for (let i = 0; i < 65540; i++) s.advance();
    s.acknowledge(65538 & 0xffff);
    expect(s.inFlight).toBe(2);
    s.acknowledge(65540 & 0xffff);
    expect(s.inFlight).toBe(0);
  });

  test.each([
    [4, "0.004"],
    [999, "0.999"],
    [1309, "1.31"],
    [9994, "9.99"],
    [10995, "11.0"],
    [99949, "99.9"],
    [1058899, "1059"],
  ])("%i microseconds", (micros, text) => {
    expect(tripText(micros)).toBe(text);
  });
});
