import { describe, expect, test } from "vitest";
import { parseMac } from "./address.ts";
import { parseIpv6, type Ipv6 } from "./address6.ts";
import * as frames from "./fixtures.ts";
import * as icmp6 from "./icmpv6.ts";
import { IPPROTO_ICMPV6 } from "./ipv4.ts";
import * as ip6 from "./ipv6.ts";

const A = parseIpv6("fd00::1") as Ipv6;
const B = parseIpv6("fd00::2") as Ipv6;
const ECHO = frames.ICMPV6_ECHO_REQUEST;

test("an IPv6 packet is decoded and encoded", () => {
  const value: ip6.Ipv6Packet = {
    trafficClass: 0,
    flowLabel: 0x66994,
    nextHeader: IPPROTO_ICMPV6,
    hopLimit: 64,
    src: A,
    dst: B,
    payload: ECHO.slice(54),
  };
  expect(ip6.decodeIpv6(ECHO, 14)).toEqual({ ok: true, value });
  expect(ip6.encodeIpv6(value)).toEqual(ECHO.subarray(14));
  expect(ip6.decodeIpv6(ECHO, 13)).toEqual({ ok: false, error: "bad-version" });
});

test("an IPv6 header is written in place", () => {
  const b = new Uint8Array(44);
  ip6.writeIpv6Header(b, 4, 64, IPPROTO_ICMPV6, 64, A, B, 0, 0x66994);
  expect(b.subarray(4)).toEqual(ECHO.subarray(14, 54));
  ip6.setIpv6HopLimit(b, 4, 63);
  expect(ip6.ipv6HopLimit(b, 4)).toBe(63);
});

describe("ICMPv6", () => {
  test("a solicitation is decoded, and encoded with the kernel's checksum", () => {
    const value: icmp6.Icmpv6 = {
      kind: "neighbor-solicitation",
      target: B,
      options: [{ kind: "source-link", mac: parseMac("02:00:00:00:00:0a")! }],
    };
    const frame = frames.ICMPV6_NEIGHBOR_SOLICITATION;
    expect(icmp6.decodeIcmpv6(frame, 54)).toEqual({ ok: true, value });
    const out = frame.slice();
    out.set(icmp6.encodeIcmpv6(value), 54);
    icmp6.setIcmpv6Checksum(out, 54, out.length, 22);
    expect(out).toEqual(frame);
    expect(icmp6.icmpv6ChecksumOk(out, 54, out.length, 22)).toBe(true);
  });

  test("an advertisement carries its flags", () => {
    const read = icmp6.decodeIcmpv6(frames.ICMPV6_NEIGHBOR_ADVERTISEMENT, 54);
    const flags = icmp6.NDISC_SOLICITED | icmp6.NDISC_OVERRIDE;
    expect(read).toMatchObject({ ok: true, value: { kind: "neighbor-advertisement", flags, target: B } });
  });

  test("an option it does not know is kept", () => {
    const options = [{ kind: "other", type: 14, data: Uint8Array.of(1, 2, 3, 4, 5, 6) }] as const;
    const value: icmp6.Icmpv6 = { kind: "neighbor-solicitation", target: A, options };
    expect(icmp6.decodeIcmpv6(icmp6.encodeIcmpv6(value))).toEqual({ ok: true, value });
  });

  test("an option of no length is refused", () => {
    const b = frames.ICMPV6_NEIGHBOR_SOLICITATION.slice(54);
    b[25] = 0;
    expect(icmp6.decodeIcmpv6(b)).toEqual({ ok: false, error: "bad-option" });
  });
});
