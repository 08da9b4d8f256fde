import { readText } from "../../container/files.ts";
import { Coroutine, Signal, type Task } from "../../sim/task.ts";
import { seconds } from "../../sim/time.ts";
import { dnsServer } from "../../userland/dns-server/server.ts";
import { page, servePages } from "../../userland/http/pages.ts";
import { DnsConnections, dnsTcpServer } from "../../userland/dns-server/tcp.ts";
import { formatIpv4, parseIpv4, type Ipv4, IPV4_ANY } from "../../wire/address.ts";
import type { Process, Program } from "../../userland/os/process.ts";
import { askServer } from "../../userland/resolver/resolver.ts";
import { DNS_NXDOMAIN, DNS_REFUSED, DNS_SERVFAIL, type DnsMessage } from "../../wire/dns.ts";
import { type DnsName, parseDnsName } from "../../wire/dns-name.ts";
import { DNS_IN, dnsTypeName, type DnsRecord } from "../../wire/dns-record.ts";
import { ApiClient, type ApiStore } from "../api/index.ts";
import { parseResolvConf } from "../kubelet/dns.ts";
import { AnswerCache, within } from "./cache.ts";
import { type CoreConfig, parseCorefile } from "./corefile.ts";
import { type Answer, KubernetesZone } from "./records.ts";

const VERSION = "CoreDNS-1.14.2\nlinux/amd64, go1.25.1, \n";
const FORWARD_TIMEOUT = seconds(2);
/** How long a connection to another server is kept. Models: forward's expire. */
const KEEP_CONNECTION = seconds(10);
const METRICS = "# flannelgraph: metrics are not modelled\n";

/** CoreDNS with the plugins of the stock Corefile and of NodeLocal DNSCache's. Models: coredns 1.14. */
export function coredns(store: ApiStore): Program {
  return function* (process): Task<number> {
    const at = process.argv.indexOf("-conf");
    return yield* runCore(process, process.argv[at + 1] ?? "Corefile", new ApiClient(store, "coredns"));
  };
}

/** Reads the Corefile at `path` and serves until the process ends. */
export function* runCore(process: Process, path: string, client: ApiClient): Task<number> {
  const text = readText(process.host.fs, path);
  if (!text.ok) {
    yield* process.printError(`loading Caddyfile via flag: open ${path}: ${text.error}\n`);
    return 1;
  }
  const blocks = parseCorefile(text.value);
  if (!blocks.ok) {
    yield* process.printError(`${path.replace(/[^/]+$/, "")}${blocks.error}\n`);
    return 1;
  }
  for (const { serves, port, bind } of blocks.value)
    for (const zone of serves) {
      const places = bind.length === 0 ? [""] : bind.map((address) => ` on ${address}`);
      for (const place of places) yield* process.print(`${zone}:${port}${place}\n`);
    }
  yield* process.print(VERSION);
  const connections = new DnsConnections(process, KEEP_CONNECTION);
  const zones = blocks.value.map((config) => new ServerBlock(process, config, client, connections));
  const stops: (() => void)[] = [];
  try {
    for (const place of placesOf(zones)) {
      const { address, port } = place;
      const options = {
        address,
        port,
        reply: (_: Process, query: DnsMessage): Task<DnsMessage> => replyOf(place.blocks, query),
      };
      const tcp = dnsTcpServer(process, options);
      if (tcp === undefined) {
        const shown = address === IPV4_ANY ? "" : formatIpv4(address);
        yield* process.printError(`Listen: listen tcp ${shown}:${port}: bind: address already in use\n`);
        return 1;
      }
      const byTcp = new Coroutine(process.host.queue, tcp).start();
      const byUdp = new Coroutine(process.host.queue, dnsServer(options)(process)).start();
      stops.push(
        () => byTcp.kill("KILL"),
        () => byUdp.kill("KILL"),
      );
    }
    yield* openPages(process, blocks.value, stops);
    yield* new Signal().wait();
    return 0;
  } finally {
    for (const stop of stops) stop();
    connections.close();
  }
}

/** The pages over HTTP; several blocks may name the same place. */
function* openPages(process: Process, blocks: readonly CoreConfig[], stops: (() => void)[]): Task<void> {
  const wanted = new Map<string, string>();
  for (const { health, ready, metrics } of blocks) {
    if (health !== undefined) wanted.set(health, "OK");
    if (ready !== undefined) wanted.set(ready, "OK");
    if (metrics !== undefined) wanted.set(metrics.replace(/^localhost:9153$/, ":9153"), METRICS);
  }
  for (const [place, body] of wanted) {
    const at = place.lastIndexOf(":");
    const port = Number(place.slice(at + 1));
    const address = parseIpv4(place.slice(0, at)) ?? IPV4_ANY;
    const stop = servePages(process, { name: "coredns", address, port }, () => page(200, body));
    if (stop === undefined)
      yield* process.printError(`plugin: listen tcp ${place}: bind: address already in use\n`);
    else stops.push(stop);
  }
}

interface Place {
  readonly address: Ipv4;
  readonly port: number;
  readonly blocks: ServerBlock[];
}

/** Which blocks answer at which address and port. */
function placesOf(blocks: readonly ServerBlock[]): readonly Place[] {
  const places = new Map<string, Place>();
  for (const block of blocks) {
    const { bind, port } = block.config;
    const addresses = bind.flatMap((text) => parseIpv4(text) ?? []);
    for (const address of bind.length === 0 ? [IPV4_ANY] : addresses) {
      const key = `${formatIpv4(address)}:${port}`;
      const place = places.get(key) ?? { address, port, blocks: [] };
      place.blocks.push(block);
      places.set(key, place);
    }
  }
  return [...places.values()];
}

/** The block with the longest zone that the name lies in answers; who serves no such zone refuses. */
function* replyOf(blocks: readonly ServerBlock[], query: DnsMessage): Task<DnsMessage> {
  const name = query.questions[0]?.name ?? ".";
  let best: { block: ServerBlock; zone: string } | undefined;
  for (const block of blocks)
    for (const zone of block.config.serves)
      if (within(name, zone) && zone.length > (best?.zone.length ?? 0)) best = { block, zone };
  if (best !== undefined) return yield* best.block.reply(query);
  return said(query, { rcode: DNS_REFUSED, answers: [], additionals: [] }, [], false);
}

/** A server block at work. */
class ServerBlock {
  readonly config: CoreConfig;
  private readonly process: Process;
  private readonly zone: KubernetesZone;
  private readonly upstreams: readonly Ipv4[];
  private readonly cache: AnswerCache | undefined;
  private readonly connections: DnsConnections;

  constructor(process: Process, config: CoreConfig, client: ApiClient, connections: DnsConnections) {
    this.process = process;
    this.config = config;
    this.zone = new KubernetesZone(client, config);
    this.upstreams = upstreamsOf(process, config);
    this.cache = config.cache === undefined ? undefined : new AnswerCache(config.cache);
    this.connections = connections;
  }

  *reply(query: DnsMessage): Task<DnsMessage> {
    const { queue } = this.process.host;
    let reply = this.cache?.get(query, queue.now);
    if (reply === undefined) {
      reply = yield* this.answer(query);
      reply = this.cache?.put(query, reply, queue.now) ?? reply;
    }
    const question = query.questions[0];
    if (this.config.log && question !== undefined)
      yield* this.process.print(
        `[INFO] "${dnsTypeName(question.type)} IN ${question.name} udp" ${reply.rcode}\n`,
      );
    return reply;
  }

  private *answer(query: DnsMessage): Task<DnsMessage> {
    const question = query.questions[0];
    if (question === undefined)
      return said(query, { rcode: DNS_SERVFAIL, answers: [], additionals: [] }, [], true);
    if (this.zone.covers(question.name)) {
      const own = this.zone.answer(question.name, question.type);
      if (own !== undefined) {
        const empty = own.answers.length === 0;
        return said(query, own, empty ? [soa(this.zone, this.config)] : [], true);
      }
    }
    const forwarded = yield* this.forward(query);
    return forwarded ?? said(query, { rcode: DNS_SERVFAIL, answers: [], additionals: [] }, [], false);
  }

  /** Another server's word, under this query's number. */
  private *forward(query: DnsMessage): Task<DnsMessage | undefined> {
    const question = query.questions[0];
    if (question === undefined) return undefined;
    for (const server of this.upstreams) {
      const reply = this.config.forceTcp
        ? yield* this.connections.ask(server, { ...query, additionals: [] }, FORWARD_TIMEOUT)
        : yield* askServer(this.process, server, question.name, question.type, FORWARD_TIMEOUT);
      if (reply === undefined) continue;
      if (reply.rcode === DNS_SERVFAIL || (reply.rcode !== 0 && reply.rcode !== DNS_NXDOMAIN)) continue;
      return { ...reply, id: query.id };
    }
    return undefined;
  }
}

/** `forward . /etc/resolv.conf`: the servers of that file; addresses stand for themselves. */
function upstreamsOf(process: Process, config: CoreConfig): readonly Ipv4[] {
  return config.forwardTo.flatMap((to) => {
    const text = to.startsWith("/") ? readText(process.host.fs, to) : undefined;
    const servers = text === undefined ? [to] : text.ok ? parseResolvConf(text.value).servers : [];
    return servers.flatMap((server) => {
      const address = parseIpv4(server);
      return address === undefined ? [] : [address];
    });
  });
}

function said(
  query: DnsMessage,
  answer: Answer,
  authorities: readonly DnsRecord[],
  authoritative: boolean,
): DnsMessage {
  return {
    ...query,
    response: true,
    authoritative,
    truncated: false,
    recursionAvailable: !authoritative,
    authenticData: false,
    checkingDisabled: false,
    rcode: answer.rcode,
    answers: answer.answers,
    authorities,
    additionals: answer.additionals,
  };
}

function soa(zone: KubernetesZone, config: CoreConfig): DnsRecord {
  const { apex } = zone;
  const under = (label: string): DnsName => parseDnsName(`${label}.${apex}`) ?? apex;
  return {
    name: apex,
    class: DNS_IN,
    ttlSeconds: config.ttl,
    data: {
      kind: "SOA",
      primary: under("ns.dns"),
      mailbox: under("hostmaster"),
      serial: 1,
      refreshSeconds: 7200,
      retrySeconds: 1800,
      expireSeconds: 86_400,
      minimumSeconds: config.ttl,
    },
  };
}
