import type { Task } from "../../sim/task.ts";
import { formatIpv4 } from "../../wire/address.ts";
import { formatIpv6 } from "../../wire/address6.ts";
import { DNS_NOERROR, dnsRcodeName, type DnsMessage } from "../../wire/dns.ts";
import { type DnsName, parseDnsName } from "../../wire/dns-name.ts";
import {
  DNS_A,
  DNS_AAAA,
  DNS_ANY,
  DNS_MX,
  DNS_PTR,
  dnsDataType,
  type DnsRecord,
  dnsTypeName,
  dnsTypeOf,
} from "../../wire/dns-record.ts";
import { fail, program, refuse } from "../args/exit.ts";
import { getopt } from "../args/getopt.ts";
import { reverseName, searchNames, shortName } from "../dns-client/names.ts";
import { ask, makeQuery, type QuerySettings } from "../dns-client/query.ts";
import { serversOf } from "../dns-client/servers.ts";
import { dataText } from "../dns-client/text.ts";
import type { Process } from "../os/process.ts";
import { resolverConfig } from "../resolver/files.ts";

/** host(1) of BIND 9.18. */

const USAGE = `Usage: host [-aCdilrTvVw] [-c class] [-N ndots] [-t type] [-W time]
            [-R number] [-m flag] [-p port] hostname [server]
       -a is equivalent to -v -t ANY
       -A is like -a but omits RRSIG, NSEC, NSEC3
       -c specifies query class for non-IN data
       -C compares SOA records on authoritative nameservers
       -d is equivalent to -v
       -l lists all hosts in a domain, using AXFR
       -m set memory debugging flag (trace|record|usage)
       -N changes the number of dots allowed before root lookup is done
       -p specifies the port on the server to query
       -r disables recursive processing
       -R specifies number of retries for UDP packets
       -s a SERVFAIL response should stop query
       -t specifies the query type
       -T enables TCP/IP mode
       -U enables UDP mode
       -v enables verbose output
       -V print version number and exit
       -w specifies to wait forever for a reply
       -W specifies how long to wait for a reply
       -4 use IPv4 query transport only
       -6 use IPv6 query transport only
`;

interface Options {
  type: number | undefined;
  ndots: number | undefined;
  settings: QuerySettings;
  readonly operands: readonly string[];
}

function readOptions(argv: readonly string[]): Options {
  const given = getopt(argv, "46AaCdilrTvVwc:N:t:W:R:m:p:sU");
  const unknown = /invalid option -- '(.)'/.exec(given.complaint ?? "")?.[1];
  if (unknown !== undefined) fail(1, `host: illegal option -- ${unknown}\n${USAGE}`);
  if (given.complaint !== undefined) fail(1, given.complaint + USAGE);
  const settings = {
    port: 53,
    timeoutSeconds: 5,
    tries: 2,
    recurse: true,
    authenticData: false,
    authoritativeOnly: false,
    checkingDisabled: false,
  };
  const options: Options = { type: undefined, ndots: undefined, settings, operands: given.operands };
  for (const { letter, value = "" } of given.options) {
    switch (letter) {
      case "4":
      case "U":
      case "s":
        break;
      case "t": {
        const type = dnsTypeOf(value);
        if (type === undefined) fail(2, `host: invalid type: ${value}\n\n`);
        if (type === DNS_ANY) refuse("host over TCP, as for ANY,");
        options.type = type;
        break;
      }
      case "N":
        options.ndots = Number(value);
        break;
      case "p":
        settings.port = Number(value);
        break;
      case "r":
        settings.recurse = false;
        break;
      case "R":
        settings.tries = Math.max(1, Number(value) + 1);
        break;
      case "W":
        settings.timeoutSeconds = Math.max(1, Number(value));
        break;
      default:
        refuse(`host -${letter}`);
    }
  }
  return options;
}

function recordLine({ name, data }: DnsRecord): string {
  const owner = shortName(name);
  switch (data.kind) {
    case "A":
      return `${owner} has address ${formatIpv4(data.address)}\n`;
    case "AAAA":
      return `${owner} has IPv6 address ${formatIpv6(data.address)}\n`;
    case "CNAME":
      return `${owner} is an alias for ${data.name}\n`;
    case "NS":
      return `${owner} name server ${data.name}\n`;
    case "PTR":
      return `${owner} domain name pointer ${data.name}\n`;
    case "MX":
      return `${owner} mail is handled by ${dataText(data)}\n`;
    case "TXT":
      return `${owner} descriptive text ${dataText(data)}\n`;
    case "SOA":
    case "SRV":
      return `${owner} has ${data.kind} record ${dataText(data)}\n`;
    case "other":
      return refuse(`printing records of type ${data.type}`);
  }
}

/** The name that a chain of aliases leads to. */
function target(message: DnsMessage, name: DnsName): DnsName {
  return message.answers.reduce((at, { data }) => (data.kind === "CNAME" ? data.name : at), name);
}

class HostLookup {
  private readonly process: Process;
  private readonly options: Options;
  private readonly servers: Parameters<typeof ask>[1];
  private named = false;

  constructor(process: Process, options: Options, servers: Parameters<typeof ask>[1]) {
    this.process = process;
    this.options = options;
    this.servers = servers;
  }

  private *query(name: DnsName, type: number): Task<DnsMessage> {
    const query = makeQuery(this.process, name, type, this.options.settings);
    const outcome = yield* ask(this.process, this.servers, query, this.options.settings);
    if (outcome.kind === "answer") {
      yield* this.nameServer();
      if (outcome.message.truncated) refuse("host over TCP, for a truncated answer,");
      return outcome.message;
    }
    yield* this.process.print(`${outcome.complaints.join("")};; no servers could be reached\n`);
    return fail(1, "");
  }

  /** The server that was asked for by name, before the first answer of it. */
  private *nameServer(): Task<void> {
    const [, server] = this.options.operands;
    if (server === undefined || this.named) return;
    this.named = true;
    const address = `${formatIpv4(this.servers[0]!.address)}#${this.options.settings.port}`;
    yield* this.process.print(`Using domain server:\nName: ${server}\nAddress: ${address}\nAliases: \n\n`);
  }

  private *notFound(name: string, rcode: number): Task<number> {
    yield* this.process.print(`Host ${name} not found: ${rcode}(${dnsRcodeName(rcode)})\n`);
    return 1;
  }

  *reverse(name: DnsName): Task<number> {
    const message = yield* this.query(name, DNS_PTR);
    if (message.rcode !== DNS_NOERROR) return yield* this.notFound(name, message.rcode);
    yield* this.process.print(message.answers.map(recordLine).join(""));
    return 0;
  }

  *forward(text: string): Task<number> {
    const config = resolverConfig(this.process.host);
    const names = searchNames(text, { ...config, ndots: this.options.ndots ?? config.ndots });
    const type = this.options.type ?? DNS_A;
    for (const [i, candidate] of names.entries()) {
      const name = parseDnsName(candidate);
      if (name === undefined) return refuse(`the name ${candidate}`);
      const message = yield* this.query(name, type);
      if (message.rcode === DNS_NOERROR) return yield* this.found(name, message);
      if (i + 1 === names.length) return yield* this.notFound(shortName(name), message.rcode);
    }
    return 1;
  }

  private *found(name: DnsName, first: DnsMessage): Task<number> {
    const { type } = this.options;
    yield* this.process.print(first.answers.map(recordLine).join(""));
    if (type !== undefined) {
      if (first.answers.length === 0)
        yield* this.process.print(`${shortName(name)} has no ${dnsTypeName(type)} record\n`);
      return 0;
    }
    const real = target(first, name);
    let status = 0;
    for (const further of [DNS_AAAA, DNS_MX]) {
      const message = yield* this.query(real, further);
      if (message.rcode !== DNS_NOERROR) {
        status = yield* this.notFound(shortName(real), message.rcode);
        continue;
      }
      const wanted = message.answers.filter(({ data }) => dnsDataType(data) === further);
      yield* this.process.print(wanted.map(recordLine).join(""));
    }
    return status;
  }
}

function* main(process: Process): Task<number> {
  const options = readOptions(process.argv);
  const [name, server] = options.operands;
  if (name === undefined) fail(1, USAGE);
  const servers = yield* serversOf(process, "host", server);
  const lookup = new HostLookup(process, options, servers);
  const reverse = reverseName(name);
  return yield* reverse === undefined ? lookup.forward(name) : lookup.reverse(reverse);
}

export const host = program(main);
