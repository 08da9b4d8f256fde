import { provideLateCode } from "../../../testkit/late.ts";
import { expect, test } from "vitest";
import { must } from "../../../base/result.ts";
import { tableText } from "../../../formats/nft/print.ts";
import type { NftStep } from "../../../kernel/uapi/index.ts";
import { nanos, type Nanos, seconds } from "../../../sim/time.ts";
import { ip, TestNet } from "../../../testkit/net.ts";
import { namesOf } from "../../../userland/nft/world.ts";
import { parsePrefix } from "../../../wire/address.ts";
import type { Endpoint } from "../endpoint.ts";
import type { Backed, ProxyConfig } from "../proxier.ts";
import type { ServicePort } from "../service-port.ts";
import { NftablesProxier } from "./proxier.ts";

const range = (text: string) => must(parsePrefix(text), text);

const CONFIG: ProxyConfig = {
  family: "ip",
  node: { name: "node" },
  nodeIp: ip("172.18.0.3"),
  masqueradeAll: false,
  detector: { kind: "cidr", range: range("10.244.0.0/16") },
  localhostNodePorts: true,
  nodePortAddresses: [range("172.18.0.3/32")],
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

function endpoint(address: string, local: boolean): Endpoint {
  return { address: ip(address), port: 8080, ready: true, serving: true, terminating: false, local };
}
const HERE = endpoint("10.244.1.2", true);
const THERE = endpoint("10.244.2.2", false);

/** A node on which a proxier works; its transactions are counted. */
class Node {
  readonly net = new TestNet("node");
  readonly commits: (readonly NftStep[])[] = [];
  private readonly proxier: NftablesProxier;

  constructor() {
    provideLateCode();
    const api = this.net.at("node");
    const commit = (steps: readonly NftStep[]) => {
      this.commits.push(steps);
      return api.nft.commit(steps);
    };
    this.proxier = new NftablesProxier(CONFIG, {
      ...api,
      link: api.link,
      nft: { list: () => api.nft.list(), commit },
    });
  }

  sync(now: Nanos, ...backed: Backed[]): void {
    const serviceCidrs = [range("10.96.0.0/16")];
    const done = this.proxier.sync({ backed, nodeAddresses: [ip("172.18.0.3")], serviceCidrs, now });
    expect(done).toEqual({ ok: true, value: undefined });
  }

  get due(): Nanos | undefined {
    return this.proxier.due;
  }

  table(): string {
    const api = this.net.at("node");
    const style = { names: namesOf(api), handles: false, stateless: false, terse: false };
    return api.nft
      .list()
      .map((table) => tableText(table, style))
      .join("");
  }
}

test("the table of a service with a pod here and one elsewhere, as nft list table ip kube-proxy shows it", async () => {
  const node = new Node();
  node.sync(nanos(0), { port: WEB, endpoints: [HERE, THERE] });
  await expect(node.table()).toMatchFileSnapshot("fixtures/two-endpoints.txt");
});

test("a second sync without a change does nothing, and a new endpoint costs one chain and one element", () => {
  const node = new Node();
  node.sync(nanos(0), { port: WEB, endpoints: [THERE] });
  node.sync(seconds(1), { port: WEB, endpoints: [THERE] });
  expect(node.commits.length).toBe(1);
  node.sync(seconds(2), { port: WEB, endpoints: [HERE, THERE] });
  const ops = node.commits[1]!.map((step) => step.op);
  expect(ops).toEqual(["add-chain", "flush-chain", "add-rule", "add-elements"]);
});

test("a service that goes is forgotten at once, and its chains a while later", () => {
  const node = new Node();
  node.sync(nanos(0), { port: WEB, endpoints: [HERE] });
  node.sync(seconds(5));
  expect(node.table()).not.toContain("10.96.0.20");
  expect(node.table()).toContain("chain service-SUSTUHLJ");
  expect(node.due).toBe(seconds(35));
  node.sync(seconds(35));
  expect(node.table()).not.toContain("chain service-SUSTUHLJ");
  expect(node.due).toBeUndefined();
});

test("with session affinity every endpoint has a chain, and a set of those who came to it", () => {
  const node = new Node();
  node.sync(nanos(0), { port: { ...WEB, affinity: 600 }, endpoints: [HERE, THERE] });
  const base = "default/web/tcp/http__10.244.1.2/8080";
  expect(node.table()).toMatch(new RegExp(`set affinity-\\w{8}-${base} {\\n\t\ttype ipv4_addr\\n`));
  expect(node.table()).toMatch(new RegExp(`ip saddr @affinity-\\w{8}-${base} goto endpoint-\\w{8}-${base}`));
  expect(node.table()).toContain("timeout 10m");
});

test("somebody deletes the table: the next change writes it anew", () => {
  const node = new Node();
  node.sync(nanos(0), { port: WEB, endpoints: [HERE] });
  const before = node.table();
  node.net.at("node").nft.commit([{ op: "flush-ruleset" }]);
  node.sync(seconds(1), { port: WEB, endpoints: [THERE] });
  node.sync(seconds(2), { port: WEB, endpoints: [HERE] });
  expect(node.table()).toBe(before);
});
