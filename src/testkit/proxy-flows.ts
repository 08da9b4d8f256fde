import { readFileSync } from "node:fs";
import { expect } from "vitest";
import { must } from "../base/result.ts";
import { numericAddress } from "../formats/iptables/address.ts";
import type { Endpoint } from "../k8s/kube-proxy/endpoint.ts";
import type { Backed, Proxier, ProxyConfig } from "../k8s/kube-proxy/proxier.ts";
import { holds, type ProxyFamily, type Range, type ServicePort } from "../k8s/kube-proxy/service-port.ts";
import type { NetApi } from "../kernel/uapi/index.ts";
import { millis } from "../sim/time.ts";
import type { RewriteRecord, RuleRecord, TraceRecord } from "../trace/record.ts";
import { formatIpv4, ipv4, parseMac, parsePrefix } from "../wire/address.ts";
import { parseIpv6, parsePrefix6 } from "../wire/address6.ts";
import { internetChecksum, pseudoHeaderSum6 } from "../wire/checksum.ts";
import { encodeEthernet } from "../wire/ethernet.ts";
import { encodeIpv4 } from "../wire/ipv4.ts";
import { encodeIpv6 } from "../wire/ipv6.ts";
import { encodeTcp, setTcpChecksum, TCP_SYN } from "../wire/tcp.ts";
import { ip, mac, type TestNet, TestNet as Net4 } from "./net.ts";
import { TestNet6 } from "./net6.ts";

/**
 * What upstream's own tests of kube-proxy v1.36.2 expect of its flows (pkg/proxy/iptables/proxier_test.go, Apache-2.0,
 * taken as data), to be walked through our kernel with the rules of one of our proxiers.
 */
export interface Flow {
  readonly name: string;
  readonly srcIP: string;
  readonly dstIP: string;
  readonly dstPort: number;
  readonly protocol: string;
  readonly expect: { readonly result: string; readonly endpoints: readonly string[]; readonly masq: boolean };
}

export interface FlowCase {
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

/** What became of the first packet. */
export interface Seen {
  readonly result: string;
  readonly masq: boolean;
  /** `ADDRESS:PORT`; the port is left out when it stays. */
  readonly endpoint?: string;
}

/** One mode of kube-proxy: how its proxier is made, and how the trace tells what it did. */
export interface FlowMode {
  readonly proxier: (config: ProxyConfig, net: NetApi) => Proxier;
  readonly outcome: (records: readonly TraceRecord[], net: NetApi) => Seen;
}

const FILE = new URL("../k8s/kube-proxy/fixtures/packet-flows.json", import.meta.url);
const file = JSON.parse(readFileSync(FILE, "utf8")) as { readonly iptables: readonly FlowCase[] };

export function flowCases(family: "IPv4" | "IPv6"): (readonly [string, FlowCase])[] {
  const cases = file.iptables.filter(({ config }) => config?.ipFamily === family);
  return cases.map((c) => [`${c.test} ${c.subtest ?? ""} #${c.phase}`, c]);
}

const PROTOCOLS = ["TCP", "UDP", "SCTP"] as const;
const NUMBERS: Readonly<Record<string, number>> = { TCP: 6, UDP: 17, SCTP: 132 };

function familyOf(of: FlowCase): ProxyFamily {
  return of.config?.ipFamily === "IPv6" ? "ip6" : "ip";
}

const addressOf = (family: ProxyFamily, text: string) => must(numericAddress(family, text), text);
const rangeOf = (text: string): Range =>
  text.includes(":") ? must(parsePrefix6(text), text) : must(parsePrefix(text), text);

function backed(family: ProxyFamily, service: FlowCase["services"][number]): Backed {
  const [, namespace = "", name = "", portName = ""] = must(
    /^([^/]+)\/([^:]+):?(.*)$/.exec(service.servicePortName),
    service.servicePortName,
  );
  const known = PROTOCOLS.find((one) => one === service.protocol);
  const port: ServicePort = {
    namespace,
    service: name,
    port: portName,
    protocol: must(known, service.protocol),
    clusterIp: addressOf(family, service.clusterIP),
    number: service.port,
    nodePort: service.nodePort ?? 0,
    externalIps: (service.externalIPs ?? []).map((text) => addressOf(family, text)),
    loadBalancerIps: (service.loadBalancerIPs ?? []).map((text) => addressOf(family, text)),
    sourceRanges: (service.loadBalancerSourceRanges ?? []).map(rangeOf),
    externalLocal: service.externalTrafficPolicy === "Local",
    internalLocal: service.internalTrafficPolicy === "Local",
    affinity: 0,
    healthCheckNodePort: service.healthCheckNodePort ?? 0,
  };
  const endpoints = (service.endpoints ?? []).map((e): Endpoint => {
    const [, address = "", number = ""] = must(/^\[?([^\]]*)\]?:(\d+)$/.exec(e.address), e.address);
    const ready = e.ready ?? true;
    return {
      address: addressOf(family, address),
      port: Number(number),
      ready,
      serving: e.serving ?? ready,
      terminating: e.terminating ?? false,
      local: e.local ?? false,
    };
  });
  return { port, endpoints };
}

function configOf(of: FlowCase): ProxyConfig {
  const wanted = must(of.config, "configuration");
  const family = familyOf(of);
  const detector = /^-s (.*)$/.exec(wanted.localDetector)?.[1];
  const ranges = wanted.nodePortAddresses.replace(/[[\]]/g, "").split(" ");
  return {
    family,
    node: { name: "test-node" },
    nodeIp: addressOf(family, family === "ip" ? "192.168.0.2" : "2001:db8::1"),
    masqueradeAll: wanted.masqueradeAll,
    detector: detector === undefined ? undefined : { kind: "cidr", range: rangeOf(detector) },
    localhostNodePorts: wanted.localhostNodePorts,
    nodePortAddresses: ranges.some((range) => range.endsWith("/0")) ? [] : ranges.map(rangeOf),
    large: false,
  };
}

const NODE_MAC = "02:00:00:00:01:01";
const WORLD_MAC = "02:00:00:00:01:02";

/** The node, and everything else behind one cable. */
function node(of: FlowCase, mode: FlowMode): TestNet {
  const family = familyOf(of);
  const own = of.nodeLocalIPs.filter((address) => address.includes(":") === (family === "ip6"));
  const net = family === "ip" ? new Net4("node", "world") : new TestNet6("node", "world");
  net.wire("node", "eth0", NODE_MAC, "world", "eth0", WORLD_MAC);
  if (net instanceof TestNet6) {
    for (const address of own) net.address6("node", "eth0", `${address}/64`, { noDad: true });
    net.address6("world", "eth0", "2001:db8::ffff/64", { noDad: true });
    net.route6("node", "default", "2001:db8::ffff");
    net.forward6("node");
  } else {
    for (const address of own) net.address("node", "eth0", `${address}/24`);
    net.address("world", "eth0", "192.168.0.1/24");
    net.route("node", "default", "192.168.0.1");
    net.forward("node");
    net.at("node").sysctl.set("net.ipv4.conf.all.route_localnet", "1");
  }
  const config = configOf(of);
  const nodeAddresses = own
    .map((text) => addressOf(family, text))
    .filter((address) => config.nodePortAddresses.some((range) => holds(range, address)));
  const wanted = {
    backed: of.services.map((service) => backed(family, service)),
    nodeAddresses,
    serviceCidrs: family === "ip" ? [must(parsePrefix("172.30.0.0/16"), "range")] : [],
    now: net.queue.now,
  };
  expect(mode.proxier(config, net.at("node")).sync(wanted)).toEqual({ ok: true, value: undefined });
  net.settle(millis(3000));
  net.records();
  return net;
}

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

function packet(flow: Flow, sport: number): Uint8Array {
  const [src, dst] = [ip(flow.srcIP), ip(flow.dstIP)];
  const payload = transport(flow, sport);
  if (flow.protocol === "TCP") setTcpChecksum(payload, 0, payload.length, src, dst);
  return encodeIpv4({
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
}

function packet6(flow: Flow, sport: number): Uint8Array {
  const payload = transport(flow, sport);
  const bytes = encodeIpv6({
    trafficClass: 0,
    flowLabel: 0,
    nextHeader: must(NUMBERS[flow.protocol], flow.protocol),
    hopLimit: 60,
    src: must(parseIpv6(flow.srcIP), flow.srcIP),
    dst: must(parseIpv6(flow.dstIP), flow.dstIP),
    payload,
  });
  const sum = internetChecksum(bytes, 40, bytes.length, pseudoHeaderSum6(bytes, 0, 6, payload.length));
  bytes.set([sum >>> 8, sum & 255], 40 + 16);
  return bytes;
}

/** A first packet from outside, or from a socket of the node. */
function send(net: TestNet, of: FlowCase, flow: Flow, sport: number): void {
  const v6 = familyOf(of) === "ip6";
  const own = of.nodeLocalIPs.includes(flow.srcIP) || flow.srcIP.startsWith("127.") || flow.srcIP === "::1";
  if (own) {
    const socket = net.at("node").socket.tcp("test", v6 ? "inet6" : "inet");
    const at = (text: string, port: number) => ({ address: addressOf(v6 ? "ip6" : "ip", text), port });
    socket.bind(at(flow.srcIP, sport));
    socket.connect(at(flow.dstIP, flow.dstPort));
    net.settle(millis(20));
    socket.close();
    return;
  }
  const frame = encodeEthernet({
    dst: mac(NODE_MAC),
    src: must(parseMac(WORLD_MAC), WORLD_MAC),
    type: v6 ? 0x86dd : 0x0800,
    payload: v6 ? packet6(flow, sport) : packet(flow, sport),
  });
  net.at("world").transmit(net.dev("world", "eth0"), frame);
  net.settle(millis(20));
}

/** The rules that the first packet met. */
export function firstRules(records: readonly TraceRecord[]): readonly RuleRecord[] {
  const rules = records.filter((r): r is RuleRecord => r.kind === "rule");
  return rules.filter((r) => r.skb === rules[0]?.skb);
}

/** Where the first packet was sent instead: `ADDRESS:PORT`, without a port that stays. */
export function rewritten(records: readonly TraceRecord[], skb: number | undefined): string {
  const rewrites = records.filter((r): r is RewriteRecord => r.kind === "rewrite" && r.skb === skb);
  const address = rewrites.find((r) => r.field === "dst");
  const port = rewrites.find((r) => r.field === "dport");
  const text = address?.afterText;
  const to = address === undefined ? "" : text === undefined ? formatIpv4(ipv4(address.after)) : `[${text}]`;
  return `${to}:${port?.after ?? ""}`;
}

/** Sends until every endpoint that is expected has been met, or patience ends. */
function walk(net: TestNet, mode: FlowMode, of: FlowCase, flow: Flow, expected: Flow["expect"]) {
  const endpoints = new Set<string>();
  let last: Seen = { result: "", masq: false };
  for (let i = 0; i < 40; i++) {
    send(net, of, flow, 10_000 + i);
    last = mode.outcome(net.records(), net.at("node"));
    if (last.endpoint === undefined) break;
    endpoints.add(last.endpoint.endsWith(":") ? `${last.endpoint}${flow.dstPort}` : last.endpoint);
    if (i >= 3 && endpoints.size >= expected.endpoints.length) break;
  }
  return { result: last.result, endpoints: [...endpoints].sort(), masq: last.masq };
}

export type Difference = Partial<Flow["expect"]> | "not here" | undefined;

/** Walks the flows of a case, each on a new node; `differs` names what a mode does otherwise than iptables. */
export function walkCase(
  mode: FlowMode,
  of: FlowCase,
  differs: (of: FlowCase, flow: Flow) => Difference = () => undefined,
): void {
  for (const flow of of.flows) {
    const difference = differs(of, flow);
    if (difference === "not here") continue;
    const expected = { ...flow.expect, ...difference };
    const seen = { flow: flow.name, ...walk(node(of, mode), mode, of, flow, expected) };
    expect(seen).toEqual({ flow: flow.name, ...expected, endpoints: [...expected.endpoints].sort() });
  }
}
