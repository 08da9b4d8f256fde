import { expect, test } from "vitest";
import * as esp from "./esp.ts";
import { ESP, GRE_ICMP, VLAN_ARP, VXLAN_ARP } from "./fixtures.ts";
import * as gre from "./gre.ts";
import { ETH_P_ARP, ETH_P_IP } from "./ethernet.ts";
import * as vlan from "./vlan.ts";
import * as vxlan from "./vxlan.ts";

test("VXLAN is written as the kernel did", () => {
  const b = new Uint8Array(12).fill(0xff);
  vxlan.writeVxlan(b, 2, 42);
  expect(b.subarray(2, 10)).toEqual(VXLAN_ARP.subarray(42, 50));
  expect(vxlan.decodeVxlan(VXLAN_ARP, 42)).toEqual({
    ok: true,
    value: { vni: 42, payload: VXLAN_ARP.slice(50) },
  });
});

test.each([
  ["no-vni", 0, 0],
  ["reserved-bits", 0, 0x88],
  ["reserved-bits", 3, 1],
  ["reserved-bits", 7, 1],
] as const)("VXLAN is refused: %s", (error, at, byte) => {
  const b = VXLAN_ARP.slice(42);
  b[at] = byte;
  expect(vxlan.decodeVxlan(b)).toEqual({ ok: false, error });
});

test("the largest VNI fits", () => {
  const b = vxlan.encodeVxlan({ vni: 0xffffff, payload: new Uint8Array(0) });
  expect(vxlan.decodeVxlan(b)).toMatchObject({ value: { vni: 0xffffff } });
});

test("GRE is written with and without key", () => {
  const b = new Uint8Array(8);
  expect(gre.writeGre(b, 0, ETH_P_IP, 5)).toBe(8);
  expect(b).toEqual(GRE_ICMP.subarray(34, 42));
  expect(gre.writeGre(b, 0, ETH_P_IP)).toBe(4);
  expect(gre.greKey(b, 0)).toBeUndefined();
});

test("GRE with everything comes back, and a broken checksum does not", () => {
  const value: gre.Gre = {
    type: ETH_P_IP,
    checksum: true,
    key: 7,
    sequence: 9,
    payload: Uint8Array.of(1, 2, 3),
  };
  const bytes = gre.encodeGre(value);
  expect(gre.decodeGre(bytes)).toEqual({ ok: true, value });
  bytes[bytes.length - 1]! ^= 1;
  expect(gre.decodeGre(bytes)).toEqual({ ok: false, error: "bad-checksum" });
  expect(gre.decodeGre(Uint8Array.of(0, 1, 8, 0))).toEqual({ ok: false, error: "unknown-flags" });
});

test("ESP shows its clear header", () => {
  const value = { spi: 0x1001, sequence: 1, payload: ESP.slice(42) };
  expect(esp.decodeEsp(ESP, 34)).toEqual({ ok: true, value });
  const b = new Uint8Array(8);
  esp.writeEsp(b, 0, 0x1001, 1);
  expect(b).toEqual(ESP.subarray(34, 42));
});

test("an 802.1Q tag is read and written", () => {
  const value = { priority: 0, dropEligible: false, id: 7, type: ETH_P_ARP, payload: VLAN_ARP.slice(18) };
  expect(vlan.decodeVlan(VLAN_ARP, 14)).toEqual({ ok: true, value });
  const full = { ...value, priority: 5, dropEligible: true, id: 4095 };
  expect(vlan.decodeVlan(vlan.encodeVlan(full))).toEqual({ ok: true, value: full });
});
