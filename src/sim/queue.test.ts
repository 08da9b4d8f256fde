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

test("a pocket of the past runs what was left out then, and nothing else; the rest of it goes on in the present", () => {
  const queue = new EventQueue();
  const said: string[] = [];
  const say = (what: string) => (): number => said.push(`${what} at ${queue.now}, of ${queue.wall.now}`);
  queue.after(nanos(7), say("other"));
  queue.after(nanos(12), say("later"));
  queue.runUntil(nanos(5));
  queue.pocket(nanos(1), () => {
    queue.after(nanos(2), say("past"));
    queue.after(nanos(3), () => queue.pocket(nanos(2), () => queue.after(nanos(1), say("deeper past"))));
    queue.after(nanos(9), say("left over"));
  });
  expect(queue.now).toBe(5);
  queue.runUntil(nanos(20));
  expect(said).toEqual([
    "past at 3, of 5",
    "deeper past at 3, of 5",
    "other at 7, of 7",
    "left over at 10, of 10",
    "later at 12, of 12",
  ]);
});
