import type { Task } from "../../sim/task.ts";
import { formatIpv4 } from "../../wire/address.ts";
import { formatIpv6 } from "../../wire/address6.ts";
import { DNS_NOERROR, DNS_NXDOMAIN, dnsRcodeName, type DnsMessage } from "../../wire/dns.ts";
import { type DnsName, parseDnsName } from "../../wire/dns-name.ts";
import { DNS_A, DNS_AAAA, DNS_PTR, type DnsRecord, dnsTypeOf } from "../../wire/dns-record.ts";
import { program, refuse } from "../args/exit.ts";
import { LineReader } from "../text/lines.ts";
import { readline } from "../readline/editor.ts";
import { History } from "../readline/history.ts";
import { reverseName, searchNames, shortName } from "../dns-client/names.ts";
import { ask, makeQuery, type QuerySettings } from "../dns-client/query.ts";
import { serversOf } from "../dns-client/servers.ts";
import { dataText } from "../dns-client/text.ts";
import type { Process } from "../os/process.ts";
import { resolverConfig } from "../resolver/files.ts";

/** nslookup(1) of BIND 9.18: its command line, and of its prompt the commands NAME, server, set and exit. */

interface Options {
  name: string | undefined;
  server: string | undefined;
  /** Undefined: addresses of both kinds. */
  type: number | undefined;
  port: number;
  timeoutSeconds: number;
  tries: number;
  recurse: boolean;
  search: boolean;
  warnings: string;
}

function readOptions(argv: readonly string[]): Options {
  const options: Options = {
    name: undefined,
    server: undefined,
    type: undefined,
    port: 53,
    timeoutSeconds: 5,
    tries: 3,
    recurse: true,
    search: true,
    warnings: "",
  };
  for (const word of argv.slice(1)) {
    if (word.startsWith("-") && word.length > 1) option(options, word.slice(1));
    else if (options.name === undefined) options.name = word;
    else options.server ??= word;
  }
  return options;
}

function option(options: Options, word: string): void {
  const [key = "", value = ""] = word.split("=", 2);
  switch (key) {
    case "type":
    case "querytype":
    case "query":
    case "qu":
    case "q":
    case "ty": {
      const type = dnsTypeOf(value);
      if (type === undefined) options.warnings += `unknown query type: ${value}\n`;
      else options.type = type;
      return;
    }
    case "port":
    case "po":
      options.port = Number(value);
      return;
    case "timeout":
    case "t":
      options.timeoutSeconds = Math.max(1, Number(value));
      return;
    case "retry":
    case "ret":
      options.tries = Number(value) + 1;
      return;
    case "recurse":
    case "norecurse":
      options.recurse = key === "recurse";
      return;
    case "search":
    case "nosearch":
      options.search = key === "search";
      return;
    case "debug":
    case "d2":
    case "vc":
    case "class":
    case "domain":
    case "all":
      return refuse(`nslookup -${key}`);
    default:
      options.warnings += `*** Invalid option: ${key}\n`;
  }
}

function recordLine({ name, data }: DnsRecord): string {
  const owner = shortName(name);
  switch (data.kind) {
    case "A":
      return `Name:\t${owner}\nAddress: ${formatIpv4(data.address)}\n`;
    case "AAAA":
      return `Name:\t${owner}\nAddress: ${formatIpv6(data.address)}\n`;
    case "CNAME":
      return `${owner}\tcanonical name = ${data.name}\n`;
    case "NS":
      return `${owner}\tnameserver = ${data.name}\n`;
    case "PTR":
      return `${owner}\tname = ${data.name}\n`;
    case "MX":
      return `${owner}\tmail exchanger = ${dataText(data)}\n`;
    case "TXT":
      return `${owner}\ttext = ${dataText(data)}\n`;
    case "SRV":
      return `${owner}\tservice = ${dataText(data)}\n`;
    case "SOA":
      return (
        `${owner}\n\torigin = ${shortName(data.primary)}\n\tmail addr = ${shortName(data.mailbox)}\n` +
        `\tserial = ${data.serial}\n\trefresh = ${data.refreshSeconds}\n\tretry = ${data.retrySeconds}\n` +
        `\texpire = ${data.expireSeconds}\n\tminimum = ${data.minimumSeconds}\n`
      );
    case "other":
      return refuse(`printing records of type ${data.type}`);
  }
}

class Nslookup {
  private readonly process: Process;
  private readonly options: Options;
  private readonly settings: QuerySettings;
  private readonly servers: Parameters<typeof ask>[1];

  constructor(process: Process, options: Options, servers: Parameters<typeof ask>[1]) {
    this.process = process;
    this.options = options;
    this.servers = servers;
    this.settings = {
      port: options.port,
      timeoutSeconds: options.timeoutSeconds,
      tries: options.tries,
      recurse: options.recurse,
      authenticData: false,
      authoritativeOnly: false,
      checkingDisabled: false,
    };
  }

  /** The answer for a name; undefined when nobody gave one, which has been said. */
  private *query(name: DnsName, type: number): Task<DnsMessage | undefined> {
    const query = makeQuery(this.process, name, type, this.settings);
    const outcome = yield* ask(this.process, this.servers, query, this.settings);
    if (outcome.kind === "failed") {
      yield* this.process.print(`${outcome.complaints.join("")};; no servers could be reached\n\n`);
      return undefined;
    }
    const { message, server } = outcome;
    if (message.truncated) refuse("nslookup over TCP, for a truncated answer,");
    // Who names the server is not told what it cannot do.
    if (this.options.server === undefined && message.recursionDesired && !message.recursionAvailable)
      yield* this.process.print(`;; Got recursion not available from ${formatIpv4(server.address)}\n`);
    return message;
  }

  private heading(): string {
    const server = this.servers[0]!;
    return `Server:\t\t${server.name}\nAddress:\t${formatIpv4(server.address)}#${this.options.port}\n\n`;
  }

  *reverse(name: DnsName): Task<number> {
    const message = yield* this.query(name, DNS_PTR);
    if (message === undefined) return 1;
    return yield* this.show(name, message, "");
  }

  *forward(text: string): Task<number> {
    const config = resolverConfig(this.process.host);
    const names = this.options.search ? searchNames(text, config) : [text];
    const type = this.options.type ?? DNS_A;
    for (const [i, candidate] of names.entries()) {
      const name = parseDnsName(candidate);
      if (name === undefined) return refuse(`the name ${candidate}`);
      const message = yield* this.query(name, type);
      if (message === undefined) return 1;
      if (message.rcode !== DNS_NOERROR && i + 1 < names.length) continue;
      const both = this.options.type === undefined && message.rcode === DNS_NOERROR;
      const status = yield* this.show(name, message, this.heading(), both);
      if (!both) return status;
      const further = yield* this.query(name, DNS_AAAA);
      if (further === undefined) return 1;
      const addresses = further.answers.filter(({ data }) => data.kind === "AAAA");
      const nothing = message.answers.length === 0 && addresses.length === 0;
      const none = nothing ? `*** Can't find ${shortName(name)}: No answer\n` : "";
      yield* this.process.print(`${addresses.map(recordLine).join("")}${none}\n`);
      return 0;
    }
    return 1;
  }

  /** `open`: more is to come, so that nothing is said of a missing answer and no line ends it. */
  private *show(name: DnsName, message: DnsMessage, heading: string, open = false): Task<number> {
    if (message.rcode !== DNS_NOERROR) {
      const what = message.rcode === DNS_NXDOMAIN ? "NXDOMAIN" : dnsRcodeName(message.rcode);
      yield* this.process.print(`${heading}** server can't find ${shortName(name)}: ${what}\n\n`);
      return 1;
    }
    let text = heading;
    if (!message.authoritative) text += "Non-authoritative answer:\n";
    if (message.answers.length > 0) text += message.answers.map(recordLine).join("");
    else if (!open) text += `*** Can't find ${shortName(name)}: No answer\n`;
    if (!open) {
      if (!message.authoritative && this.options.type !== undefined)
        text += `\nAuthoritative answers can be found from:\n${message.authorities.map(recordLine).join("")}`;
      text += "\n";
    }
    yield* this.process.print(text);
    return 0;
  }
}

function* lookUp(process: Process, options: Options, name: string): Task<number> {
  const servers = yield* serversOf(process, "nslookup", options.server);
  const nslookup = new Nslookup(process, options, servers);
  const reverse = options.type === undefined ? reverseName(name) : undefined;
  return yield* reverse === undefined ? nslookup.forward(name) : nslookup.reverse(reverse);
}

function* main(process: Process): Task<number> {
  const options = readOptions(process.argv);
  yield* process.print(options.warnings);
  if (options.name === undefined) return yield* converse(process, options);
  return yield* lookUp(process, options, options.name);
}

const PROMPT = "> ";

/** The lines of an interactive nslookup: edited on a terminal, else as they stand. */
function lineReader(process: Process): () => Task<string | undefined> {
  const { tty } = process.stdin;
  if (tty === undefined) {
    const lines = new LineReader(process.stdin);
    return function* () {
      return (yield* lines.next())?.text;
    };
  }
  const history = new History();
  return function* () {
    const typed = yield* readline(tty, { prompt: PROMPT, history });
    if (typed.kind !== "line") return undefined;
    history.add(typed.text);
    return typed.text;
  };
}

/** The prompt: a name is looked up (by a server of its own, when a second word names one), `server` and `set` stay in force. */
function* converse(process: Process, options: Options): Task<number> {
  const next = lineReader(process);
  for (;;) {
    const line = yield* next();
    const [word = "", ...rest] = line?.trim().split(/\s+/) ?? ["exit"];
    if (word === "exit") return 0;
    if (word === "" || word.startsWith("#")) continue;
    if (word === "set") {
      options.warnings = "";
      for (const setting of rest) option(options, setting);
      yield* process.print(options.warnings);
    } else if (word === "server" || word === "lserver") {
      const servers = yield* serversOf(process, "nslookup", rest[0] ?? options.server);
      if (rest[0] !== undefined) options.server = rest[0];
      const [first] = servers;
      if (first !== undefined)
        yield* process.print(
          `Default server: ${first.name}\nAddress: ${formatIpv4(first.address)}#${options.port}\n`,
        );
    } else if (["view", "finger", "ls", "root", "help", "?"].includes(word)) refuse(`nslookup's ${word}`);
    else yield* lookUp(process, { ...options, server: rest[0] ?? options.server }, word);
  }
}

export const nslookup = program(main);
