import { expect, test } from "vitest";
import { seconds } from "../../sim/time.ts";
import { ip6, TestNet6 } from "../../testkit/net6.ts";

/** a ── r ── b */
function line(): TestNet6 {
  const net = new TestNet6("a", "r", "b");
  net.wire("a", "eth0", "02:00:00:00:01:0a", "r", "left", "02:00:00:00:01:01");
  net.wire("r", "right", "02:00:00:00:02:01", "b", "eth0", "02:00:00:00:02:0b");
  net.address6("a", "eth0", "2001:db8:1::a/64", { noDad: true });
  net.address6("r", "left", "2001:db8:1::1/64", { noDad: true });
  net.address6("r", "right", "2001:db8:2::1/64", { noDad: true });
  net.address6("b", "eth0", "2001:db8:2::b/64", { noDad: true });
  net.route6("a", "default", "2001:db8:1::1");
  net.route6("b", "default", "2001:db8:2::1");
  net.forward6("r");
  net.settle(seconds(4));
  net.records();
  return net;
}

function mtu(net: TestNet6, name: string, device: string, size: number): void {
  net.at(name).link.change(net.dev(name, device), { mtu: size });
}

test("a router passes on what is not its own, with a hop limit one lower", () => {
  const net = line();
  expect(net.ping6("a", "2001:db8:2::b").map((d) => [d.bytes[0], d.ttl])).toEqual([[129, 63]]);
});

test("time exceeded, from the router's address on the sender's side", () => {
  const net = line();
  const [error] = net.ping6("a", "2001:db8:2::b", { hopLimit: 1 });
  expect(error && [error.bytes[0], error.bytes[1], net.text(error.from.address)]).toEqual([
    3,
    0,
    "2001:db8:1::1",
  ]);
});

test("no route: told so, forwarding or not", () => {
  const net = line();
  const [error] = net.ping6("a", "2001:db8:9::9");
  expect(error && [error.bytes[0], error.bytes[1]]).toEqual([1, 0]);
  net.at("r").sysctl.set("net.ipv6.conf.all.forwarding", "0");
  expect(net.ping6("a", "2001:db8:9::9").map((d) => d.bytes[0])).toEqual([1]);
  expect(net.ping6("a", "2001:db8:2::b")).toEqual([]);
});

test("too big a packet: the sender learns the path MTU and cuts the next one itself", () => {
  const net = line();
  mtu(net, "r", "right", 1400);
  mtu(net, "b", "eth0", 1400);
  const [error] = net.ping6("a", "2001:db8:2::b", { size: 1450 });
  expect(error?.bytes[0]).toBe(2);
  const route = net.at("a").ipv6.route.get({ dst: ip6("2001:db8:2::b") });
  expect(route.ok && route.value.mtu).toBe(1400);
  expect(net.ping6("a", "2001:db8:2::b", { size: 1450 }).map((d) => d.bytes.length)).toEqual([1458]);
});

test("large packets go in fragments from the source", () => {
  const net = line();
  expect(net.ping6("a", "2001:db8:2::b", { size: 3000 }).map((d) => d.bytes.length)).toEqual([3008]);
  expect(net.messages("r", "right").filter((m) => m.includes("protocol 44"))).toHaveLength(6);
});

test("UDP to a port that nobody listens on", () => {
  const net = line();
  const socket = net.at("a").socket.udp6("nc");
  socket.connect({ address: ip6("2001:db8:2::b"), port: 9999 });
  socket.send(new Uint8Array([1]));
  net.settle();
  const answer = socket.receive();
  expect(!answer.ok && answer.error.errno).toBe("ECONNREFUSED");
});

test("a socket of both families hears IPv4 as ::ffff:0:0/96, and answers so", () => {
  const net = line();
  net.address("a", "eth0", "10.0.0.1/24");
  net.address("r", "left", "10.0.0.2/24");
  const server = net.at("r").socket.udp6("nc");
  expect(server.bind({ address: ip6("::"), port: 53 }).ok).toBe(true);
  const client = net.at("a").socket.udp("nc");
  client.send(new Uint8Array([7]), { address: 0x0a000002 as never, port: 53 });
  net.settle();
  const got = server.receive();
  const from = got.ok ? got.value?.from : undefined;
  expect(from && net.text(from.address)).toBe("::ffff:10.0.0.1");
  server.send(new Uint8Array([8]), from);
  net.settle();
  const answer = client.receive();
  expect(answer.ok && answer.value?.bytes[0]).toBe(8);
});

test("TCP connects over IPv6", () => {
  const net = line();
  const listener = net.at("b").socket.tcp("nc", "inet6");
  listener.bind({ address: ip6("::"), port: 80 });
  listener.listen(5);
  const client = net.at("a").socket.tcp("nc", "inet6");
  client.connect({ address: ip6("2001:db8:2::b"), port: 80 });
  net.settle();
  expect(client.state).toBe("ESTABLISHED");
});

test("a router answers for its subnets' anycast addresses", () => {
  const net = line();
  expect(net.routes("r")).toContain("anycast 2001:db8:1:: dev left metric 0");
  expect(net.ping6("a", "2001:db8:1::").map((d) => net.text(d.from.address))).toEqual(["2001:db8:1::1"]);
});
