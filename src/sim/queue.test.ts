import fc from "fast-check";
import { expect, test } from "vitest";
import { EventQueue } from "./queue.ts";
import { nanos } from "./time.ts";

test("actions run by due time, ties in the order of scheduling, each seeing its own due time as now", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20)), (delays) => {
      const queue = new EventQueue();
      const ran: [due: number, order: number][] = [];
      for (const [order, delay] of delays.entries()) {
        queue.after(nanos(delay), () => {
          expect(queue.now).toBe(delay);
          ran.push([delay, order]);
        });
      }
      queue.runUntil(nanos(20));
      const expected = delays.map((due, order): [number, number] => [due, order]);
      expected.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
      expect(ran).toEqual(expected);
    }),
  );
});

test("a cancelled action does not run", () => {
  const queue = new EventQueue();
  let ran = 0;
  const timer = queue.after(nanos(5), () => ran++);
  queue.after(nanos(6), () => ran++);
  timer.cancel();
  queue.runUntil(nanos(10));
  expect(ran).toBe(1);
  expect(queue.next()).toBeUndefined();
});
