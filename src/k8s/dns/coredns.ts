import { readText } from "../../container/files.ts";
import { Coroutine, Signal, type Task } from "../../sim/task.ts";
import { seconds } from "../../sim/time.ts";
import { dnsServer } from "../../userland/dns-server/server.ts";
import { page, servePages } from "../../userland/http/pages.ts";
import { parseIpv4, type Ipv4, IPV4_ANY } from "../../wire/address.ts";
import type { Process, Program } from "../../userland/os/process.ts";
import { askServer } from "../../userland/resolver/resolver.ts";
import { DNS_NXDOMAIN, DNS_SERVFAIL, type DnsMessage } from "../../wire/dns.ts";
import { type DnsName, parseDnsName } from "../../wire/dns-name.ts";
import { DNS_IN, dnsTypeName, type DnsRecord } from "../../wire/dns-record.ts";
import { ApiClient, type ApiStore } from "../api/index.ts";
import { parseResolvConf } from "../kubelet/dns.ts";
import { type CoreConfig, parseCorefile } from "./corefile.ts";
import { type Answer, KubernetesZone } from "./records.ts";

const BANNER = ".:53\nCoreDNS-1.14.2\nlinux/amd64, go1.25.1, \n";
const FORWARD_TIMEOUT = seconds(2);
const HEALTH_PORT = 8080;
const READY_PORT = 8181;
const METRICS_PORT = 9153;

/** CoreDNS with the plugins of the stock Corefile. Models: coredns 1.14. Not modelled: DNS over TCP, caching. */
export function coredns(store: ApiStore): Program {
  return function* (process): Task<number> {
    const at = process.argv.indexOf("-conf");
    const path = process.argv[at + 1] ?? "Corefile";
    const text = readText(process.host.fs, path);
    if (!text.ok) {
      yield* process.printError(`loading Caddyfile via flag: open ${path}: ${text.error}\n`);
      return 1;
    }
    const config = parseCorefile(text.value);
    if (!config.ok) {
      yield* process.printError(`${path.replace(/Corefile$/, "")}${config.error}\n`);
      return 1;
    }
    yield* process.print(BANNER);
    return yield* serve(process, config.value, new ApiClient(store, "coredns"));
  };
}

function* serve(process: Process, config: CoreConfig, client: ApiClient): Task<number> {
  const zone = new KubernetesZone(client, config);
  const upstreams = upstreamsOf(process, config);
  const answers = dnsServer({
    port: config.port,
    *reply(self, query) {
      const reply = yield* answer(self, config, zone, upstreams, query);
      const question = query.questions[0];
      if (config.log && question !== undefined)
        yield* self.print(`[INFO] "${dnsTypeName(question.type)} IN ${question.name} udp" ${reply.rcode}\n`);
      return reply;
    },
  });
  const server = new Coroutine(process.host.queue, answers(process)).start();
  const pages: readonly (readonly [boolean, number, string])[] = [
    [config.health, HEALTH_PORT, "OK"],
    [config.ready, READY_PORT, "OK"],
    [config.metrics, METRICS_PORT, "# flannelgraph: metrics are not modelled\n"],
  ];
  const stops: (() => void)[] = [];
  for (const [wanted, port, body] of pages) {
    if (!wanted) continue;
    const stop = servePages(process, { name: "coredns", address: IPV4_ANY, port }, () => page(200, body));
    if (stop === undefined)
      yield* process.printError(`plugin: listen tcp :${port}: bind: address already in use\n`);
    else stops.push(stop);
  }
  try {
    yield* new Signal().wait();
    return 0;
  } finally {
    for (const stop of stops) stop();
    server.kill("KILL");
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

function* answer(
  process: Process,
  config: CoreConfig,
  zone: KubernetesZone,
  upstreams: readonly Ipv4[],
  query: DnsMessage,
): Task<DnsMessage> {
  const question = query.questions[0];
  if (question === undefined)
    return said(query, { rcode: DNS_SERVFAIL, answers: [], additionals: [] }, [], true);
  if (zone.covers(question.name)) {
    const own = zone.answer(question.name, question.type);
    if (own !== undefined) {
      const empty = own.answers.length === 0;
      return said(query, own, empty ? [soa(zone, config)] : [], true);
    }
  }
  const forwarded = yield* forward(process, upstreams, query);
  return forwarded ?? said(query, { rcode: DNS_SERVFAIL, answers: [], additionals: [] }, [], false);
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

/** Another server's word, under this query's number. */
function* forward(
  process: Process,
  upstreams: readonly Ipv4[],
  query: DnsMessage,
): Task<DnsMessage | undefined> {
  const question = query.questions[0];
  if (question === undefined) return undefined;
  for (const server of upstreams) {
    const reply = yield* askServer(process, server, question.name, question.type, FORWARD_TIMEOUT);
    if (reply === undefined) continue;
    if (reply.rcode === DNS_SERVFAIL || (reply.rcode !== 0 && reply.rcode !== DNS_NXDOMAIN)) continue;
    return { ...reply, id: query.id };
  }
  return undefined;
}
