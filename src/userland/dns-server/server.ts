import { Coroutine, type Task } from "../../sim/task.ts";
import { type Ipv4, IPV4_ANY } from "../../wire/address.ts";
import { decodeDns, DNS_PORT, type DnsMessage, dnsUdpSize, encodeDns } from "../../wire/dns.ts";
import { DNS_ROOT } from "../../wire/dns-name.ts";
import { DNS_OPT, dnsDataType, type DnsRecord } from "../../wire/dns-record.ts";
import type { Process, Program } from "../os/process.ts";

/** A name server over UDP: it hands queries to a function and sends what that answers. */

export interface DnsServerOptions {
  readonly address?: Ipv4;
  readonly port?: number;
  /** Undefined leaves the query unanswered. A task may wait, for instance for another server. */
  readonly reply: (process: Process, query: DnsMessage) => Task<DnsMessage | undefined>;
}

/** The UDP payload size that this server announces (the DNS flag day of 2020). */
const UDP_SIZE = 1232;

const OPT: DnsRecord = {
  name: DNS_ROOT,
  class: UDP_SIZE,
  ttlSeconds: 0,
  data: { kind: "other", type: DNS_OPT, bytes: new Uint8Array(0) },
};

/** The reply as bytes that fit the asker: OPT for OPT (RFC 6891, section 6.1.1), cut down with TC when it is too long. */
export function fittingReply(query: DnsMessage, reply: DnsMessage): Uint8Array {
  const extended = query.additionals.some(({ data }) => dnsDataType(data) === DNS_OPT);
  const additionals = extended ? [...reply.additionals, OPT] : reply.additionals;
  const bytes = encodeDns({ ...reply, additionals }, true);
  if (bytes.length <= dnsUdpSize(query)) return bytes;
  const empty = {
    ...reply,
    truncated: true,
    answers: [],
    authorities: [],
    additionals: extended ? [OPT] : [],
  };
  return encodeDns(empty, true);
}

export function dnsServer(options: DnsServerOptions): Program {
  return function* (process) {
    const socket = process.net.socket.udp(process.argv[0] ?? "");
    try {
      const bound = socket.bind({ address: options.address ?? IPV4_ANY, port: options.port ?? DNS_PORT });
      if (!bound.ok) {
        yield* process.printError(`listen udp :${options.port ?? DNS_PORT}: ${bound.error.errno}\n`);
        return 1;
      }
      for (;;) {
        const received = socket.receive();
        if (!received.ok) continue;
        if (received.value === undefined) {
          yield* socket.readable.wait();
          continue;
        }
        const query = decodeDns(received.value.bytes);
        if (!query.ok || query.value.response) continue;
        const { from } = received.value;
        // Nobody waits for an answer that another server is asked for.
        const answer = function* (): Task<void> {
          const reply = yield* options.reply(process, query.value);
          if (reply !== undefined && !socket.closed) socket.send(fittingReply(query.value, reply), from);
        };
        new Coroutine(process.host.queue, answer()).start();
      }
    } finally {
      socket.close();
    }
  };
}
