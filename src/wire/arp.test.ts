import { expect, test } from "vitest";
import { MAC_ZERO, parseIpv4, parseMac } from "./address.ts";
import { ARP_REQUEST, arpSummary, arpValid, decodeArp, encodeArp, writeArp, type Arp } from "./arp.ts";
import { ARP_REQUEST as FRAME } from "./fixtures.ts";

const BYTES = FRAME.subarray(14);
const VALUE: Arp = {
  operation: ARP_REQUEST,
  senderMac: parseMac("02:00:00:00:00:0a")!,
  senderIp: parseIpv4("10.0.0.1")!,
  targetMac: MAC_ZERO,
  targetIp: parseIpv4("10.0.0.2")!,
};

test("decodes a question", () => {
  expect(decodeArp(FRAME, 14)).toEqual({ ok: true, value: VALUE });
});

test("encodes it", () => {
  expect(encodeArp(VALUE)).toEqual(BYTES);
  const b = new Uint8Array(40).fill(0xff);
  writeArp(b, 5, 1, VALUE.senderMac, VALUE.senderIp, VALUE.targetMac, VALUE.targetIp);
  expect(b.subarray(5, 33)).toEqual(BYTES);
});

test("tells what is not for Ethernet and IPv4", () => {
  const changed = (at: number): Uint8Array => BYTES.map((v, i) => (i === at ? v ^ 1 : v));
  expect(decodeArp(changed(1))).toEqual({ ok: false, error: "not-ethernet" });
  expect(decodeArp(changed(4))).toEqual({ ok: false, error: "not-ethernet" });
  expect(decodeArp(changed(2))).toEqual({ ok: false, error: "not-ipv4" });
  expect(decodeArp(changed(5))).toEqual({ ok: false, error: "not-ipv4" });
  expect(arpValid(FRAME, 14, 41)).toBe(false);
  expect(arpValid(FRAME, 14, 42)).toBe(true);
});

test("keeps an operation it does not know", () => {
  const odd = { ...VALUE, operation: 9 };
  expect(decodeArp(encodeArp(odd))).toEqual({ ok: true, value: odd });
  expect(arpSummary(odd)).toBe("ARP, Operation 9");
});
