import fc from "fast-check";
import { expect, test } from "vitest";
import { ipv4, parseIpv4 } from "./address.ts";
import { HTTP_REQUEST, TCP_SYN } from "./fixtures.ts";
import * as tcp from "./tcp.ts";
import { findTcpOption, TCPOPT_MSS, TCPOPT_SACK, TCPOPT_WINDOW } from "./tcp-options.ts";
import { writeTcpSynOptions, writeTcpTimestamps } from "./tcp-options.ts";

const A = parseIpv4("10.0.0.1")!;
const B = parseIpv4("10.0.0.2")!;
const SYN = TCP_SYN.subarray(34);
const VALUE: tcp.Tcp = {
  sourcePort: 46608,
  destPort: 80,
  sequence: 958212801,
  ack: 0,
  flags: tcp.TCP_SYN,
  window: 64240,
  checksum: 0x0270,
  urgent: 0,
  options: [
    { kind: "mss", mss: 1460 },
    { kind: "sackOK" },
    { kind: "TS", value: 3210173699, echo: 0 },
    { kind: "nop" },
    { kind: "wscale", shift: 10 },
  ],
  payload: new Uint8Array(0),
};

test("decodes and encodes a SYN", () => {
  expect(tcp.decodeTcp(SYN)).toEqual({ ok: true, value: VALUE });
  expect(tcp.encodeTcp(VALUE)).toEqual(SYN);
});

test("writes a SYN in place as the kernel did", () => {
  const b = new Uint8Array(50);
  tcp.writeTcpHeader(b, 10, 46608, 80, 958212801, 0, tcp.TCP_SYN, 64240, 40);
  writeTcpSynOptions(b, 30, 1460, 10, 3210173699, 0);
  tcp.setTcpChecksum(b, 10, 50, A, B);
  expect(b.subarray(10)).toEqual(SYN);
});

test("writes the options of a later segment as the kernel did", () => {
  const b = new Uint8Array(12);
  writeTcpTimestamps(b, 0, 3210173699, 3982017565);
  expect(b).toEqual(HTTP_REQUEST.subarray(54, 66));
});

test("finds an option in place", () => {
  expect(findTcpOption(SYN, 0, 40, TCPOPT_MSS)).toBe(20);
  expect(findTcpOption(SYN, 0, 40, TCPOPT_WINDOW)).toBe(37);
  expect(findTcpOption(SYN, 0, 40, TCPOPT_SACK)).toBe(-1);
  expect(findTcpOption(SYN, 0, 38, TCPOPT_WINDOW)).toBe(-1);
});

test("reads selective acknowledgements and options it does not know", () => {
  const options: tcp.Tcp["options"] = [
    { kind: "nop" },
    { kind: "nop" },
    { kind: "sack", blocks: [[1, 4294967295]] },
    { kind: "other", number: 34, data: Uint8Array.of(1, 2) },
    { kind: "eol", padding: 3 },
  ];
  const bytes = tcp.encodeTcp({ ...VALUE, options });
  expect(tcp.decodeTcp(bytes)).toEqual({ ok: true, value: { ...VALUE, options } });
});

test.each([
  ["bad-header-length", 12, 0x40],
  ["truncated", 12, 0xf0],
  ["bad-options", 21, 1],
  ["bad-options", 21, 41],
] as const)("refuses a segment: %s", (error, at, byte) => {
  const b = SYN.slice();
  b[at] = byte;
  expect(tcp.decodeTcp(b)).toEqual({ ok: false, error });
});

test("names flags in tcpdump's letters and order", () => {
  expect([0, 2, 18, 17, 24, 4, 20, 0xc2].map(tcp.tcpFlagsText)).toEqual([
    "none",
    "S",
    "S.",
    "F.",
    "P.",
    "R",
    "R.",
    "SEW",
  ]);
});

test("translation keeps the checksum right", () => {
  const port = fc.nat(0xffff);
  const address = fc.nat(0xffffffff).map(ipv4);
  fc.assert(
    fc.property(port, port, address, address, (source, dest, src, dst) => {
      const b = SYN.slice();
      tcp.setTcpSourcePort(b, 0, source);
      tcp.setTcpDestPort(b, 0, dest);
      tcp.adjustTcpChecksum(b, 0, A, src);
      tcp.adjustTcpChecksum(b, 0, B, dst);
      expect(tcp.tcpChecksumOk(b, 0, b.length, src, dst)).toBe(true);
    }),
  );
});
