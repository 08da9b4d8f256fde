import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseMac } from "./address.ts";
import * as a6 from "./address6.ts";

function text(a: a6.Ipv6 | undefined): string | undefined {
  return a && a6.formatIpv6(a);
}

describe("the spelling of RFC 5952", () => {
  test.each([
    ["2001:0db8::0001", "2001:db8::1"],
    ["2001:DB8:0:0:0:0:2:1", "2001:db8::2:1"],
    ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
    ["2001:0:0:1:0:0:0:1", "2001:0:0:1::1"],
    ["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["0:0:0:0:0:0:0:0", "::"],
    ["::1", "::1"],
    ["fe80::", "fe80::"],
    ["1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"],
    ["::ffff:10.0.0.1", "::ffff:10.0.0.1"],
    ["64:ff9b::10.0.0.1", "64:ff9b::a00:1"],
    ["1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"],
  ])("%s is %s", (from, to) => {
    expect(text(a6.parseIpv6(from))).toBe(to);
  });

  test.each([
    "",
    ":",
    ":::",
    "1::2::3",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7:8::",
    "12345::",
  ])("%j is no address", (bad) => {
    expect(a6.parseIpv6(bad)).toBeUndefined();
  });

  test.each(["::g", "1.2.3.4", "::1.2.3", "::1.2.3.4:5", "1:2:3:4:5:6:7:1.2.3.4", "::1%eth0", " ::1"])(
    "%j is no address either",
    (bad) => {
      expect(a6.parseIpv6(bad)).toBeUndefined();
    },
  );

  test("reads back every address it writes", () => {
    const group = fc.oneof(fc.constant(0), fc.nat(0xffff));
    fc.assert(
      fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), (groups) => {
        const b = new Uint8Array(20);
        const a = groups as readonly number[] as a6.Ipv6;
        a6.writeIpv6(b, 3, a);
        expect(a6.readIpv6(b, 3)).toEqual(groups);
        expect(a6.parseIpv6(a6.formatIpv6(a))).toEqual(groups);
      }),
    );
  });
});

test("prefixes", () => {
  const p = a6.parsePrefix6("fd00:10:244:1::/64")!;
  expect(a6.formatPrefix6(p)).toBe("fd00:10:244:1::/64");
  expect(a6.inPrefix6(a6.parseIpv6("fd00:10:244:1::5")!, p.address, p.length)).toBe(true);
  expect(a6.inPrefix6(a6.parseIpv6("fd00:10:244:2::5")!, p.address, p.length)).toBe(false);
  expect(a6.inPrefix6(a6.parseIpv6("fd00:10:244:2::5")!, p.address, 56)).toBe(true);
  expect(a6.inPrefix6(a6.IPV6_LOOPBACK, p.address, 0)).toBe(true);
  expect(a6.parsePrefix6("::1")?.length).toBe(128);
  expect(a6.parsePrefix6("::1/129")).toBeUndefined();
});

test("addresses that others are made of", () => {
  const a = a6.parseIpv6("fd00::aabb:ccdd")!;
  expect(text(a6.solicitedNode(a))).toBe("ff02::1:ffbb:ccdd");
  expect(a6.multicastMac6(a6.solicitedNode(a))).toBe(parseMac("33:33:ff:bb:cc:dd"));
  expect(text(a6.linkLocalOf(parseMac("02:00:00:00:00:0a")!))).toBe("fe80::ff:fe00:a");
  expect(a6.isLinkLocal6(a6.linkLocalOf(parseMac("02:00:00:00:00:0a")!))).toBe(true);
  expect(a6.isMulticast6(a6.IPV6_ALL_NODES)).toBe(true);
});
