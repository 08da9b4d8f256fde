import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { must } from "../../../base/result.ts";
import { numericAddress } from "../../../formats/iptables/address.ts";
import { millis } from "../../../sim/time.ts";
import { ip, mac, TestNet } from "../../../testkit/net.ts";
import type { RewriteRecord, RuleRecord, TraceRecord } from "../../../trace/record.ts";
import { formatIpv4, ipv4, parsePrefix } from "../../../wire/address.ts";
import { encodeEthernet } from "../../../wire/ethernet.ts";
import { encodeIpv4 } from "../../../wire/ipv4.ts";
import { encodeTcp, setTcpChecksum, TCP_SYN } from "../../../wire/tcp.ts";
import type { Endpoint } from "../endpoint.ts";
import type { ServicePort } from "../service-port.ts";
import { type Backed, IptablesProxier } from "./proxier.ts";
import type { ProxyConfig } from "./service-rules.ts";

/**
 * What upstream's own tests of kube-proxy v1.36.2 expect of 246 flows (pkg/proxy/iptables/proxier_test.go, Apache-2.0,
 * taken as data), walked through our kernel with our kube-proxy's rules.
 */
interface Flow {
  readonly name: string;
  readonly srcIP: string;
  readonly dstIP: string;
  readonly dstPort: number;
  readonly protocol: string;
  readonly expect: { readonly result: string; readonly endpoints: readonly string[]; readonly masq: boolean };
}
interface Case {
  readonly test: string;
  readonly subtest: string | null;
  readonly phase: number;
  readonly nodeLocalIPs: readonly string[];
  readonly config: {
    readonly ipFamily: string;
    readonly masqueradeAll: boolean;
    readonly localDetector: string;
    readonly nodePortAddresses: string;
    readonly localhostNodePorts: boolean;
  } | null;
  readonly services: readonly {
    readonly servicePortName: string;
    readonly protocol: string;
    readonly clusterIP: string;
    readonly port: number;
    readonly nodePort?: number;
    readonly externalIPs?: readonly string[];
    readonly loadBalancerIPs?: readonly string[];
    readonly loadBalancerSourceRanges?: readonly string[];
    readonly healthCheckNodePort?: number;
    readonly externalTrafficPolicy?: string;
    readonly internalTrafficPolicy?: string;
    readonly endpoints?: readonly {
      readonly address: string;
      readonly local?: boolean;
      readonly ready?: boolean;
      readonly serving?: boolean;
      readonly terminating?: boolean;
    }[];
  }[];
  readonly flows: readonly Flow[];
}

const PROTOCOLS = ["TCP", "UDP", "SCTP"] as const;
const NUMBERS: Readonly<Record<string, number>> = { TCP: 6, UDP: 17, SCTP: 132 };

/** The first bytes of a transport header: all that rules look at. */
function transport(flow: Flow, sport: number): Uint8Array {
  if (flow.protocol === "TCP") {
    return encodeTcp({
      sourcePort: sport,
      destPort: flow.dstPort,
      sequence: 1,
      ack: 0,
      flags: TCP_SYN,
      window: 1000,
      checksum: 0,
      urgent: 0,
      options: [],
      payload: new Uint8Array(0),
    });
  }
  const length = flow.protocol === "UDP" ? 8 : 12;
  return new Uint8Array(
    [sport >>> 8, sport, flow.dstPort >>> 8, flow.dstPort, 0, length, 0, 0, 0, 0, 0, 0].slice(0, length),
  );
}

const file: { readonly iptables: readonly Case[] } = JSON.parse(
  readFileSync(new URL("../fixtures/packet-flows.json", import.meta.url), "utf8"),
);

const v4 = (text: string) => must(numericAddress("ip", text), text);
const range = (text: string) => must(parsePrefix(text), text);

function backed(service: Case["services"][number]): Backed {
  const [, namespace = "", name = "", portName = ""] = must(
    /^([^/]+)\/([^:]+):?(.*)$/.exec(service.servicePortName),
    service.servicePortName,
  );
  const port: ServicePort = {
    namespace,
    service: name,
    port: portName,
    protocol: must(
      PROTOCOLS.find((known) => known === service.protocol),
      service.protocol,
    ),
    clusterIp: v4(service.clusterIP),
    number: service.port,
    nodePort: service.nodePort ?? 0,
    externalIps: (service.externalIPs ?? []).map(v4),
    loadBalancerIps: (service.loadBalancerIPs ?? []).map(v4),
    sourceRanges: (service.loadBalancerSourceRanges ?? []).map(range),
    externalLocal: service.externalTrafficPolicy === "Local",
    internalLocal: service.internalTrafficPolicy === "Local",
    affinity: 0,
    healthCheckNodePort: service.healthCheckNodePort ?? 0,
  };
  const endpoints = (service.endpoints ?? []).map((e): Endpoint => {
    const [address = "", number = ""] = e.address.split(":");
    const ready = e.ready ?? true;
    return {
      address: v4(address),
      port: Number(number),
      ready,
      serving: e.serving ?? ready,
      terminating: e.terminating ?? false,
      local: e.local ?? false,
    };
  });
  return { port, endpoints };
}

function configOf(wanted: NonNullable<Case["config"]>): ProxyConfig {
  const detector = /^-s (.*)$/.exec(wanted.localDetector)?.[1];
  const ranges = wanted.nodePortAddresses.replace(/[[\]]/g, "").split(" ");
  return {
    family: "ip",
    node: { name: "test-node" },
    nodeIp: v4("192.168.0.2"),
    masqueradeAll: wanted.masqueradeAll,
    detector: detector === undefined ? undefined : { kind: "cidr", range: range(detector) },
    localhostNodePorts: wanted.localhostNodePorts,
    nodePortAddresses: ranges.includes("0.0.0.0/0") ? [] : ranges.map(range),
    large: false,
  };
}

const NODE_MAC = "02:00:00:00:01:01";
const WORLD_MAC = "02:00:00:00:01:02";

/** The node, and everything else behind one cable. */
function node(of: Case): TestNet {
  const net = new TestNet("node", "world");
  net.wire("node", "eth0", NODE_MAC, "world", "eth0", WORLD_MAC);
  for (const address of of.nodeLocalIPs)
    if (address.includes(".")) net.address("node", "eth0", `${address}/24`);
  net.address("world", "eth0", "192.168.0.1/24");
  net.route("node", "default", "192.168.0.1");
  net.forward("node");
  net.at("node").sysctl.set("net.ipv4.conf.all.route_localnet", "1");
  const config = configOf(must(of.config, "configuration"));
  const addresses = of.nodeLocalIPs.filter((a) => a.includes(".")).map(v4);
  const allowed = addresses.filter((a) =>
    config.nodePortAddresses.some(
      (r) =>
        typeof a === "number" &&
        typeof r.address === "number" &&
        a >>> (32 - r.length) === r.address >>> (32 - r.length),
    ),
  );
  const proxier = new IptablesProxier(config, net.at("node"));
  expect(proxier.sync(of.services.map(backed), allowed)).toEqual({ ok: true, value: undefined });
  net.settle(millis(2000));
  net.records();
  return net;
}

/** A first packet from outside, or from a socket of the node. */
function send(net: TestNet, of: Case, flow: Flow, sport: number): void {
  const own = of.nodeLocalIPs.includes(flow.srcIP) || flow.srcIP.startsWith("127.");
  if (own) {
    const socket = net.at("node").socket.tcp("test");
    socket.bind({ address: ip(flow.srcIP), port: sport });
    socket.connect({ address: ip(flow.dstIP), port: flow.dstPort });
    net.settle(millis(20));
    socket.close();
    return;
  }
  const [src, dst] = [ip(flow.srcIP), ip(flow.dstIP)];
  const payload = transport(flow, sport);
  if (flow.protocol === "TCP") setTcpChecksum(payload, 0, payload.length, src, dst);
  const packet = encodeIpv4({
    tos: 0,
    id: 1,
    dontFragment: false,
    moreFragments: false,
    fragmentOffset: 0,
    ttl: 60,
    protocol: must(NUMBERS[flow.protocol], flow.protocol),
    src,
    dst,
    options: new Uint8Array(0),
    payload,
  });
  const frame = encodeEthernet({ dst: mac(NODE_MAC), src: mac(WORLD_MAC), type: 0x0800, payload: packet });
  net.at("world").transmit(net.dev("world", "eth0"), frame);
  net.settle(millis(20));
}

interface Seen {
  readonly result: string;
  readonly masq: boolean;
  readonly endpoint?: string;
}

/** What the trace tells of the first packet. */
function outcome(records: readonly TraceRecord[]): Seen {
  const rules = records.filter((r): r is RuleRecord => r.kind === "rule");
  const first = rules[0]?.skb;
  const own = rules.filter((r) => r.skb === first);
  const masq = own.some((r) => r.chain === "KUBE-MARK-MASQ");
  const rewrites = records.filter((r): r is RewriteRecord => r.kind === "rewrite" && r.skb === first);
  const kube = own.filter((r) => r.chain.startsWith("KUBE-"));
  if (kube.some((r) => r.verdict === "REJECT")) return { result: "REJECT", masq };
  if (kube.some((r) => r.verdict === "DROP" && r.chain !== "KUBE-FORWARD")) return { result: "DROP", masq };
  if (own.some((r) => r.verdict === "DNAT")) {
    const address = rewrites.find((r) => r.field === "dst");
    const port = rewrites.find((r) => r.field === "dport");
    const to = address === undefined ? "" : formatIpv4(ipv4(address.after));
    return { result: "ENDPOINTS", masq, endpoint: `${to}:${port?.after ?? ""}` };
  }
  if (kube.some((r) => r.verdict === "ACCEPT" && r.chain === "KUBE-NODEPORTS"))
    return { result: "ACCEPT", masq };
  return { result: "NO_MATCH", masq };
}

/** Sends until every endpoint that is expected has been met, or patience ends. */
function walk(net: TestNet, of: Case, flow: Flow) {
  const endpoints = new Set<string>();
  let last: Seen = { result: "", masq: false };
  for (let i = 0; i < 40; i++) {
    send(net, of, flow, 10_000 + i);
    last = outcome(net.records());
    if (last.endpoint === undefined) break;
    // A port that stays the same is not rewritten.
    endpoints.add(last.endpoint.endsWith(":") ? `${last.endpoint}${flow.dstPort}` : last.endpoint);
    if (i >= 3 && endpoints.size >= flow.expect.endpoints.length) break;
  }
  return { result: last.result, endpoints: [...endpoints].sort(), masq: last.masq };
}

const cases = file.iptables.filter(({ config }) => config?.ipFamily === "IPv4");

describe("upstream's flows", () => {
  test.each(cases.map((c) => [`${c.test} ${c.subtest ?? ""} #${c.phase}`, c] as const))("%s", (_, c) => {
    for (const flow of c.flows) {
      const net = node(c);
      const seen = { flow: flow.name, ...walk(net, c, flow) };
      expect(seen).toEqual({
        flow: flow.name,
        result: flow.expect.result,
        endpoints: [...flow.expect.endpoints].sort(),
        masq: flow.expect.masq,
      });
    }
  });
});
