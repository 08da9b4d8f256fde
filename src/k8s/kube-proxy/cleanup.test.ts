import { expect, test } from "vitest";
import { nanos } from "../../sim/time.ts";
import { ip, TestNet } from "../../testkit/net.ts";
import { cleanUp } from "./cleanup.ts";
import { IptablesProxier } from "./iptables/proxier.ts";
import { IpvsProxier } from "./ipvs/proxier.ts";
import { NftablesProxier } from "./nftables/proxier.ts";
import type { ProxyConfig, Wanted } from "./proxier.ts";
import type { ServicePort } from "./service-port.ts";

const CONFIG: ProxyConfig = {
  family: "ip",
  node: { name: "node" },
  nodeIp: ip("172.18.0.3"),
  masqueradeAll: false,
  detector: undefined,
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
  nodePort: 30_080,
  externalIps: [],
  loadBalancerIps: [],
  sourceRanges: [],
  externalLocal: false,
  internalLocal: false,
  affinity: 0,
  healthCheckNodePort: 0,
};

const POD = {
  address: ip("10.244.0.2"),
  port: 80,
  ready: true,
  serving: true,
  terminating: false,
  local: true,
};
const WANTED: Wanted = {
  backed: [{ port: WEB, endpoints: [POD] }],
  nodeAddresses: [],
  serviceCidrs: [],
  now: nanos(0),
};
const SETTINGS = { scheduler: "", strictArp: false, tcpTimeout: 0, tcpFinTimeout: 0, udpTimeout: 0 };

/** Chains of iptables, sets, virtual servers, devices and tables of nft, by name. */
function left(net: TestNet): readonly string[] {
  const api = net.at("node");
  const chains = (["mangle", "nat", "filter"] as const).flatMap(
    (t) => api.xtables.table("ip", t)?.chains ?? [],
  );
  return [
    ...chains.filter(({ policy, rules }) => policy === null || rules.length > 0).map(({ name }) => name),
    ...api.ipset.list().map(({ name }) => name),
    ...api.ipvs.list().map(() => "virtual server"),
    ...api.link.list().map(({ name }) => name),
    ...api.nft.list().map(({ name }) => `table ${name}`),
  ];
}

test("under nftables nothing is left of iptables and ipvs, but for what is the kubelet's too", () => {
  const net = new TestNet("node");
  const api = net.at("node");
  new IptablesProxier(CONFIG, api).sync(WANTED);
  new IpvsProxier(CONFIG, SETTINGS, api).sync(WANTED);
  expect(left(net).length).toBeGreaterThan(40);
  cleanUp(api, "nftables");
  expect(left(net)).toEqual(["INPUT", "OUTPUT", "KUBE-FIREWALL", "lo"]);
});

test("under iptables the table of nftables goes", () => {
  const net = new TestNet("node");
  new NftablesProxier(CONFIG, net.at("node")).sync(WANTED);
  expect(left(net)).toEqual(["lo", "table kube-proxy"]);
  cleanUp(net.at("node"), "iptables");
  cleanUp(net.at("node"), "iptables");
  expect(left(net)).toEqual(["lo"]);
});
