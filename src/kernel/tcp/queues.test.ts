import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nanos } from "../../sim/time.ts";
import { ReceiveQueue } from "./receive-queue.ts";
import { endOf, SendQueue } from "./send-queue.ts";
import { advance, after, before, distance } from "./sequence.ts";
import { modelTimeout, RttEstimator } from "./rtt.ts";
import { seconds } from "../../sim/time.ts";

const u32 = fc.integer({ min: 0, max: 0xffff_ffff });

describe("sequence numbers", () => {
  test("compare across the wrap", () => {
    fc.assert(
      fc.property(u32, fc.integer({ min: 1, max: 0x7fff_fffe }), (a, n) => {
        const b = advance(a, n);
        expect([before(a, b), after(b, a), distance(b, a)]).toEqual([true, true, n]);
      }),
    );
  });
});

describe("the receive queue", () => {
  test("puts pieces of a stream together, whatever their order, overlap and repetition", () => {
    const piece = fc.record({ from: fc.nat(400), length: fc.integer({ min: 1, max: 120 }) });
    fc.assert(
      fc.property(u32, fc.array(piece, { maxLength: 40 }), fc.boolean(), (start, pieces, finFirst) => {
        const stream = Uint8Array.from({ length: 520 }, (_, i) => (i * 31) & 255);
        const queue = new ReceiveQueue();
        queue.next = start;
        if (finFirst) queue.add(advance(start, stream.length), new Uint8Array(0), true);
        const have = new Array<boolean>(stream.length).fill(false);
        for (const { from, length } of pieces) {
          queue.add(advance(start, from), stream.slice(from, from + length), false);
          have.fill(true, from, Math.min(from + length, stream.length));
        }
        const known = have.indexOf(false);
        expect(distance(queue.next, start)).toBe(known < 0 ? stream.length : known);
        for (const [left, right] of queue.sackBlocks()) expect(after(right, left)).toBe(true);
        const ended = queue.add(start, stream, true);
        expect(ended).toBe(true);
        expect([...queue.read(10_000)]).toEqual([...stream]);
        expect([queue.gapBytes, queue.hasGap]).toEqual([0, false]);
      }),
      { numRuns: 300 },
    );
  });
});

describe("the send queue", () => {
  test("keeps count of what is in flight through loss, selective acknowledgement and splitting", () => {
    const step = fc.tuple(
      fc.constantFrom("send", "ack", "sack", "lose", "again", "split", "all"),
      fc.nat(2000),
    );
    fc.assert(
      fc.property(u32, fc.array(step, { maxLength: 60 }), (start, steps) => {
        const queue = new SendQueue();
        queue.append(start, new Uint8Array(2000), 100);
        queue.appendFin(advance(start, 2000));
        let una = start;
        let nxt = start;
        for (const [what, n] of steps) {
          const first = queue.first();
          const place = advance(start, n);
          if (what === "send") {
            const next = queue.nextUnsent();
            if (next !== undefined) {
              queue.markSent(next, nanos(0));
              nxt = endOf(next);
            }
          } else if (what === "ack" && !before(place, una) && !after(place, nxt)) {
            queue.acknowledge(place);
            una = place;
          } else if (what === "sack" && !before(place, una)) queue.sack(place, advance(place, 300));
          else if (what === "lose") queue.markHolesLost();
          else if (what === "all") queue.markAllLost();
          else if (what === "split" && first !== undefined) queue.split(first, Math.max(1, n % 100));
          else if (what === "again") {
            const lost = queue.nextLost();
            if (lost !== undefined) queue.markAgain(lost);
          }
          expect(queue.inFlight).toBeGreaterThanOrEqual(0);
          expect(queue.inFlight).toBeLessThanOrEqual(queue.sent);
          const head = queue.first();
          if (head !== undefined) expect(distance(head.sequence, una)).toBe(0);
        }
        queue.acknowledge(nxt);
        expect([queue.sent, queue.inFlight, queue.sackedSegments]).toEqual([0, 0, 0]);
      }),
      { numRuns: 300 },
    );
  });
});

test("the timeout: 200 ms above the round trip, doubled while nothing is heard, as Linux models it", () => {
  const rtt = new RttEstimator();
  expect(rtt.timeout).toBe(seconds(1));
  rtt.sample(nanos(50_000));
  expect(rtt.timeout).toBe(nanos(200_050_000));
  rtt.backoff = 20;
  expect(rtt.timeout).toBe(seconds(120));
  expect([1, 2, 6].map((n) => modelTimeout(n, seconds(1)) / 1e9)).toEqual([3, 7, 127]);
  expect(modelTimeout(15, nanos(200_000_000)) / 1e9).toBeCloseTo(924.6);
});
