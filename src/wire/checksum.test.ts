import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { getU16, setU16 } from "../base/bytes.ts";
import { checksumAdjust16, checksumAdjust32, foldSum, internetChecksum, partialSum } from "./checksum.ts";

const data = fc.uint8Array({ minLength: 4, maxLength: 200 });

describe("the Internet checksum", () => {
  test("of RFC 1071's example", () => {
    const b = Uint8Array.of(0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7);
    expect(foldSum(partialSum(b, 0, 8))).toBe(0xddf2);
    expect(internetChecksum(b, 0, 8)).toBe(0x220d);
  });

  test("counts an odd last byte as a high half", () => {
    expect(internetChecksum(Uint8Array.of(0x12, 0x34, 0x56), 0, 3)).toBe((0x1234 + 0x5600) ^ 0xffff);
  });

  test("does not overflow on the largest packet", () => {
    const b = new Uint8Array(65536).fill(0xff);
    expect(internetChecksum(b, 0, b.length, 0xffff * 16)).toBe(0);
  });

  test("is zero over data that carry it", () => {
    fc.assert(
      fc.property(data, (b) => {
        setU16(b, 2, 0);
        setU16(b, 2, internetChecksum(b, 0, b.length));
        expect(internetChecksum(b, 0, b.length)).toBe(0);
      }),
    );
  });

  test("can be summed in pieces", () => {
    fc.assert(
      fc.property(data, fc.nat(), (b, n) => {
        const cut = 2 * (n % Math.floor(b.length / 2));
        const whole = internetChecksum(b, 0, b.length);
        expect(internetChecksum(b, cut, b.length, partialSum(b, 0, cut))).toBe(whole);
      }),
    );
  });
});

describe("an incremental change gives what computing afresh gives", () => {
  test("for a 16-bit word", () => {
    fc.assert(
      fc.property(data, fc.nat(0xffff), (b, now) => {
        b[2] = 0x45; // a header is never all zero, the one case where the two differ (RFC 1624, section 3)
        const old = getU16(b, 0);
        const sum = internetChecksum(b, 0, b.length);
        setU16(b, 0, now);
        expect(checksumAdjust16(sum, old, now)).toBe(internetChecksum(b, 0, b.length));
      }),
    );
  });

  test("for an address", () => {
    const words = fc.tuple(fc.nat(0xffffffff), fc.nat(0xffffffff), fc.nat(0xffff));
    fc.assert(
      fc.property(words, ([old, now, rest]) => {
        const sum = (v: number): number => foldSum((v >>> 16) + (v & 0xffff) + rest + 1) ^ 0xffff;
        expect(checksumAdjust32(sum(old), old, now)).toBe(sum(now));
      }),
    );
  });
});
