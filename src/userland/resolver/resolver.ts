import { err, ok, type Result } from "../../base/result.ts";
import type { DatagramSocket } from "../../kernel/uapi/index.ts";
import type { Task } from "../../sim/task.ts";
import { addTime, type Nanos, seconds } from "../../sim/time.ts";
import type { Ipv4 } from "../../wire/address.ts";
import {
  decodeDns,
  DNS_NOERROR,
  DNS_NXDOMAIN,
  DNS_PORT,
  type DnsMessage,
  encodeDns,
} from "../../wire/dns.ts";
import { type DnsName, parseDnsName } from "../../wire/dns-name.ts";
import { DNS_A, DNS_IN, DNS_PTR } from "../../wire/dns-record.ts";
import type { Process } from "../os/process.ts";
import { inetAton } from "./addresses.ts";
import { lookupHosts, resolverConfig, type ResolverConfig, reverseHosts } from "./files.ts";

/** getaddrinfo(3) and getnameinfo(3) for IPv4: literals, then /etc/hosts, then the name servers of /etc/resolv.conf. */

/** EAI_* of netdb.h. */
export type ResolveError = "EAI_NONAME" | "EAI_AGAIN" | "EAI_NODATA";

/** gai_strerror(3). */
export const RESOLVE_TEXT: Readonly<Record<ResolveError, string>> = {
  EAI_NONAME: "Name or service not known",
  EAI_AGAIN: "Temporary failure in name resolution",
  EAI_NODATA: "No address associated with hostname",
};

export interface Resolved {
  readonly addresses: readonly Ipv4[];
  /** The canonical name. */
  readonly name: string;
  /** The name was an address already. */
  readonly literal: boolean;
}

function question(id: number, name: DnsName, type: number): Uint8Array {
  return encodeDns({
    id,
    response: false,
    opcode: 0,
    authoritative: false,
    truncated: false,
    recursionDesired: true,
    recursionAvailable: false,
    authenticData: false,
    checkingDisabled: false,
    rcode: DNS_NOERROR,
    questions: [{ name, type, class: DNS_IN }],
    answers: [],
    authorities: [],
    additionals: [],
  });
}

/** Waits for the answer to query `id`; undefined after `until` or an error. */
function* receiveAnswer(
  process: Process,
  socket: DatagramSocket,
  id: number,
  until: Nanos,
): Task<DnsMessage | undefined> {
  const { queue } = process.host;
  for (;;) {
    const received = socket.receive();
    if (!received.ok) return undefined;
    if (received.value !== undefined) {
      const message = decodeDns(received.value.bytes);
      if (message.ok && message.value.response && message.value.id === id) return message.value;
      continue;
    }
    if (queue.now >= until) return undefined;
    yield* socket.readable.waitAtMost((until - queue.now) as Nanos);
  }
}

export function* askServer(
  process: Process,
  server: Ipv4,
  name: DnsName,
  type: number,
  timeout: Nanos,
): Task<DnsMessage | undefined> {
  const socket = process.net.socket.udp(process.argv[0] ?? "");
  try {
    if (!socket.connect({ address: server, port: DNS_PORT }).ok) return undefined;
    const id = process.host.random.below(65536);
    if (!socket.send(question(id, name, type)).ok) return undefined;
    return yield* receiveAnswer(process, socket, id, addTime(process.host.queue.now, timeout));
  } finally {
    socket.close();
  }
}

/** One name asked of every server in turn. */
export function* query(
  process: Process,
  config: ResolverConfig,
  name: DnsName,
  type: number,
): Task<DnsMessage | undefined> {
  for (let attempt = 0; attempt < config.attempts; attempt++)
    for (const server of config.servers) {
      const answer = yield* askServer(process, server, name, type, seconds(config.timeoutSeconds));
      if (answer !== undefined && (answer.rcode === DNS_NOERROR || answer.rcode === DNS_NXDOMAIN))
        return answer;
    }
  return undefined;
}

/** The names to try, in the order of res_search(3). */
export function searchList(name: string, config: ResolverConfig): readonly string[] {
  if (name.endsWith(".")) return [name];
  const searched = config.search.map((domain) => `${name}.${domain.replace(/\.$/, "")}.`);
  const dots = name.split(".").length - 1;
  return dots >= config.ndots ? [`${name}.`, ...searched] : [...searched, `${name}.`];
}

function* resolveByDns(process: Process, name: string): Task<Result<Resolved, ResolveError>> {
  const config = resolverConfig(process.host);
  if (config.servers.length === 0) return err("EAI_AGAIN");
  let known = false;
  for (const candidate of searchList(name, config)) {
    const full = parseDnsName(candidate);
    if (full === undefined) return err("EAI_NONAME");
    const answer = yield* query(process, config, full, DNS_A);
    if (answer === undefined) return err("EAI_AGAIN");
    const addresses = answer.answers.flatMap(({ data }) => (data.kind === "A" ? [data.address] : []));
    const last = answer.answers.findLast(({ data }) => data.kind === "A");
    if (last !== undefined) return ok({ addresses, name: last.name.replace(/\.$/, ""), literal: false });
    if (answer.rcode === DNS_NOERROR) known = true;
  }
  return err(known ? "EAI_NODATA" : "EAI_NONAME");
}

/**
 * getaddrinfo(3). With `family` "inet" digits and dots that are no address are no name either: glibc asks nobody, where
 * a caller who takes any family has the name servers asked.
 */
export function* resolveHost(
  process: Process,
  name: string,
  family: "inet" | "any" = "any",
): Task<Result<Resolved, ResolveError>> {
  const literal = inetAton(name);
  if (literal !== undefined) return ok({ addresses: [literal], name, literal: true });
  if (name === "" || (family === "inet" && /^[\d.]+$/.test(name))) return err("EAI_NONAME");
  const local = lookupHosts(process.host, name);
  if (local !== undefined) return ok({ addresses: local.addresses, name: local.canonical, literal: false });
  return yield* resolveByDns(process, name);
}

/** getnameinfo(3): the name of an address, or undefined. */
export function* resolveAddress(process: Process, address: Ipv4): Task<string | undefined> {
  const local = reverseHosts(process.host, address);
  if (local !== undefined) return local;
  const config = resolverConfig(process.host);
  if (config.servers.length === 0) return undefined;
  const octets = [address & 255, (address >>> 8) & 255, (address >>> 16) & 255, address >>> 24];
  const name = parseDnsName(`${octets.join(".")}.in-addr.arpa.`);
  const answer = name === undefined ? undefined : yield* query(process, config, name, DNS_PTR);
  for (const { data } of answer?.answers ?? []) if (data.kind === "PTR") return data.name.replace(/\.$/, "");
  return undefined;
}
