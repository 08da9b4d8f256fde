import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readAddresses, readRoutes, readRules, readSysctls } from "./read.ts";

/** Recorded: `docker exec kind-worker ip addr`, kind v0.30, iproute2 6.1. */
const ADDR = `1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000
    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00
    inet 127.0.0.1/8 scope host lo
       valid_lft forever preferred_lft forever
2: flannel.1: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1450 qdisc noqueue state UNKNOWN group default
    link/ether 6e:51:0c:9a:22:7d brd ff:ff:ff:ff:ff:ff
    inet 10.244.1.0/32 scope global flannel.1
       valid_lft forever preferred_lft forever
3: cni0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1450 qdisc noqueue state UP group default qlen 1000
    link/ether ba:07:e4:10:35:c1 brd ff:ff:ff:ff:ff:ff
    inet 10.244.1.1/24 brd 10.244.1.255 scope global cni0
       valid_lft forever preferred_lft forever
4: veth7a1b@if2: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1450 qdisc noqueue master cni0 state UP group default
    link/ether 12:34:56:78:9a:bc brd ff:ff:ff:ff:ff:ff link-netns cni-1
    inet6 fe80::1034:56ff:fe78:9abc/64 scope link
       valid_lft forever preferred_lft forever
28: eth0@if29: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default
    link/ether 02:42:ac:12:00:03 brd ff:ff:ff:ff:ff:ff link-netnsid 0
    inet 172.18.0.3/16 brd 172.18.255.255 scope global eth0
       valid_lft forever preferred_lft forever
`;

const octet = fc.integer({ min: 0, max: 255 });
const address = fc.tuple(octet, octet, octet, octet).map((parts) => parts.join("."));
const name = fc.stringMatching(/^[a-z][a-z0-9]{1,9}$/).filter((word) => !/^(dev|via|src)$/.test(word));

describe("ip addr", () => {
  it("gives devices with their bridge, MTU and IPv4 addresses", () => {
    const { items, unread } = readAddresses(ADDR);
    expect(unread).toEqual([]);
    expect(items.map((d) => [d.name, d.master, d.mtu, d.addresses])).toEqual([
      ["lo", undefined, 65536, ["127.0.0.1/8"]],
      ["flannel.1", undefined, 1450, ["10.244.1.0/32"]],
      ["cni0", undefined, 1450, ["10.244.1.1/24"]],
      ["veth7a1b", "cni0", 1450, []],
      ["eth0", undefined, 1500, ["172.18.0.3/16"]],
    ]);
  });

  it("names a line that it cannot read", () => {
    expect(readAddresses(`${ADDR}what is this\n`).unread).toMatchObject([{ line: 21, text: "what is this" }]);
    expect(readAddresses("    inet 10.0.0.1/24 scope global eth0\n").unread).toMatchObject([{ line: 1 }]);
  });

  it("reads what it is shown, whatever the names and addresses are", () => {
    const device = fc.record({
      name,
      mtu: fc.integer({ min: 68, max: 65535 }),
      address,
      length: fc.integer({ min: 0, max: 32 }),
    });
    fc.assert(
      fc.property(fc.array(device, { maxLength: 8 }), (devices) => {
        const text = devices
          .map(
            (d, i) =>
              `${i + 1}: ${d.name}: <UP> mtu ${d.mtu} qdisc noqueue\n    inet ${d.address}/${d.length} scope global ${d.name}\n`,
          )
          .join("");
        const { items, unread } = readAddresses(text);
        expect(unread).toEqual([]);
        expect(items.map((d) => [d.name, d.mtu, ...d.addresses])).toEqual(
          devices.map((d) => [d.name, d.mtu, `${d.address}/${d.length}`]),
        );
      }),
    );
  });
});

describe("ip route", () => {
  it("keeps what ip route add takes, and leaves states out", () => {
    const text = `default via 172.18.0.1 dev eth0
10.244.0.0/24 via 10.244.0.0 dev flannel.1 onlink
10.244.1.0/24 dev cni0 proto kernel scope link src 10.244.1.1
172.17.0.0/16 dev docker0 proto kernel scope link src 172.17.0.1 linkdown
blackhole 10.244.9.0/26 proto 80
default nexthop via 10.0.0.1 dev eth0 weight 1 nexthop via 10.0.0.2 dev eth1 weight 1
10.7.0.0/16 nexthop encap mpls 30
nonsense
`;
    const { items, unread } = readRoutes(text);
    expect(items.map(({ words }) => words)).toEqual([
      "default via 172.18.0.1 dev eth0",
      "10.244.0.0/24 via 10.244.0.0 dev flannel.1 onlink",
      "10.244.1.0/24 dev cni0 proto kernel scope link src 10.244.1.1",
      "172.17.0.0/16 dev docker0 proto kernel scope link src 172.17.0.1",
      "blackhole 10.244.9.0/26 proto 80",
      "default nexthop via 10.0.0.1 dev eth0 weight 1 nexthop via 10.0.0.2 dev eth1 weight 1",
    ]);
    expect(unread.map(({ line, why }) => [line, why])).toEqual([
      [7, "multipath"],
      [8, "form"],
    ]);
  });

  it("never loses a line: each is read, or named", () => {
    const line = fc.oneof(
      fc
        .tuple(address, fc.integer({ min: 0, max: 32 }), name)
        .map(([a, n, dev]) => `${a}/${n} dev ${dev} scope link`),
      fc
        .stringMatching(/^[a-z0-9 ./:-]{1,30}$/)
        .filter((text) => text.trim() !== "" && !/^\s*(local|broadcast) |table local/.test(text)),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
        const { items, unread } = readRoutes(lines.join("\n"));
        expect(items.length + unread.length).toBe(lines.length);
      }),
    );
  });
});

it("ip rule: the usual three are left out, others are kept with their priority", () => {
  const text = `0:	from all lookup local
100:	from 10.0.0.0/8 fwmark 0x1/0xff lookup 100
32766:	from all lookup main
32767:	from all lookup default
what
`;
  const { items, unread } = readRules(text);
  expect(items.map(({ words }) => words)).toEqual(["pref 100 from 10.0.0.0/8 fwmark 0x1/0xff lookup 100"]);
  expect(unread).toMatchObject([{ line: 5 }]);
});

it("sysctl: both ways of writing a name", () => {
  const { items, unread } = readSysctls("net.ipv4.ip_forward = 1\nnet/ipv4/conf/all/rp_filter=2\n?\n");
  expect(items).toEqual([
    { name: "net.ipv4.ip_forward", value: "1" },
    { name: "net.ipv4.conf.all.rp_filter", value: "2" },
  ]);
  expect(unread).toMatchObject([{ line: 3 }]);
});
