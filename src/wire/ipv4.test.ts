import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ipv4, parseIpv4 } from "./address.ts";
import { ICMP_ECHO_REQUEST, IPV4_LAST_FRAGMENT } from "./fixtures.ts";
import * as ip from "./ipv4.ts";

const VALUE: ip.Ipv4Packet = {
  tos: 0,
  id: 0xb2d5,
  dontFragment: true,
  moreFragments: false,
  fragmentOffset: 0,
  ttl: 64,
  protocol: ip.IPPROTO_ICMP,
  src: parseIpv4("10.0.0.1")!,
  dst: parseIpv4("10.0.0.2")!,
  options: new Uint8Array(0),
  payload: ICMP_ECHO_REQUEST.slice(34),
};
const BYTES = ICMP_ECHO_REQUEST.subarray(14);

test("decodes and encodes a packet", () => {
  expect(ip.decodeIpv4(ICMP_ECHO_REQUEST, 14)).toEqual({ ok: true, value: VALUE });
  expect(ip.encodeIpv4(VALUE)).toEqual(BYTES);
});

test("writes the header as the kernel did", () => {
  const b = new Uint8Array(30).fill(0xff);
  ip.writeIpv4Header(b, 3, 84, 0xb2d5, ip.IPV4_DF, 64, ip.IPPROTO_ICMP, VALUE.src, VALUE.dst);
  expect(b.subarray(3, 23)).toEqual(BYTES.subarray(0, 20));
});

test("reads a fragment", () => {
  expect(ip.ipv4FragmentOffset(IPV4_LAST_FRAGMENT, 14)).toBe(1480);
  expect(ip.ipv4IsFragment(IPV4_LAST_FRAGMENT, 14)).toBe(true);
  expect(ip.ipv4MoreFragments(IPV4_LAST_FRAGMENT, 14)).toBe(false);
  expect(ip.ipv4IsFragment(ICMP_ECHO_REQUEST, 14)).toBe(false);
});

test("takes what follows the total length for padding", () => {
  const padded = new Uint8Array(100);
  padded.set(BYTES);
  expect(ip.decodeIpv4(padded)).toEqual({ ok: true, value: VALUE });
});

test("carries options", () => {
  const options = Uint8Array.of(0x94, 4, 0, 0);
  const bytes = ip.encodeIpv4({ ...VALUE, options });
  expect(ip.ipv4HeaderLength(bytes, 0)).toBe(24);
  expect(ip.decodeIpv4(bytes)).toEqual({ ok: true, value: { ...VALUE, options } });
});

test.each([
  ["bad-version", 0, 0x65],
  ["bad-header-length", 0, 0x44],
  ["truncated", 0, 0x4f],
  ["bad-checksum", 8, 63],
] as const)("refuses a packet: %s", (error, at, byte) => {
  const b = BYTES.slice(0, at === 0 && byte === 0x4f ? 50 : undefined);
  b[at] = byte;
  expect(ip.decodeIpv4(b)).toEqual({ ok: false, error });
});

test("refuses a total length below the header's and above what is there", () => {
  const withLength = (n: number): Uint8Array => {
    const b = BYTES.slice();
    ip.setIpv4TotalLength(b, 0, n);
    return b;
  };
  expect(ip.decodeIpv4(withLength(19))).toEqual({ ok: false, error: "bad-total-length" });
  expect(ip.decodeIpv4(withLength(85))).toEqual({ ok: false, error: "truncated" });
});

describe("changing a field in place", () => {
  const word = fc.nat(0xffff);
  const address = fc.nat(0xffffffff).map(ipv4);
  const setters = fc.oneof(
    fc.nat(255).map((v) => (b: Uint8Array) => ip.setIpv4Ttl(b, 3, v)),
    fc.nat(255).map((v) => (b: Uint8Array) => ip.setIpv4Tos(b, 3, v)),
    word.map((v) => (b: Uint8Array) => ip.setIpv4Id(b, 3, v)),
    word.map((v) => (b: Uint8Array) => ip.setIpv4TotalLength(b, 3, v)),
    word.map((v) => (b: Uint8Array) => ip.setIpv4Fragment(b, 3, v, v & 0xfff8)),
    address.map((v) => (b: Uint8Array) => ip.setIpv4Source(b, 3, v)),
    address.map((v) => (b: Uint8Array) => ip.setIpv4Dest(b, 3, v)),
  );

  test("gives the checksum that computing afresh gives", () => {
    fc.assert(
      fc.property(
        fc.array(setters, { minLength: 1, maxLength: 5 }),
        address,
        address,
        (changes, src, dst) => {
          const b = new Uint8Array(23);
          ip.writeIpv4Header(b, 3, 20, 5, 0, 64, 1, src, dst);
          for (const change of changes) change(b);
          const adjusted = b.slice();
          ip.setIpv4Checksum(b, 3);
          expect(adjusted).toEqual(b);
        },
      ),
    );
  });

  test("changes nothing else", () => {
    const b = BYTES.slice();
    ip.setIpv4Ttl(b, 0, 63);
    expect(ip.decodeIpv4(b)).toEqual({ ok: true, value: { ...VALUE, ttl: 63 } });
    ip.setIpv4Fragment(b, 0, ip.IPV4_MF, 1480);
    const pieces = { dontFragment: false, moreFragments: true, fragmentOffset: 1480 };
    expect(ip.decodeIpv4(b)).toEqual({ ok: true, value: { ...VALUE, ttl: 63, ...pieces } });
  });
});
