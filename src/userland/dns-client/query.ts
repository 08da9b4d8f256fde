import type { DatagramSocket, KernelError } from "../../kernel/uapi/index.ts";
import type { Task } from "../../sim/task.ts";
import { addTime, type Nanos, nanos, seconds } from "../../sim/time.ts";
import { formatIpv4 } from "../../wire/address.ts";
import { decodeDns, DNS_NOERROR, type DnsMessage, encodeDns } from "../../wire/dns.ts";
import { DNS_ROOT, type DnsName } from "../../wire/dns-name.ts";
import { DNS_IN, DNS_OPT, type DnsRecord } from "../../wire/dns-record.ts";
import { refuse } from "../args/exit.ts";
import type { Process } from "../os/process.ts";
import type { NameServer } from "./names.ts";

/** One query over UDP with its repetitions. Models: bind9 bin/dig/dighost.c. */

export interface QuerySettings {
  readonly port: number;
  readonly timeoutSeconds: number;
  /** How often every server is asked. */
  readonly tries: number;
  readonly recurse: boolean;
  readonly authenticData: boolean;
  readonly authoritativeOnly: boolean;
  readonly checkingDisabled: boolean;
  /** What the OPT record says; undefined: none is sent. */
  readonly edns?: { readonly size: number; readonly dnssec: boolean; readonly cookie: boolean };
}

export interface Answered {
  readonly kind: "answer";
  readonly message: DnsMessage;
  readonly sizeBytes: number;
  readonly server: NameServer;
  readonly milliseconds: number;
}

/** Nobody answered; the complaints say why, one line each. `reached` is false when not even a socket could be set up. */
export interface Unanswered {
  readonly kind: "failed";
  readonly complaints: readonly string[];
  readonly reached: boolean;
}

const COOKIE_OPTION = 10;
const DNSSEC_OK = 0x8000;

function optRecord(process: Process, edns: NonNullable<QuerySettings["edns"]>): DnsRecord {
  const cookie = [0, COOKIE_OPTION, 0, 8, ...Array.from({ length: 8 }, () => process.host.random.below(256))];
  return {
    name: DNS_ROOT,
    class: edns.size,
    ttlSeconds: edns.dnssec ? DNSSEC_OK : 0,
    data: { kind: "other", type: DNS_OPT, bytes: Uint8Array.from(edns.cookie ? cookie : []) },
  };
}

export function makeQuery(
  process: Process,
  name: DnsName,
  type: number,
  settings: QuerySettings,
): DnsMessage {
  return {
    id: process.host.random.below(65536),
    response: false,
    opcode: 0,
    authoritative: settings.authoritativeOnly,
    truncated: false,
    recursionDesired: settings.recurse,
    recursionAvailable: false,
    authenticData: settings.authenticData,
    checkingDisabled: settings.checkingDisabled,
    rcode: DNS_NOERROR,
    questions: [{ name, type, class: DNS_IN }],
    answers: [],
    authorities: [],
    additionals: settings.edns === undefined ? [] : [optRecord(process, settings.edns)],
  };
}

/** isc_result_totext of what a socket may say. */
const RESULT_TEXTS: Partial<Record<KernelError["errno"], string>> = {
  ECONNREFUSED: "connection refused",
  EHOSTUNREACH: "host unreachable",
  ENETUNREACH: "network unreachable",
  EACCES: "permission denied",
  EPERM: "permission denied",
};

function resultText(error: KernelError): string {
  return RESULT_TEXTS[error.errno] ?? refuse(`${error.errno} from a name server`);
}

/** Asks the servers in turn until one answers. */
export function* ask(
  process: Process,
  servers: readonly NameServer[],
  query: DnsMessage,
  settings: QuerySettings,
): Task<Answered | Unanswered> {
  const complaints: string[] = [];
  const bytes = encodeDns(query, true);
  for (let attempt = 0; attempt < settings.tries; attempt++)
    for (const server of servers) {
      const outcome = yield* askOnce(process, server, query, bytes, settings);
      if (outcome.kind === "answer") return outcome;
      complaints.push(...outcome.complaints);
      if (!outcome.reached) return { kind: "failed", complaints, reached: false };
    }
  return { kind: "failed", complaints, reached: true };
}

function* askOnce(
  process: Process,
  server: NameServer,
  query: DnsMessage,
  bytes: Uint8Array,
  settings: QuerySettings,
): Task<Answered | Unanswered> {
  const socket = process.net.socket.udp(process.argv[0] ?? "");
  const place = `${formatIpv4(server.address)}#${settings.port}`;
  const failed = (text: string): Unanswered => ({
    kind: "failed",
    complaints: [`;; communications error to ${place}: ${text}\n`],
    reached: true,
  });
  try {
    const connected = socket.connect({ address: server.address, port: settings.port });
    if (!connected.ok) {
      const name = query.questions[0]!.name.replace(/(.)\.$/, "$1");
      const text = `;; UDP setup with ${place}(${server.name}) for ${name} failed: ${resultText(connected.error)}.\n`;
      return { kind: "failed", complaints: [text], reached: false };
    }
    const started = process.host.queue.now;
    const sent = socket.send(bytes);
    if (!sent.ok) return failed(resultText(sent.error));
    const answer = yield* receive(
      process,
      socket,
      query.id,
      addTime(started, seconds(settings.timeoutSeconds)),
    );
    if (answer === undefined) return failed("timed out");
    if ("errno" in answer) return failed(resultText(answer));
    const milliseconds = Math.floor((process.host.queue.now - started) / 1e6);
    return { kind: "answer", ...answer, server, milliseconds };
  } finally {
    socket.close();
  }
}

function* receive(
  process: Process,
  socket: DatagramSocket,
  id: number,
  until: Nanos,
): Task<{ message: DnsMessage; sizeBytes: number } | KernelError | undefined> {
  const { queue } = process.host;
  for (;;) {
    const received = socket.receive();
    if (!received.ok) return received.error;
    if (received.value !== undefined) {
      const { bytes } = received.value;
      const message = decodeDns(bytes);
      if (message.ok && message.value.response && message.value.id === id)
        return { message: message.value, sizeBytes: bytes.length };
      continue;
    }
    if (queue.now >= until) return undefined;
    yield* socket.readable.waitAtMost(nanos(until - queue.now));
  }
}
