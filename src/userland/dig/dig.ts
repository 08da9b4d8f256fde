import type { Task } from "../../sim/task.ts";
import { formatIpv4 } from "../../wire/address.ts";
import { DNS_NOERROR } from "../../wire/dns.ts";
import { type DnsName, parseDnsName } from "../../wire/dns-name.ts";
import { fail, program, refuse } from "../args/exit.ts";
import { searchNames } from "../dns-client/names.ts";
import { type Answered, ask, makeQuery, type QuerySettings } from "../dns-client/query.ts";
import { serversOf } from "../dns-client/servers.ts";
import type { Process } from "../os/process.ts";
import { resolverConfig } from "../resolver/files.ts";
import { type DigOptions, type Lookup, readDigOptions, VERSION } from "./options.ts";
import { messageText, querySize, shortText, statisticsText } from "./print.ts";

/** dig(1) of BIND 9.18, over UDP. */

const STATUS_NO_ANSWER = 9;

function settingsOf(lookup: Lookup): QuerySettings {
  return {
    port: lookup.port,
    timeoutSeconds: lookup.timeoutSeconds,
    tries: lookup.tries,
    recurse: lookup.recurse,
    authenticData: lookup.authenticData,
    authoritativeOnly: lookup.authoritativeOnly,
    checkingDisabled: lookup.checkingDisabled,
    ...(lookup.edns || lookup.dnssec
      ? { edns: { size: lookup.bufferSize, dnssec: lookup.dnssec, cookie: lookup.cookie } }
      : {}),
  };
}

/** The names to ask for, one after the other, until one is there. */
function candidates(process: Process, lookup: Lookup): readonly string[] {
  if (!lookup.search) return [lookup.name];
  const config = resolverConfig(process.host);
  const search = lookup.domain === undefined ? config.search : [lookup.domain];
  return searchNames(lookup.name, { ...config, search, ndots: lookup.ndots ?? config.ndots });
}

class Dig {
  private readonly process: Process;
  private readonly options: DigOptions;
  private begun = false;

  constructor(process: Process, options: DigOptions) {
    this.process = process;
    this.options = options;
  }

  /** The line that repeats the command, once. */
  private *begin(lookup: Lookup): Task<void> {
    if (this.begun || !this.options.command) return;
    this.begun = true;
    const words = this.process.argv.slice(1).map((word) => ` ${word}`);
    const server = lookup.server === undefined ? "" : "; (1 server found)\n";
    yield* this.process.print(
      `\n; <<>> DiG ${VERSION} <<>>${words.join("")}\n${server};; global options: +cmd\n`,
    );
  }

  *look(lookup: Lookup): Task<number> {
    const servers = yield* serversOf(this.process, "dig", lookup.server);
    const names = candidates(this.process, lookup);
    for (const [i, text] of names.entries()) {
      const name = parseDnsName(text);
      if (name === undefined) fail(10, `dig: '${text}' is not a legal name (empty label)\n`);
      const status = yield* this.ask(lookup, servers, name, i === names.length - 1);
      if (status !== undefined) return status;
    }
    return 0;
  }

  /** Undefined: the name is not there and another one is to be tried. */
  private *ask(
    lookup: Lookup,
    servers: Parameters<typeof ask>[1],
    name: DnsName,
    last: boolean,
  ): Task<number | undefined> {
    const settings = settingsOf(lookup);
    const query = makeQuery(this.process, name, lookup.type, settings);
    if (lookup.showQuery) {
      yield* this.begin(lookup);
      yield* this.process.print(
        `;; Sending:\n${messageText(query, lookup)};; QUERY SIZE: ${querySize(query)}\n\n`,
      );
    }
    const outcome = yield* ask(this.process, servers, query, settings);
    if (outcome.kind === "failed") {
      yield* this.process.print(outcome.complaints.join(""));
      if (outcome.reached) yield* this.begin(lookup);
      yield* this.process.print(";; no servers could be reached\n");
      return STATUS_NO_ANSWER;
    }
    if (!last && outcome.message.rcode !== DNS_NOERROR) return undefined;
    if (outcome.message.truncated) refuse("dig over TCP, for a truncated answer,");
    yield* this.report(lookup, outcome);
    return 0;
  }

  private *report(lookup: Lookup, answered: Answered): Task<void> {
    const { message, sizeBytes, server, milliseconds } = answered;
    yield* this.begin(lookup);
    if (lookup.short) {
      const from = ` from server ${formatIpv4(server.address)} in ${milliseconds} ms.`;
      yield* this.process.print(shortText(message, lookup.identify ? from : ""));
      return;
    }
    const got = lookup.comments ? ";; Got answer:\n" : "";
    yield* this.process.print(got + messageText(message, lookup));
    if (lookup.stats)
      yield* this.process.print(
        statisticsText(this.process.host.queue.now, milliseconds, server, lookup.port, sizeBytes),
      );
  }
}

function* main(process: Process): Task<number> {
  const options = readDigOptions(process.argv);
  yield* process.printError(options.warnings);
  const dig = new Dig(process, options);
  let status = 0;
  for (const lookup of options.lookups) status = Math.max(status, yield* dig.look(lookup));
  return status;
}

export const dig = program(main);
