import { concat, getU16, setU16 } from "../../base/bytes.ts";
import type { NetApi, StreamSocket } from "../../kernel/uapi/index.ts";
import type { EventQueue } from "../../sim/queue.ts";
import type { Task } from "../../sim/task.ts";
import { seconds } from "../../sim/time.ts";
import { fittingReply } from "../../userland/dns-server/server.ts";
import { waitAny } from "../../userland/select/select.ts";
import { acceptStream, receiveSome, sendAll } from "../../userland/stream/stream.ts";
import { formatIpv4, type Ipv4, ipv4, isLoopback, parseIpv4 } from "../../wire/address.ts";
import {
  decodeDns,
  DNS_HEADER,
  DNS_NOERROR,
  DNS_PORT,
  DNS_SERVFAIL,
  type DnsMessage,
  encodeDns,
} from "../../wire/dns.ts";
import { parseDnsName } from "../../wire/dns-name.ts";
import { DNS_A, DNS_AAAA, DNS_IN, DNS_MX, DNS_PTR, type DnsRecord } from "../../wire/dns-record.ts";
import { background } from "../background.ts";
import { GoIptables } from "../iptables.ts";

/** Where containers of user-defined networks find the engine's name server. */
export const RESOLVER = ipv4(0x7f00000b);
const TTL_SECONDS = 600;
const EXTERNAL_TIMEOUT = seconds(4);
const MAX_EXTERNAL = 3;
const BACKLOG = 128;
const REVERSE = ".in-addr.arpa.";

/** What the resolver asks the engine. */
export interface ResolverBackend {
  /** Addresses of a name in the networks of this container; undefined: the name is nobody's here. */
  readonly resolve: (name: string) => readonly Ipv4[] | undefined;
  readonly nameOf: (address: Ipv4) => string | undefined;
  readonly external: () => readonly Ipv4[];
}

/**
 * The embedded DNS of one container: sockets on 127.0.0.11 in its namespace, and NAT that leads port 53 to them.
 * Models: moby daemon/libnetwork/{resolver,resolver_unix}.go.
 */
export class Resolver {
  private readonly inside: NetApi;
  /** For servers on the host's own loopback. */
  private readonly outside: NetApi;
  private readonly queue: EventQueue;
  private readonly backend: ResolverBackend;

  constructor(inside: NetApi, outside: NetApi, queue: EventQueue, backend: ResolverBackend) {
    this.inside = inside;
    this.outside = outside;
    this.queue = queue;
    this.backend = backend;
  }

  /** Answers what ends it; undefined when the container's namespace has no such address. */
  start(): (() => void) | undefined {
    const udp = this.inside.socket.udp("dockerd");
    const tcp = this.inside.socket.tcp("dockerd");
    const bound = udp.bind({ address: RESOLVER, port: 0 }).ok && tcp.bind({ address: RESOLVER, port: 0 }).ok;
    if (!bound || !tcp.listen(BACKLOG).ok) {
      udp.close();
      tcp.close();
      return undefined;
    }
    this.setUpNat(udp.local().port, tcp.local().port);
    const tasks = [
      background(this.queue, this.serveDatagrams(udp)),
      background(this.queue, this.serveStreams(tcp)),
    ];
    return () => {
      for (const task of tasks) task.kill("KILL");
      udp.close();
      tcp.close();
    };
  }

  private setUpNat(udpPort: number, tcpPort: number): void {
    const iptables = new GoIptables(this.inside);
    const ip = formatIpv4(RESOLVER);
    for (const [hook, chain] of [
      ["OUTPUT", "DOCKER_OUTPUT"],
      ["POSTROUTING", "DOCKER_POSTROUTING"],
    ] as const) {
      iptables.clearChain("nat", chain);
      iptables.insertUnique("nat", hook, `-d ${ip}/32 -j ${chain}`);
    }
    for (const [protocol, port] of [
      ["udp", udpPort],
      ["tcp", tcpPort],
    ] as const) {
      const match = `-p ${protocol} -m ${protocol}`;
      iptables.insertUnique(
        "nat",
        "DOCKER_OUTPUT",
        `-d ${ip}/32 ${match} --dport ${DNS_PORT} -j DNAT --to-destination ${ip}:${port}`,
      );
      iptables.insertUnique(
        "nat",
        "DOCKER_POSTROUTING",
        `-s ${ip}/32 ${match} --sport ${port} -j SNAT --to-source :${DNS_PORT}`,
      );
    }
  }

  private *serveDatagrams(socket: ReturnType<NetApi["socket"]["udp"]>): Task<void> {
    while (!socket.closed) {
      const got = socket.receive();
      if (!got.ok) continue;
      if (got.value === undefined) {
        yield* socket.readable.wait();
        continue;
      }
      const query = decodeDns(got.value.bytes);
      const { from } = got.value;
      if (!query.ok || query.value.response) continue;
      const answer = (reply: DnsMessage): void => {
        if (!socket.closed) socket.send(fittingReply(query.value, reply), from);
      };
      background(this.queue, this.answer(query.value, answer));
    }
  }

  private *serveStreams(listener: StreamSocket): Task<void> {
    for (;;) {
      const socket = yield* acceptStream(listener, "dockerd");
      if (socket === undefined) return;
      background(this.queue, this.converse(socket));
    }
  }

  /** Messages with their length before them (RFC 1035, section 4.2.2). */
  private *converse(socket: StreamSocket): Task<void> {
    let heard: Uint8Array = new Uint8Array(0);
    try {
      for (;;) {
        const got = yield* receiveSome(socket);
        if (got === "timeout" || !got.ok || got.value === null) return;
        heard = concat([heard, got.value]);
        if (heard.length < 2 + DNS_HEADER || heard.length < 2 + getU16(heard, 0)) continue;
        const end = 2 + getU16(heard, 0);
        const query = decodeDns(heard.subarray(2, end));
        heard = heard.slice(end);
        if (!query.ok) return;
        let reply: DnsMessage | undefined;
        yield* this.answer(query.value, (message) => (reply = message));
        if (reply === undefined) return;
        const bytes = encodeDns(reply, true);
        const length = new Uint8Array(2);
        setU16(length, 0, bytes.length);
        if ((yield* sendAll(socket, concat([length, bytes]))) !== undefined) return;
      }
    } finally {
      socket.close();
    }
  }

  private *answer(query: DnsMessage, reply: (message: DnsMessage) => void): Task<void> {
    const own = this.ownAnswer(query);
    const base = { ...query, response: true, recursionAvailable: true, additionals: [] };
    if (own !== undefined) reply({ ...base, rcode: DNS_NOERROR, answers: own });
    else {
      const forwarded = yield* this.forward(query);
      reply(forwarded ?? { ...base, recursionAvailable: false, rcode: DNS_SERVFAIL });
    }
  }

  /** What the engine knows itself; undefined leaves the query to other servers. */
  private ownAnswer(query: DnsMessage): readonly DnsRecord[] | undefined {
    const question = query.questions[0];
    if (question === undefined) return undefined;
    const { name, type } = question;
    const record = (data: DnsRecord["data"]): DnsRecord => ({
      name,
      class: DNS_IN,
      ttlSeconds: TTL_SECONDS,
      data,
    });
    if (type === DNS_PTR) {
      const host = this.reverse(name);
      const target = host === undefined ? undefined : parseDnsName(`${host}.`);
      return target === undefined ? undefined : [record({ kind: "PTR", name: target })];
    }
    if (type !== DNS_A && type !== DNS_AAAA && type !== DNS_MX) return undefined;
    const addresses = this.backend.resolve(name.replace(/\.$/, "").toLowerCase());
    if (addresses === undefined) return undefined;
    return type === DNS_A ? addresses.map((address) => record({ kind: "A", address })) : [];
  }

  private reverse(name: string): string | undefined {
    if (!name.endsWith(REVERSE)) return undefined;
    const address = parseIpv4(name.slice(0, -REVERSE.length).split(".").reverse().join("."));
    return address === undefined ? undefined : this.backend.nameOf(address);
  }

  private *forward(query: DnsMessage): Task<DnsMessage | undefined> {
    for (const server of this.backend.external().slice(0, MAX_EXTERNAL)) {
      const net = isLoopback(server) ? this.outside : this.inside;
      const socket = net.socket.udp("dockerd");
      try {
        socket.connect({ address: server, port: DNS_PORT });
        if (!socket.send(encodeDns(query)).ok) continue;
        if (!(yield* waitAny([socket.readable], EXTERNAL_TIMEOUT))) continue;
        const got = socket.receive();
        const reply = got.ok && got.value !== undefined ? decodeDns(got.value.bytes) : undefined;
        if (reply?.ok === true && reply.value.id === query.id) return reply.value;
      } finally {
        socket.close();
      }
    }
    return undefined;
  }
}
