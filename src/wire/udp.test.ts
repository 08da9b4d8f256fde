import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ipv4, parseIpv4 } from "./address.ts";
import { UDP_DATAGRAM } from "./fixtures.ts";
import * as udp from "./udp.ts";

const BYTES = UDP_DATAGRAM.subarray(34);
const A = parseIpv4("10.0.0.1")!;
const B = parseIpv4("10.0.0.2")!;
const VALUE: udp.Udp = { sourcePort: 53587, destPort: 9, checksum: 0xd696, payload: BYTES.slice(8) };

test("decodes and encodes a datagram", () => {
  expect(udp.decodeUdp(BYTES)).toEqual({ ok: true, value: VALUE });
  expect(udp.encodeUdp(VALUE)).toEqual(BYTES);
});

test("computes the checksum that the kernel computed", () => {
  const b = new Uint8Array(20);
  udp.writeUdpHeader(b, 6, 53587, 9, 14);
  b.set(BYTES.subarray(8), 14);
  udp.setUdpChecksum(b, 6, A, B);
  expect(b.subarray(6)).toEqual(BYTES);
  expect(udp.udpChecksumOk(b, 6, A, B)).toBe(true);
  expect(udp.udpChecksumOk(b, 6, A, ipv4(B + 1))).toBe(false);
});

test("refuses a length below the header's", () => {
  expect(udp.decodeUdp(Uint8Array.of(0, 1, 0, 2, 0, 7, 0, 0))).toEqual({ ok: false, error: "bad-length" });
});

describe("network address translation", () => {
  const port = fc.nat(0xffff);
  const address = fc.nat(0xffffffff).map(ipv4);

  test("keeps the checksum right", () => {
    fc.assert(
      fc.property(port, port, address, address, (source, dest, src, dst) => {
        const b = BYTES.slice();
        udp.setUdpSourcePort(b, 0, source);
        udp.setUdpDestPort(b, 0, dest);
        udp.adjustUdpChecksum(b, 0, A, src);
        udp.adjustUdpChecksum(b, 0, B, dst);
        const afresh = b.slice();
        udp.setUdpChecksum(afresh, 0, src, dst);
        expect(b).toEqual(afresh);
      }),
    );
  });

  test("leaves an absent checksum absent", () => {
    const b = udp.encodeUdp({ ...VALUE, checksum: 0 });
    udp.setUdpDestPort(b, 0, 53);
    udp.adjustUdpChecksum(b, 0, A, B);
    expect(udp.udpChecksum(b, 0)).toBe(0);
    expect(udp.udpDestPort(b, 0)).toBe(53);
    expect(udp.udpChecksumOk(b, 0, A, B)).toBe(true);
  });
});

test("sends a computed zero as all ones", () => {
  const b = udp.encodeUdp({ sourcePort: 0, destPort: 0, checksum: 1, payload: new Uint8Array(2) });
  udp.setUdpChecksum(b, 0, A, B);
  b.set(b.subarray(6, 8), 8);
  udp.setUdpChecksum(b, 0, A, B);
  expect(udp.udpChecksum(b, 0)).toBe(0xffff);
  expect(udp.udpChecksumOk(b, 0, A, B)).toBe(true);
});
