import fc from "fast-check";
import { expect, it } from "vitest";
import type { Deed } from "../model/deeds.ts";
import { LEVELS } from "../model/hops.ts";
import { PROBES, REPEATS } from "../model/probe.ts";
import { type Moment, readFragment, writeFragment } from "./fragment.ts";
import { decodeMoment, encodeMoment } from "./moment.ts";
import { packJson } from "./share.ts";

const text = fc.string({ unit: "grapheme", maxLength: 30 });
const small = fc.nat({ max: 9 });
const size = fc.integer({ min: 1, max: 300 });

const deed: fc.Arbitrary<Deed> = fc.oneof(
  fc.record({ kind: fc.constant("prepared" as const), number: small }),
  fc.record({
    kind: fc.constant("ask" as const),
    from: text,
    probe: fc.constantFrom(...PROBES),
    target: text,
    repeat: fc.constantFrom(undefined, ...REPEATS),
  }),
  fc.record({ kind: fc.constant("type" as const), at: text, command: text }),
  fc.record({ kind: fc.constant("type" as const), at: text, command: text, mends: fc.constant(true) }),
  fc.record({
    kind: fc.constant("type" as const),
    at: text,
    command: text,
    breaks: fc.record({
      label: fc.constantFrom("break.down" as const, "break.rule" as const, "break.edit" as const),
      values: fc.dictionary(fc.stringMatching(/^[a-z]{1,9}$/), fc.oneof(text, fc.nat())),
      undo: fc.option(text, { nil: undefined }),
    }),
  }),
  fc.record({ kind: fc.constant("wait" as const), nanos: fc.nat() }),
  fc.record({
    kind: fc.constant("terminal" as const),
    terminal: small,
    action: fc.oneof(
      fc.record({ kind: fc.constant("open" as const), at: text, columns: size, rows: size }),
      fc.record({ kind: fc.constant("input" as const), text }),
      fc.record({ kind: fc.constant("resize" as const), columns: size, rows: size }),
      fc.constant({ kind: "close" as const }),
    ),
  }),
);

const moment: fc.Arbitrary<Moment> = fc.record({
  deeds: fc.array(deed, { maxLength: 12 }),
  story: fc.oneof(
    fc.constant(undefined),
    fc.record({ kind: fc.constant("deed" as const), deed: small, turn: small, hop: small }),
    fc.record({
      kind: fc.constant("records" as const),
      from: fc.nat({ max: 1e6 }),
      to: fc.nat({ max: 1e6 }),
      sender: text,
      program: fc.option(text, { nil: undefined }),
      turn: small,
      hop: small,
    }),
  ),
  level: fc.constantFrom(...LEVELS),
});

it("carries any list of deeds and any place in their stories", async () => {
  await fc.assert(
    fc.asyncProperty(moment, async (one) => {
      const hash = writeFragment({
        source: { kind: "gallery", id: "docker" },
        moment: await encodeMoment(one),
      });
      const read = readFragment(hash).moment;
      expect(await decodeMoment(typeof read === "string" ? read : "")).toEqual({ ok: true, value: one });
    }),
    { numRuns: 200 },
  );
});

it("puts a lesson's hour into a link that every program passes on: forty questions, ten breaks, a matrix", async () => {
  const asks = Array.from({ length: 40 }, (_, i): Deed => ({ kind: "prepared", number: i % 7 }));
  const breaks = Array.from({ length: 10 }, (_, i): Deed => {
    const command = `ip link set eth${i} down`;
    const values = { name: `eth${i}`, mtu: 1000, loss: 30 };
    return {
      kind: "type",
      at: "kind-worker",
      command,
      breaks: { label: "break.down", values, undo: "true" },
    };
  });
  const cells = Array.from({ length: 100 }, (_, i): Deed => {
    const ping = `ping -c1 -W1 10.244.${i % 3}.${i % 10}`;
    return {
      kind: "type",
      at: "",
      command: `kubectl exec -n default frontend-6b8fd7c4-${i % 10}x2x9 -- sh -c '${ping}'`,
    };
  });
  const packed = await encodeMoment({
    deeds: [...asks, ...breaks, ...cells],
    story: undefined,
    level: "hooks",
  });
  expect(packed.length).toBeLessThan(2000);
});

it.each([
  ["no list", { d: "x", s: null, l: "hooks" }],
  ["an unknown deed", { d: [["z", 1]], s: null, l: "hooks" }],
  ["words of its own", { d: [["b", "a", "b", "app.name", {}, null]], s: null, l: "hooks" }],
  ["time that runs backwards", { d: [["w", -5]], s: null, l: "hooks" }],
  ["more time than there is", { d: [["w", 1e300]], s: null, l: "hooks" }],
  ["a terminal wider than any screen", { d: [["o", 1, "", 1e9, 24]], s: null, l: "hooks" }],
  ["more deeds than anybody does", { d: Array(5001).fill(["w", 1]), s: null, l: "hooks" }],
  ["more than was asked for", { d: [], s: null, l: "hooks", extra: 1 }],
])("refuses %s", async (_, value) => {
  expect(await decodeMoment(await packJson(value))).toMatchObject({ ok: false, error: { reason: "shape" } });
});

it("refuses what is mangled, or unpacks to more than any lesson", async () => {
  const packed = await encodeMoment({ deeds: [], story: undefined, level: "hooks" });
  expect((await decodeMoment(packed.slice(0, -3))).ok).toBe(false);
  expect((await decodeMoment("2.AAAA")).ok).toBe(false);
  const bomb = await packJson({ d: [["t", "", "x".repeat(8_000_000)]], s: null, l: "hooks" });
  expect(await decodeMoment(bomb)).toMatchObject({ ok: false, error: { reason: "large" } });
});
