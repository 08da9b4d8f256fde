import { expect, test } from "vitest";
import { MAC_BROADCAST, parseMac } from "./address.ts";
import {
  decodeEthernet,
  encodeEthernet,
  ETH_P_ARP,
  ethernetSummary,
  ethIsBroadcast,
  ethIsGroup,
  writeEthernet,
} from "./ethernet.ts";
import { ARP_REQUEST, ICMP_ECHO_REQUEST, ICMPV6_NEIGHBOR_SOLICITATION } from "./fixtures.ts";

const src = parseMac("02:00:00:00:00:0a")!;
const VALUE = { dst: MAC_BROADCAST, src, type: ETH_P_ARP, payload: ARP_REQUEST.slice(14) };

test("decodes and encodes a broadcast", () => {
  expect(decodeEthernet(ARP_REQUEST)).toEqual({ ok: true, value: VALUE });
  expect(encodeEthernet(VALUE)).toEqual(ARP_REQUEST);
});

test("writes a header in place", () => {
  const b = new Uint8Array(20);
  writeEthernet(b, 3, MAC_BROADCAST, src, ETH_P_ARP);
  expect(b.subarray(3, 17)).toEqual(ARP_REQUEST.subarray(0, 14));
});

test("knows groups and the broadcast", () => {
  const seen = [ARP_REQUEST, ICMPV6_NEIGHBOR_SOLICITATION, ICMP_ECHO_REQUEST].map((b) => [
    ethIsBroadcast(b, 0),
    ethIsGroup(b, 0),
  ]);
  expect(seen).toEqual([
    [true, true],
    [false, true],
    [false, false],
  ]);
});

test("calls a type below 0x600 a length", () => {
  const short = { ...VALUE, type: 38, payload: new Uint8Array(38) };
  expect(ethernetSummary(short)).toBe("02:00:00:00:00:0a > Broadcast, 802.3, length 52");
});
