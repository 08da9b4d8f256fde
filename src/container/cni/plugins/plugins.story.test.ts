import { describe, expect, it } from "vitest";
import type { Result } from "../../../base/result.ts";
import type { NetApi, NetnsId } from "../../../kernel/uapi/index.ts";
import {
  addNode,
  addresses,
  type NodeWorld,
  nodeWorld,
  ping,
  rest,
  routes,
  run,
} from "../../../testkit/node-world.ts";
import { saveRule } from "../../../formats/iptables/save.ts";
import { seconds } from "../../../sim/time.ts";
import type { Host } from "../../../userland/os/host.ts";
import { formatIpv4, formatMac, IPV4_ANY, parseIpv4 } from "../../../wire/address.ts";
import { writeText } from "../../files.ts";
import { addNetworkList, type Attachment, checkNetworkList, delNetworkList } from "../chain.ts";
import { parseConfigList } from "../config.ts";
import type { JsonObject } from "../json.ts";
import type { CniResult } from "../result.ts";

/** A node at 172.18.0.3, a neighbour of it at 172.18.0.4, and plugins run by hand. */
class Lab {
  readonly world: NodeWorld = nodeWorld();
  readonly node: Host = addNode(this.world, "worker", "172.18.0.3");
  readonly other: Host = addNode(this.world, "worker2", "172.18.0.4");

  net(netns: NetnsId = this.node.netns): NetApi {
    return this.world.kernel.open(netns, { name: "test" });
  }

  pod(id: string): NetnsId {
    const netns = this.world.kernel.createNetns(id);
    this.node.netnsNames.set(id, netns);
    return netns;
  }

  private list(plugins: readonly object[]) {
    const parsed = parseConfigList(JSON.stringify({ name: "mynet", cniVersion: "1.0.0", plugins }));
    if (!parsed.ok) throw new Error(parsed.error);
    return parsed.value;
  }

  private attachment(
    containerId: string,
    capabilityArgs: JsonObject,
    args: Attachment["args"] = [],
  ): Attachment {
    return { containerId, netns: `/var/run/netns/${containerId}`, ifName: "eth0", args, capabilityArgs };
  }

  private get runner() {
    return { host: this.node, path: ["/opt/cni/bin"] };
  }

  add(
    id: string,
    plugins: readonly object[],
    capabilities: JsonObject = {},
    args: Attachment["args"] = [],
  ): Result<CniResult, string> {
    return run(
      this.world,
      addNetworkList(this.runner, this.list(plugins), this.attachment(id, capabilities, args)),
    );
  }

  check(id: string, plugins: readonly object[]): Result<void, string> {
    return run(this.world, checkNetworkList(this.runner, this.list(plugins), this.attachment(id, {})));
  }

  del(id: string, plugins: readonly object[]): Result<void, string> {
    return run(this.world, delNetworkList(this.runner, this.list(plugins), this.attachment(id, {})));
  }

  filter(chain: string): readonly string[] {
    const chains = this.net().xtables.table("ip", "filter")?.chains ?? [];
    return (chains.find(({ name }) => name === chain)?.rules ?? []).map(({ rule }) => saveRule(rule));
  }
}

const hostLocal = (subnet: string): JsonObject => ({ type: "host-local", ranges: [[{ subnet }]] });
const fixed = (address: string): JsonObject => ({ type: "static", addresses: [{ address }] });
const failed = (type: string, why: string, verb = "add") => ({
  ok: false,
  error: `plugin type="${type}" failed (${verb}): ${why}`,
});

describe("host-local", () => {
  const PTP = [{ type: "ptp", ipam: hostLocal("10.9.0.0/24") }];

  it("gives the address that CNI_ARGS asks for, or says why it cannot", () => {
    const lab = new Lab();
    for (const name of ["a", "b", "c", "d"]) lab.pod(name);
    const ask = (id: string, ip: string) => lab.add(id, PTP, {}, [["IP", ip]]);
    const got = ask("a", "10.9.0.77");
    expect(got.ok ? got.value.ips[0]?.address : got.error).toEqual({ address: 0x0a09004d, length: 24 });
    const allocate = "failed to allocate for range 0: ";
    expect(ask("b", "10.9.0.77")).toEqual(
      failed(
        "ptp",
        `${allocate}requested IP address 10.9.0.77 is not available in range set 10.9.0.1-10.9.0.254`,
      ),
    );
    expect(ask("b", "10.9.0.1")).toEqual(
      failed("ptp", `${allocate}requested ip 10.9.0.1 is subnet's gateway`),
    );
    expect(ask("b", "10.8.0.1")).toEqual(failed("ptp", "failed to allocate all requested IPs: 10.8.0.1"));
    const next = lab.add("c", PTP);
    expect(next.ok ? next.value.ips[0]?.address.address : next.error).toBe(0x0a09004f);
  });
});

describe("ptp", () => {
  const PTP = [
    { type: "ptp", ipMasq: true, ipam: { ...hostLocal("10.9.0.0/24"), routes: [{ dst: "0.0.0.0/0" }] } },
  ];

  it("joins pod and host without a bridge: all of the pod's traffic takes the gateway", () => {
    const lab = new Lab();
    const [a, b] = [lab.pod("a"), lab.pod("b")];
    const result = lab.add("a", PTP);
    lab.add("b", PTP);
    const host = result.ok ? (result.value.interfaces[0]?.name ?? "") : "";
    expect(routes(lab.world, a)).toEqual([
      "default via 10.9.0.1 dev eth0",
      "10.9.0.0/24 via 10.9.0.1 dev eth0 src 10.9.0.2",
      "10.9.0.1/32 dev eth0 src 10.9.0.2",
    ]);
    expect(addresses(lab.world, lab.node.netns, host)).toEqual(["10.9.0.1/32"]);
    expect(routes(lab.world, lab.node.netns)).toContain(`10.9.0.2/32 dev ${host}`);
    expect(ping(lab.world, a, "10.9.0.3")).toBe(true);
    expect(ping(lab.world, b, "10.9.0.1")).toBe(true);
    expect(ping(lab.world, a, "172.18.0.4")).toBe(true);
    expect(lab.check("a", PTP)).toEqual({ ok: true });
  });

  it("DEL takes pair, address and masquerading away", () => {
    const lab = new Lab();
    lab.pod("a");
    lab.add("a", PTP);
    expect(lab.del("a", PTP).ok).toBe(true);
    expect(
      lab
        .net()
        .link.list()
        .map((l) => l.name),
    ).toEqual(["lo", "eth0"]);
    const nat = lab.net().xtables.table("ip", "nat")?.chains ?? [];
    expect(nat.filter(({ name }) => name.startsWith("CNI-"))).toEqual([]);
    expect(lab.del("a", PTP).ok).toBe(true);
  });
});

describe("macvlan", () => {
  const macvlan = (ip: string, more: object = {}) => [
    { type: "macvlan", master: "eth0", ipam: fixed(ip), ...more },
  ];

  it("puts the pod on the node's own link, out of the node's sight", () => {
    const lab = new Lab();
    const [a, b] = [lab.pod("a"), lab.pod("b")];
    lab.add("a", macvlan("172.18.5.1/16"));
    lab.add("b", macvlan("172.18.5.2/16"));
    const link = lab.net(a).link.byName("eth0");
    expect(link).toMatchObject({ kind: "macvlan", mtu: 1500, up: true, macvlan: { mode: "bridge" } });
    expect(ping(lab.world, a, "172.18.0.4")).toBe(true);
    expect(ping(lab.world, a, "172.18.5.2")).toBe(true);
    expect(ping(lab.world, b, "172.18.0.3")).toBe(false);
    expect(lab.check("a", macvlan("172.18.5.1/16"))).toEqual({ ok: true });
    expect(lab.check("a", macvlan("172.18.5.1/16", { mode: "vepa" }))).toEqual({
      ok: false,
      error: "container macvlan mode bridge does not match expected value: vepa",
    });
  });

  it("takes MTU and MAC from the configuration, and the default route's device for its master", () => {
    const lab = new Lab();
    const a = lab.pod("a");
    const result = lab.add("a", [{ type: "macvlan", mtu: 1400, mac: "02:00:00:00:00:07" }]);
    const link = lab.net(a).link.byName("eth0");
    expect(link && [link.mtu, formatMac(link.mac), link.up]).toEqual([1400, "02:00:00:00:00:07", true]);
    expect(result.ok && result.value.ips).toEqual([]);
  });

  it.each([
    [{ master: "eth7" }, "Link not found"],
    [{ mtu: 9000 }, "invalid MTU 9000, must be [0, master MTU(1500)]"],
    [{ mode: "loud" }, 'unknown macvlan mode: "loud"'],
    [{ mac: "7" }, "invalid args 7 for MAC addr: address 7: invalid MAC address"],
    [{ ipam: { type: "static" } }, "IPAM plugin returned missing IP config"],
    [{ ipam: fixed("10.1.1.1") }, "the 'address' field is expected to be in CIDR notation, got: '10.1.1.1'"],
  ])("refuses %j", (more, why) => {
    const lab = new Lab();
    lab.pod("a");
    expect(lab.add("a", macvlan("172.18.5.1/16", more))).toEqual(failed("macvlan", why));
    expect(lab.del("a", [{ type: "macvlan", master: "eth0" }]).ok).toBe(true);
    expect(lab.net(lab.node.netnsNames.get("a")).link.list()).toHaveLength(1);
  });
});

describe("ipvlan", () => {
  const ipvlan = (ip: string, more: object = {}) => [
    { type: "ipvlan", master: "eth0", ipam: fixed(ip), ...more },
  ];

  it("shares the node's MAC; modes l2 and l3", () => {
    const lab = new Lab();
    const a = lab.pod("a");
    lab.add("a", ipvlan("172.18.6.1/16"));
    const link = lab.net(a).link.byName("eth0");
    expect(link?.mac).toBe(lab.net().link.byName("eth0")?.mac);
    expect(ping(lab.world, a, "172.18.0.4")).toBe(true);
    expect(ping(lab.world, a, "172.18.0.3")).toBe(false);
    expect(lab.check("a", ipvlan("172.18.6.1/16"))).toEqual({ ok: true });
    const b = lab.pod("b");
    lab.del("a", ipvlan("172.18.6.1/16"));
    lab.add("b", ipvlan("172.18.6.2/16", { mode: "l3" }));
    expect(lab.net(b).link.byName("eth0")?.ipvlan?.mode).toBe("l3");
  });

  it.each([
    [{ mode: "l4" }, 'unknown ipvlan mode: "l4"'],
    [{ master: "eth7" }, 'failed to lookup master "eth7": Link not found'],
  ])("refuses %j", (more, why) => {
    const lab = new Lab();
    lab.pod("a");
    expect(lab.add("a", ipvlan("172.18.6.1/16", more))).toEqual(failed("ipvlan", why));
  });
});

const BRIDGE = { type: "bridge", isDefaultGateway: true, ipam: hostLocal("10.22.0.0/24") };

describe("bandwidth", () => {
  it("limits what comes to the pod by a token bucket on the host's end", () => {
    const lab = new Lab();
    lab.pod("a");
    const plugins = [BRIDGE, { type: "bandwidth", ingressRate: 8_000_000, ingressBurst: 80_000 }];
    const result = lab.add("a", plugins);
    const host = result.ok ? lab.net().link.byName(result.value.interfaces[1]?.name ?? "") : undefined;
    const qdisc = lab
      .net()
      .qdisc.list()
      .find((q) => q.dev === host?.index);
    expect(qdisc).toMatchObject({
      handle: 1,
      options: { kind: "tbf", rate: 1_000_000, burst: 10_000, limit: 35_000 },
    });
    expect(lab.check("a", plugins)).toEqual({ ok: true });
    expect(lab.check("a", [BRIDGE, { ...plugins[1], ingressRate: 8_000 }])).toEqual({
      ok: false,
      error: "Rate doesn't match",
    });
  });

  it("takes its figures from the runtime, too", () => {
    const lab = new Lab();
    lab.pod("a");
    const bandwidth = { ingressRate: 800_000, ingressBurst: 80_000 };
    const plugin = { type: "bandwidth", capabilities: { bandwidth: true } };
    expect(lab.add("a", [BRIDGE, plugin], { bandwidth }).ok).toBe(true);
    expect(
      lab
        .net()
        .qdisc.list()
        .some((q) => q.options.kind === "tbf"),
    ).toBe(true);
  });

  it.each([
    [{ ingressRate: 8 }, "if rate is set, burst must also be set"],
    [{ egressBurst: 8 }, "if burst is set, rate must also be set"],
    [
      { egressRate: 8000, egressBurst: 8000 },
      "flannelgraph: bandwidth's egress limit (ifb, mirred) is not modelled yet",
    ],
  ])("refuses %j", (conf, why) => {
    const lab = new Lab();
    lab.pod("a");
    const plugins = [BRIDGE, { type: "bandwidth", ...conf }];
    expect(lab.add("a", plugins)).toEqual(failed("bandwidth", why));
  });
});

describe("firewall", () => {
  it("accepts what is forwarded for the pod, after the administrator's chain", () => {
    const lab = new Lab();
    lab.pod("a");
    const plugins = [BRIDGE, { type: "firewall" }];
    lab.add("a", plugins);
    expect(lab.filter("FORWARD")).toEqual([
      '-m comment --comment "CNI firewall plugin rules" -j CNI-FORWARD',
    ]);
    expect(lab.filter("CNI-FORWARD")).toEqual([
      '-m comment --comment "CNI firewall plugin admin overrides" -j CNI-ADMIN',
      "-d 10.22.0.2/32 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
      "-s 10.22.0.2/32 -j ACCEPT",
    ]);
    expect(lab.check("a", plugins)).toEqual({ ok: true });
    lab.del("a", plugins);
    expect(lab.filter("CNI-FORWARD")).toHaveLength(1);
  });

  it("isolates: pods of one bridge do not reach another's, or not even each other", () => {
    const lab = new Lab();
    lab.pod("a");
    lab.add("a", [BRIDGE, { type: "firewall", ingressPolicy: "isolated" }]);
    const both = '-m comment --comment "CNI firewall plugin rules (ingressPolicy: same-bridge|isolated)"';
    const own = '-m comment --comment "CNI firewall plugin rules (ingressPolicy: isolated)"';
    expect(lab.filter("CNI-ISOLATION-STAGE-1")).toEqual([
      `-i cni0 -o cni0 ${own} -j DROP`,
      `-i cni0 ! -o cni0 ${own} -j CNI-ISOLATION-STAGE-2`,
      `${both} -j RETURN`,
    ]);
    expect(lab.filter("CNI-ISOLATION-STAGE-2")).toEqual([`-o cni0 ${both} -j DROP`, `${both} -j RETURN`]);
  });

  it("refuses policies that it does not know, and to go first", () => {
    const lab = new Lab();
    lab.pod("a");
    expect(lab.add("a", [BRIDGE, { type: "firewall", ingressPolicy: "none" }])).toEqual(
      failed("firewall", 'unknown ingress policy: "none"'),
    );
    expect(lab.add("b", [{ type: "firewall" }])).toEqual(
      failed("firewall", "missing prevResult from earlier plugin"),
    );
  });
});

describe("tuning", () => {
  const conf = {
    type: "tuning",
    mtu: 1300,
    mac: "02:00:00:00:00:09",
    sysctl: { "net.ipv4.conf.IFNAME.arp_filter": "1" },
  };

  it("sets sysctls, MAC and MTU of the pod's device, and tells them in the result", () => {
    const lab = new Lab();
    const a = lab.pod("a");
    const result = lab.add("a", [BRIDGE, conf]);
    const link = lab.net(a).link.byName("eth0");
    expect(link && [link.mtu, formatMac(link.mac)]).toEqual([1300, "02:00:00:00:00:09"]);
    expect(lab.net(a).sysctl.get("net.ipv4.conf.eth0.arp_filter")).toEqual({ ok: true, value: "1" });
    expect(result.ok && result.value.interfaces[2]?.mac).toBe("02:00:00:00:00:09");
    expect(lab.check("a", [BRIDGE, conf])).toEqual({ ok: true });
    expect(lab.check("a", [BRIDGE, { ...conf, mtu: 1200 }])).toEqual({
      ok: false,
      error: "Error: Tuning configured MTU of eth0 is 1200, current value is 1300",
    });
  });

  it.each([
    [{ sysctl: { "kernel.hostname": "x" } }, 'invalid net sysctl key: "kernel/hostname"'],
    [{ sysctl: { "net.nosuch": "1" } }, "open /proc/sys/net/nosuch: no such file or directory"],
    [
      { sysctl: { "net.ipv4.ip_forward": "1" } },
      "Sysctl net.ipv4.ip_forward is not allowed. Only the following sysctls are allowed: [^net\\.nosuch$ ^kernel\\.]",
    ],
  ])("refuses %j", (more, why) => {
    const lab = new Lab();
    lab.pod("a");
    writeText(lab.node.fs, "/etc/cni/tuning/allowlist.conf", "^net\\.nosuch$\n ^kernel\\.\n");
    expect(lab.add("a", [BRIDGE, { type: "tuning", ...more }])).toEqual(failed("tuning", why));
  });
});

describe("static", () => {
  it("hands out what is written, and what the runtime says instead", () => {
    const lab = new Lab();
    const ipam = { type: "static", addresses: [{ address: "10.5.0.9/24", gateway: "10.5.0.1" }] };
    const bridge = { type: "bridge", capabilities: { ips: true }, ipam };
    lab.pod("a");
    const result = lab.add("a", [bridge]);
    expect(result.ok && result.value.ips.map((ip) => [formatIpv4(ip.address.address), ip.gateway])).toEqual([
      ["10.5.0.9", parseIpv4("10.5.0.1") ?? IPV4_ANY],
    ]);
    lab.pod("b");
    const other = lab.add("b", [bridge], { ips: ["10.5.0.77/24"] });
    expect(other.ok && other.value.ips.map((ip) => formatIpv4(ip.address.address))).toEqual(["10.5.0.77"]);
    rest(lab.world, seconds(1));
  });
});
