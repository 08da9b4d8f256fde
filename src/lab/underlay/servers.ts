import { utf8Encode } from "../../base/utf8.ts";
import { background } from "../../container/background.ts";
import type { Task } from "../../sim/task.ts";
import type { MachineSpec } from "../../scenario/underlay.ts";
import { dnsServer } from "../../userland/dns-server/server.ts";
import { type HttpHandler, serveHttp } from "../../userland/http/server.ts";
import { strerror } from "../../userland/os/errno.ts";
import type { Process, Program } from "../../userland/os/process.ts";
import { acceptStream, receiveSome, sendAll } from "../../userland/stream/stream.ts";
import type { StreamSocket } from "../../kernel/uapi/index.ts";
import { balancer } from "./balancer.ts";
import { must } from "../../base/result.ts";
import { IPV4_ANY, parseIpv4 } from "../../wire/address.ts";
import { DNS_NOERROR, DNS_NXDOMAIN } from "../../wire/dns.ts";
import { DNS_A, DNS_IN, type DnsRecord } from "../../wire/dns-record.ts";

/** The small programs of machines on the underlay. */

const BACKLOG = 128;
const TTL_SECONDS = 300;

/** A listening socket; undefined when the port is taken, which has been said then. */
export function* listen(process: Process, port: number): Task<StreamSocket | undefined> {
  const listener = process.net.socket.tcp(process.argv[0] ?? "");
  listener.setOptions({ reuseAddress: true });
  const bound = listener.bind({ address: IPV4_ANY, port });
  const listening = bound.ok ? listener.listen(BACKLOG) : bound;
  if (listening.ok) return listener;
  listener.close();
  yield* process.printError(`bind: ${strerror(listening.error.errno)}\n`);
  return undefined;
}

/** One short text for whatever is asked over HTTP. */
function http(port: number, text: string): Program {
  return function* (process): Task<number> {
    const listener = yield* listen(process, port);
    if (listener === undefined) return 1;
    const body = utf8Encode(`${text}\n`);
    const handler: HttpHandler = function* () {
      const fields = [
        { name: "Content-Type", value: "text/plain; charset=utf-8" },
        { name: "Content-Length", value: String(body.length) },
      ];
      return { status: 200, reason: "OK", fields, body };
    };
    try {
      yield* serveHttp(process, listener, handler, { version: "HTTP/1.1", headFirst: false });
      return 0;
    } finally {
      listener.close();
    }
  };
}

/** The text for every piece that arrives on a connection. */
function tcp(port: number, text: string): Program {
  return function* (process): Task<number> {
    const listener = yield* listen(process, port);
    if (listener === undefined) return 1;
    try {
      for (;;) {
        const socket = yield* acceptStream(listener);
        if (socket === undefined) return 0;
        background(process.host.queue, converse(socket, utf8Encode(`${text}\n`)));
      }
    } finally {
      listener.close();
    }
  };
}

function* converse(socket: StreamSocket, answer: Uint8Array): Task<void> {
  for (;;) {
    const got = yield* receiveSome(socket);
    if (got === "timeout" || !got.ok || got.value === null) break;
    if ((yield* sendAll(socket, answer)) !== undefined) break;
  }
  socket.close();
}

/** The text for every datagram. */
function udp(port: number, text: string): Program {
  return function* (process): Task<number> {
    const socket = process.net.socket.udp(process.argv[0] ?? "");
    const bound = socket.bind({ address: IPV4_ANY, port });
    if (!bound.ok) {
      yield* process.printError(`bind: ${strerror(bound.error.errno)}\n`);
      return 1;
    }
    try {
      for (;;) {
        const got = socket.receive();
        if (!got.ok) continue;
        if (got.value === undefined) yield* socket.readable.wait();
        else socket.send(utf8Encode(`${text}\n`), got.value.from);
      }
    } finally {
      socket.close();
    }
  };
}

/** A name server that knows a list of names, and no others. */
function names(table: Readonly<Record<string, string>>): Program {
  const known = new Map(
    Object.entries(table).flatMap(([name, text]) => {
      const address = parseIpv4(text);
      return address === undefined ? [] : [[name.toLowerCase().replace(/\.$/, ""), address] as const];
    }),
  );
  return dnsServer({
    *reply(_, query) {
      const question = query.questions[0];
      const address = known.get(question?.name.toLowerCase().replace(/\.$/, "") ?? "");
      const answers: DnsRecord[] =
        question === undefined || address === undefined || question.type !== DNS_A
          ? []
          : [{ name: question.name, class: DNS_IN, ttlSeconds: TTL_SECONDS, data: { kind: "A", address } }];
      return {
        ...query,
        response: true,
        authoritative: true,
        truncated: false,
        recursionAvailable: true,
        authenticData: false,
        checkingDisabled: false,
        rcode: address === undefined ? DNS_NXDOMAIN : DNS_NOERROR,
        answers,
        authorities: [],
        additionals: [],
      };
    },
  });
}

/** What runs on a machine from the start: the words of its command line, and the program. */
export function programsOf(machine: MachineSpec): readonly (readonly [readonly string[], Program])[] {
  const make = { http, tcp, udp } as const;
  return [
    ...machine.servers.map(
      ({ protocol, port, says }) =>
        [[`${protocol}-server`, String(port)], make[protocol](port, says)] as const,
    ),
    ...(machine.names === undefined ? [] : [[["named"], names(machine.names)] as const]),
    ...machine.balances.map(({ port, to }) => {
      const targets = to.map((target) => ({
        address: must(parseIpv4(target.address), target.address),
        port: target.port,
      }));
      return [["haproxy", String(port)], balancer(port, targets)] as const;
    }),
  ];
}
