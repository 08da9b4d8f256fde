import { expect, test } from "vitest";
import { parseIpv4 } from "./address.ts";
import * as frames from "./fixtures.ts";
import * as icmp from "./icmp.ts";

const ECHO = frames.ICMP_ECHO_REQUEST.subarray(34);

test("decodes and encodes an echo", () => {
  const value: icmp.Icmp = { kind: "echo-request", id: 12448, sequence: 1, payload: ECHO.slice(8) };
  expect(icmp.decodeIcmp(ECHO)).toEqual({ ok: true, value });
  expect(icmp.encodeIcmp(value)).toEqual(ECHO);
});

test("writes an echo in place as the kernel did", () => {
  const b = new Uint8Array(ECHO.length + 5);
  b.set(ECHO.subarray(8), 13);
  icmp.writeIcmpEcho(b, 5, icmp.ICMP_ECHO, 12448, 1);
  icmp.setIcmpChecksum(b, 5, b.length);
  expect(b.subarray(5)).toEqual(ECHO);
});

test("decodes an error with what it quotes", () => {
  const read = icmp.decodeIcmp(frames.ICMP_FRAG_NEEDED, 34);
  expect(read).toMatchObject({ ok: true, value: { kind: "unreachable", code: 4, mtu: 1400 } });
});

test("refuses a wrong checksum", () => {
  const b = ECHO.slice();
  b[20]! ^= 1;
  expect(icmp.decodeIcmp(b)).toEqual({ ok: false, error: "bad-checksum" });
});

const quote = frames.UDP_DATAGRAM.subarray(14);

test.each([
  [0, "net 10.0.0.2 unreachable"],
  [1, "host 10.0.0.2 unreachable"],
  [2, "10.0.0.2 protocol 17 unreachable"],
  [3, "10.0.0.2 udp port 9 unreachable"],
  [4, "10.0.0.2 unreachable - need to frag (mtu 1400)"],
  [9, "net 10.0.0.2 unreachable - admin prohibited"],
  [10, "host 10.0.0.2 unreachable - admin prohibited"],
  [13, "host 10.0.0.2 unreachable - admin prohibited filter"],
  [99, "10.0.0.2 unreachable-#99"],
])("calls code %i of unreachable what tcpdump calls it", (code, text) => {
  const mtu = code === 4 ? 1400 : 0;
  const line = icmp.icmpSummary({ kind: "unreachable", code, mtu, quote });
  expect(line).toBe(`ICMP ${text}, length 42`);
});

test("calls the other errors what tcpdump calls them", () => {
  const gateway = parseIpv4("10.0.0.254")!;
  const lines = [
    icmp.icmpSummary({ kind: "time-exceeded", code: 0, quote }),
    icmp.icmpSummary({ kind: "time-exceeded", code: 1, quote }),
    icmp.icmpSummary({ kind: "redirect", code: icmp.ICMP_REDIR_HOST, gateway, quote }),
  ];
  expect(lines).toEqual([
    "ICMP time exceeded in-transit, length 42",
    "ICMP ip reassembly time exceeded, length 42",
    "ICMP redirect 10.0.0.2 to host 10.0.0.254, length 42",
  ]);
});

test("knows which messages are errors", () => {
  expect([0, 3, 4, 5, 8, 11, 12, 13].filter(icmp.icmpIsError)).toEqual([3, 4, 5, 11, 12]);
});
