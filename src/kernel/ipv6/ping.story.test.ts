import { expect, test } from "vitest";
import { must } from "../../base/result.ts";
import { seconds } from "../../sim/time.ts";
import { TestNet6 } from "../../testkit/net6.ts";

function pair(): TestNet6 {
  const net = new TestNet6("a", "b");
  net.wire("a", "eth0", "02:00:00:00:00:0a", "b", "eth0", "02:00:00:00:00:0b");
  net.settle(seconds(3));
  return net;
}

test("a device that comes up has a link-local address, tentative until nobody else claims it", () => {
  const net = new TestNet6("a", "b");
  net.wire("a", "eth0", "02:00:00:00:00:0a", "b", "eth0", "02:00:00:00:00:0b");
  expect(net.addresses("a", "eth0")).toEqual(["fe80::ff:fe00:a/64 tentative"]);
  net.settle(seconds(3));
  expect(net.addresses("a", "eth0")).toEqual(["fe80::ff:fe00:a/64"]);
  expect(net.routes("a")).toEqual([
    "fe80::/64 dev eth0 metric 256",
    "local ::1 dev lo metric 0",
    "local fe80::ff:fe00:a dev eth0 metric 0",
    "multicast ff00::/8 dev eth0 metric 256",
  ]);
});

test("one question by the solicited-node group, one answer, then the echo and its reply", () => {
  const net = pair();
  net.address6("a", "eth0", "2001:db8::1/64", { noDad: true });
  net.address6("b", "eth0", "2001:db8::2/64", { noDad: true });
  net.settle(seconds(3));
  net.records();
  expect(net.ping6("a", "2001:db8::2").map((d) => [d.bytes[0], d.ttl])).toEqual([[129, 64]]);
  expect(net.messages("a", "eth0")).toEqual([
    "out 2001:db8::1 > ff02::1:ff00:2: icmp6 135",
    "in 2001:db8::2 > 2001:db8::1: icmp6 136",
    "out 2001:db8::1 > 2001:db8::2: icmp6 128",
    "in 2001:db8::2 > 2001:db8::1: icmp6 129",
  ]);
  const neighbour = must(
    net
      .at("a")
      .ipv6.neigh.list()
      .find((n) => n.state === "REACHABLE"),
    "a reachable neighbour",
  );
  expect(net.at("a").link.byIndex(neighbour.dev)?.name).toBe("eth0");
});

test("nobody answers: three questions, FAILED, and address unreachable from ourselves", () => {
  const net = pair();
  net.address6("a", "eth0", "2001:db8::1/64", { noDad: true });
  net.records();
  const answers = net.ping6("a", "2001:db8::99", { wait: 4 });
  expect(answers.map((d) => [d.bytes[0], d.bytes[1]])).toEqual([[1, 3]]);
  expect(net.messages("a", "eth0").filter((m) => m.includes("icmp6 135"))).toHaveLength(3);
});

test("an address that somebody else has stays tentative", () => {
  const net = pair();
  net.address6("a", "eth0", "2001:db8::1/64", { noDad: true });
  net.address6("b", "eth0", "2001:db8::1/64");
  net.settle(seconds(3));
  expect(net.addresses("b", "eth0")[0]).toBe("2001:db8::1/64 tentative dadfailed");
});

test("the newest address of the widest scope is listed first; a deleted one takes its routes along", () => {
  const net = pair();
  net.address6("a", "eth0", "2001:db8::1/64", { noDad: true });
  net.address6("a", "eth0", "2001:db8::5/64", { noDad: true });
  expect(net.addresses("a", "eth0").map((text) => text.split("/")[0])).toEqual([
    "2001:db8::5",
    "2001:db8::1",
    "fe80::ff:fe00:a",
  ]);
  net.deleteAddress6("a", "eth0", "2001:db8::1");
  expect(net.routes("a")).toContain("2001:db8::/64 dev eth0 metric 256");
  net.deleteAddress6("a", "eth0", "2001:db8::5");
  expect(net.routes("a")).not.toContain("2001:db8::/64 dev eth0 metric 256");
});

test("a group that the host is in hears its own question first", () => {
  const net = pair();
  const answers = net.ping6("a", "ff02::1", { device: "eth0" });
  expect(answers.map((d) => net.text(d.from.address))).toEqual(["fe80::ff:fe00:a", "fe80::ff:fe00:b"]);
});

test("an address of one's own is reached through lo", () => {
  const net = pair();
  expect(net.ping6("a", "::1")).toHaveLength(1);
  expect(net.ping6("a", "fe80::ff:fe00:a", { device: "eth0" })).toHaveLength(1);
});

test("a device that goes down loses its addresses, as the other end loses its carrier only", () => {
  const net = pair();
  net.address6("a", "eth0", "2001:db8::1/64", { noDad: true });
  net.address6("b", "eth0", "2001:db8::2/64", { noDad: true });
  net.down("a", "eth0");
  expect(net.addresses("a", "eth0")).toEqual([]);
  expect(net.addresses("b", "eth0")).toEqual(["2001:db8::2/64 nodad", "fe80::ff:fe00:b/64"]);
});
