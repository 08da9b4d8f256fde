import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ipv4, mask } from "./address.ts";
import { BGP_CAP, type BgpMessage, bgpSummary, decodeBgp, encodeBgp } from "./bgp.ts";
import { type BgpPath, readBgpPath, writeBgpPath } from "./bgp-path.ts";
import * as frames from "./fixtures.ts";

const u32 = fc.integer({ min: 0, max: 0xffffffff });
const address = u32.map(ipv4);
const prefix = fc
  .tuple(u32, fc.integer({ min: 0, max: 32 }))
  .map(([bits, length]) => ({ address: ipv4((bits & mask(length)) >>> 0), length }));
const plain = fc.array(fc.record({ prefix }), { maxLength: 20 });
const withIds = fc.array(fc.record({ prefix, pathId: u32 }), { maxLength: 20 });
const path: fc.Arbitrary<BgpPath> = fc.record(
  {
    origin: fc.constantFrom("igp" as const, "egp" as const, "incomplete" as const),
    asPath: fc.array(u32, { maxLength: 8 }),
    nextHop: address,
    med: u32,
    localPref: u32,
    communities: fc.array(u32, { maxLength: 4 }),
    originatorId: address,
    clusterList: fc.array(address, { maxLength: 3 }),
  },
  { requiredKeys: ["origin", "asPath", "nextHop", "communities", "clusterList"] },
);
const bytes = fc.uint8Array({ maxLength: 20 });
const message: fc.Arbitrary<BgpMessage> = fc.oneof(
  fc.record({
    type: fc.constant("open" as const),
    version: fc.constant(4),
    as: fc.integer({ min: 0, max: 65535 }),
    holdTime: fc.integer({ min: 0, max: 65535 }),
    id: address,
    capabilities: fc.array(fc.record({ code: fc.integer({ min: 1, max: 255 }), data: bytes }), {
      maxLength: 8,
    }),
  }),
  fc.record({
    type: fc.constant("notification" as const),
    code: fc.integer({ min: 1, max: 6 }),
    subcode: fc.integer({ min: 0, max: 11 }),
    data: bytes,
  }),
  fc.constant({ type: "keepalive" as const }),
);

describe("BGP messages", () => {
  it("reads BIRD's OPEN and writes the same bytes", () => {
    const read = decodeBgp(frames.BGP_OPEN);
    if (!read.ok || read.value.type !== "open") throw new Error("no OPEN");
    expect(bgpSummary(read.value)).toBe("BGP Open: AS 64512, hold time 240s, ID 10.0.0.2");
    expect(read.value.capabilities.map(({ code }) => code)).toEqual(Object.values(BGP_CAP));
    expect(encodeBgp(read.value)).toEqual(frames.BGP_OPEN);
  });

  it("reads BIRD's UPDATE with its path", () => {
    const read = decodeBgp(frames.BGP_UPDATE, 0, frames.BGP_UPDATE.length, true);
    if (!read.ok || read.value.type !== "update") throw new Error("no UPDATE");
    expect(readBgpPath(read.value.attributes, 4)).toEqual({
      origin: "igp",
      asPath: [],
      nextHop: 0x0a000001,
      localPref: 100,
      communities: [],
      clusterList: [],
    });
    expect(encodeBgp(read.value)).toEqual(frames.BGP_UPDATE);
  });

  it("are what they were when decoded again", () => {
    fc.assert(
      fc.property(message, (each) => {
        expect(decodeBgp(encodeBgp(each))).toEqual({ ok: true, value: each });
      }),
    );
  });

  it("carry prefixes, with and without path identifiers, and paths of either width", () => {
    const cases = fc.oneof(
      fc.tuple(fc.constant(false), plain, plain),
      fc.tuple(fc.constant(true), withIds, withIds),
    );
    fc.assert(
      fc.property(cases, path, ([addPath, withdrawn, nlri], each) => {
        const update = { type: "update" as const, withdrawn, nlri, attributes: writeBgpPath(each, 4) };
        const raw = encodeBgp(update);
        const read = decodeBgp(raw, 0, raw.length, addPath);
        expect(read).toEqual({ ok: true, value: update });
        expect(readBgpPath(update.attributes, 4)).toEqual(each);
      }),
    );
  });

  it("cut short or garbled are refused by name, and nothing throws", () => {
    const truncated = decodeBgp(frames.BGP_UPDATE.subarray(0, 40));
    expect(truncated).toEqual({ ok: false, error: "truncated" });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.nat(5), (body, type) => {
        const raw = new Uint8Array(19 + body.length).fill(255, 0, 16);
        raw.set([0, raw.length, type], 16);
        raw.set(body, 19);
        const read = decodeBgp(raw);
        if (read.ok) bgpSummary(read.value);
      }),
    );
  });
});
