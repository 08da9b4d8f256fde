import { expect, test } from "vitest";
import { ipv4 } from "./address.ts";
import * as ip from "./ipv4.ts";

test("changing header words in place keeps the checksum right", () => {
  const b = new Uint8Array(40);
  ip.writeIpv4Header(b, 3, 20, 5, ip.IPV4_DF, 64, 1, ipv4(0x0a000001), ipv4(0xfffefdfc), 3);
  expect(ip.ipv4ChecksumOk(b, 3)).toBe(true);
  ip.setIpv4Ttl(b, 3, 1);
  ip.setIpv4Source(b, 3, ipv4(0xffffffff));
  ip.setIpv4Id(b, 3, 65535);
  expect(ip.ipv4ChecksumOk(b, 3)).toBe(true);
});
