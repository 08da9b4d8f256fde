import { expect, test } from "vitest";
import { seconds } from "../../sim/time.ts";
import { setU16, setU32 } from "../../base/bytes.ts";
import { writeIpv6 } from "../../wire/address6.ts";
import { ip6, TestNet6 } from "../../testkit/net6.ts";

/** A router advertisement with one prefix, as radvd sends it: half an hour, the prefix for a day. */
function advertisement(prefix: string): Uint8Array {
  const bytes = new Uint8Array(16 + 32);
  bytes[0] = 134;
  bytes[4] = 64;
  setU16(bytes, 6, 1800);
  bytes.set([3, 4, 64, 0xc0], 16);
  setU32(bytes, 20, 86400);
  setU32(bytes, 24, 14400);
  writeIpv6(bytes, 32, ip6(prefix));
  return bytes;
}

function pair(): TestNet6 {
  const net = new TestNet6("h", "r");
  net.wire("h", "eth0", "02:00:00:00:00:0a", "r", "eth0", "02:00:00:00:00:01");
  net.settle(seconds(3));
  return net;
}

function advertise(net: TestNet6, prefix: string): void {
  const socket = net.at("r").socket.icmp6("radvd", () => false);
  const to = { address: ip6("ff02::1"), port: 0, scope: net.dev("r", "eth0") };
  expect(socket.send(advertisement(prefix), to, { ttl: 255 }).ok).toBe(true);
  socket.close();
}

test("a host believes a router: an address of its own, the prefix on the link, the default route", () => {
  const net = pair();
  advertise(net, "2001:db8:7::");
  net.settle(seconds(3));
  expect(net.addresses("h", "eth0")).toEqual(["2001:db8:7::ff:fe00:a/64", "fe80::ff:fe00:a/64"]);
  expect(net.routes("h")).toContain("2001:db8:7::/64 dev eth0 metric 256");
  expect(net.routes("h")).toContain("::/0 via fe80::ff:fe00:1 dev eth0 metric 1024");
});

test("what a router promised ends", () => {
  const net = pair();
  advertise(net, "2001:db8:7::");
  net.settle(seconds(1900));
  const route = net.at("h").ipv6.route.get({ dst: ip6("2001:db8:9::1") });
  expect(route.ok).toBe(false);
  net.settle(seconds(86400));
  expect(net.addresses("h", "eth0")).toEqual(["fe80::ff:fe00:a/64"]);
});

test("a router, and a host that was told not to, believes nothing", () => {
  const net = pair();
  net.at("h").sysctl.set("net.ipv6.conf.eth0.accept_ra", "0");
  advertise(net, "2001:db8:7::");
  net.settle(seconds(3));
  expect(net.addresses("h", "eth0")).toEqual(["fe80::ff:fe00:a/64"]);
});

test("what did not come over this link proves nothing: a hop limit below 255 is dropped", () => {
  const net = pair();
  const socket = net.at("r").socket.icmp6("radvd", () => false);
  const to = { address: ip6("ff02::1"), port: 0, scope: net.dev("r", "eth0") };
  net.records();
  socket.send(advertisement("2001:db8:7::"), to, { ttl: 64 });
  net.settle(seconds(1));
  const drops = net.records().filter((r) => r.kind === "drop");
  expect(drops.map((d) => d.reason)).toContain("IPV6_NDISC_HOP_LIMIT");
});

test("IPv6 switched off takes everything of a device, and back on makes it anew", () => {
  const net = pair();
  net.address6("h", "eth0", "2001:db8::a/64", { noDad: true });
  net.at("h").sysctl.set("net.ipv6.conf.all.disable_ipv6", "1");
  expect(net.addresses("h", "eth0")).toEqual([]);
  expect(net.routes("h")).toEqual([]);
  net.at("h").sysctl.set("net.ipv6.conf.all.disable_ipv6", "0");
  expect(net.addresses("h", "eth0")).toEqual(["fe80::ff:fe00:a/64 tentative"]);
});

test("a deprecated address is chosen only when there is no other", () => {
  const net = pair();
  net.address6("h", "eth0", "2001:db8::b/64", { noDad: true });
  const spec = { dev: net.dev("h", "eth0"), local: ip6("2001:db8::a"), prefixLength: 64, noDad: true };
  net.at("h").ipv6.address.add({ ...spec, validLifetime: 100, preferredLifetime: 10 });
  const source = (): string => {
    const route = net.at("h").ipv6.route.get({ dst: ip6("2001:db8::1") });
    return route.ok && route.value.prefSrc !== undefined ? net.text(route.value.prefSrc) : "none";
  };
  expect(source()).toBe("2001:db8::a");
  net.settle(seconds(11));
  expect(source()).toBe("2001:db8::b");
});

test("a world with IPv6 comes to rest", () => {
  const net = pair();
  net.queue.runUntil(seconds(20_000));
  expect(net.queue.next()).toBeUndefined();
});
