import { describe, expect, test } from "vitest";
import { must } from "../../../base/result.ts";
import { saveRule } from "../../../formats/iptables/save.ts";
import { millis, seconds } from "../../../sim/time.ts";
import { ip, TestNet } from "../../../testkit/net.ts";
import { formatIpv4, parsePrefix } from "../../../wire/address.ts";
import type { Endpoint } from "../endpoint.ts";
import type { Backed, ProxyConfig } from "../proxier.ts";
import type { ServicePort } from "../service-port.ts";
import { IpvsProxier } from "./proxier.ts";

const CONFIG: ProxyConfig = {
  family: "ip",
  node: { name: "node" },
  nodeIp: ip("172.18.0.3"),
  masqueradeAll: false,
  detector: { kind: "cidr", range: must(parsePrefix("10.244.0.0/16"), "range") },
  localhostNodePorts: true,
  nodePortAddresses: [],
  large: false,
};

const WEB: ServicePort = {
  namespace: "default",
  service: "web",
  port: "http",
  protocol: "TCP",
  clusterIp: ip("10.96.0.20"),
  number: 80,
  nodePort: 0,
  externalIps: [],
  loadBalancerIps: [],
  sourceRanges: [],
  externalLocal: false,
  internalLocal: false,
  affinity: 0,
  healthCheckNodePort: 0,
};

function endpoint(address: string): Endpoint {
  return { address: ip(address), port: 8080, ready: true, serving: true, terminating: false, local: true };
}

/** A node with two pods behind one cable each, and a proxier. */
class Node {
  readonly net = new TestNet("node", "a", "b");
  private readonly proxier: IpvsProxier;

  constructor(settings: { scheduler?: string; strictArp?: boolean } = {}) {
    const { net } = this;
    for (const [i, pod] of ["a", "b"].entries()) {
      net.wire("node", `veth${pod}`, `02:00:00:00:01:0${i}`, pod, "eth0", `02:00:00:00:02:0${i}`);
      net.address("node", `veth${pod}`, `10.244.${i}.1/24`);
      net.address(pod, "eth0", `10.244.${i}.2/24`);
      net.route(pod, "default", `10.244.${i}.1`);
    }
    const all = {
      scheduler: "",
      strictArp: false,
      tcpTimeout: 0,
      tcpFinTimeout: 0,
      udpTimeout: 0,
      ...settings,
    };
    this.proxier = new IpvsProxier(CONFIG, all, net.at("node"));
  }

  sync(...backed: Backed[]): void {
    const { now } = this.net.queue;
    expect(this.proxier.sync({ backed, nodeAddresses: [], serviceCidrs: [], now })).toEqual({
      ok: true,
      value: undefined,
    });
  }

  /** `10.96.0.20:80 rr` and the servers with their weights. */
  servers(): readonly string[] {
    return this.net
      .at("node")
      .ipvs.list()
      .flatMap(({ key, scheduler, persistent, destinations }) => {
        if ("fwmark" in key) return [];
        const sticky = persistent === undefined ? "" : ` persistent ${persistent}`;
        return [
          `${formatIpv4(key.address)}:${key.port} ${scheduler}${sticky}`,
          ...destinations.map((d) => `-> ${formatIpv4(d.address)}:${d.port} ${d.weight}`).toSorted(),
        ];
      });
  }
}

const A = endpoint("10.244.0.2");
const B = endpoint("10.244.1.2");

describe("a service in ipvs mode", () => {
  test("is a virtual server whose address is on a device that is never up", () => {
    const node = new Node();
    node.sync({ port: WEB, endpoints: [A, B] });
    expect(node.servers()).toEqual(["10.96.0.20:80 rr", "-> 10.244.0.2:8080 1", "-> 10.244.1.2:8080 1"]);
    const api = node.net.at("node");
    const device = must(api.link.byName("kube-ipvs0"), "device");
    expect(device).toMatchObject({ kind: "dummy", up: false });
    const own = api.address.list().filter(({ dev }) => dev === device.index);
    expect(own.map(({ local, prefixLength }) => `${formatIpv4(local)}/${prefixLength}`)).toEqual([
      "10.96.0.20/32",
    ]);
    expect(api.sysctl.get("net.ipv4.vs.conntrack")).toEqual({ ok: true, value: "1" });
    node.sync();
    expect(node.servers()).toEqual([]);
    expect(api.address.list().filter(({ dev }) => dev === device.index)).toEqual([]);
  });

  test("costs entries in sets, not rules", () => {
    const node = new Node();
    const other = { ...WEB, service: "other", clusterIp: ip("10.96.0.21") };
    const rules = () => {
      const tables = ["nat", "filter"] as const;
      return tables.flatMap((table) =>
        (node.net.at("node").xtables.table("ip", table)?.chains ?? []).flatMap((chain) =>
          chain.rules.map(({ rule }) => `${chain.name} ${saveRule(rule)}`),
        ),
      );
    };
    node.sync({ port: WEB, endpoints: [A] });
    const before = rules();
    node.sync({ port: WEB, endpoints: [A] }, { port: other, endpoints: [B] });
    expect(rules()).toEqual(before);
    const { ipset } = node.net.at("node");
    expect(ipset.get("KUBE-CLUSTER-IP")?.elements.length).toBe(2);
    expect(ipset.get("KUBE-LOOP-BACK")?.elements.length).toBe(2);
  });

  test("has the scheduler that was asked for, and keeps clients when its affinity says so", () => {
    const node = new Node({ scheduler: "lc" });
    node.sync({ port: { ...WEB, affinity: 10_800 }, endpoints: [A] });
    expect(node.servers()[0]).toBe("10.96.0.20:80 lc persistent 10800");
  });

  test("strictARP keeps the node from answering for virtual addresses", () => {
    const node = new Node({ strictArp: true });
    node.sync();
    expect(node.net.at("node").sysctl.get("net.ipv4.conf.all.arp_ignore")).toEqual({ ok: true, value: "1" });
  });
});

describe("a server that goes", () => {
  test("goes at once when nobody is connected", () => {
    const node = new Node();
    node.sync({ port: WEB, endpoints: [A, B] });
    node.sync({ port: WEB, endpoints: [B] });
    expect(node.servers()).toEqual(["10.96.0.20:80 rr", "-> 10.244.1.2:8080 1"]);
  });

  test("finishes what it has begun first, without getting anything new, and comes back with full weight", () => {
    const node = new Node();
    const { net } = node;
    node.sync({ port: WEB, endpoints: [A] });
    const listener = net.at("a").socket.tcp("server");
    listener.bind({ address: ip("10.244.0.2"), port: 8080 });
    listener.listen(8);
    const client = net.at("b").socket.tcp("client");
    client.connect({ address: ip("10.96.0.20"), port: 80 });
    net.settle(millis(100));
    expect(client.state).toBe("ESTABLISHED");
    node.sync({ port: WEB, endpoints: [B] });
    expect(node.servers()).toEqual(["10.96.0.20:80 rr", "-> 10.244.0.2:8080 0", "-> 10.244.1.2:8080 1"]);
    net.settle(seconds(61));
    node.sync({ port: WEB, endpoints: [B] });
    expect(node.servers()).toContain("-> 10.244.0.2:8080 0");
    node.sync({ port: WEB, endpoints: [A, B] });
    expect(node.servers()).toContain("-> 10.244.0.2:8080 1");
    node.sync({ port: WEB, endpoints: [B] });
    client.close();
    net.settle(seconds(1000));
    node.sync({ port: WEB, endpoints: [B] });
    expect(node.servers()).toEqual(["10.96.0.20:80 rr", "-> 10.244.1.2:8080 1"]);
  });
});
