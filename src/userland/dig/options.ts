import { DNS_A, DNS_ANY, DNS_NS, DNS_PTR, dnsTypeOf } from "../../wire/dns-record.ts";
import { fail, refuse } from "../args/exit.ts";
import { reverseName } from "../dns-client/names.ts";

/** The command line of dig 9.18. Models: bind9 bin/dig/dig.c dash_option, plus_option, parse_args. */

export const USAGE = `Usage:  dig [@global-server] [domain] [q-type] [q-class] {q-opt}
            {global-d-opt} host [@local-server] {local-d-opt}
            [ host [@local-server] {local-d-opt} [...]]

Use "dig -h" (or "dig -h | more") for complete list of options
`;

export const VERSION = "9.18.49-1~deb12u3-Debian";

export interface Lookup {
  name: string;
  type: number;
  typed: boolean;
  server: string | undefined;
  port: number;
  short: boolean;
  comments: boolean;
  question: boolean;
  answer: boolean;
  authority: boolean;
  additional: boolean;
  stats: boolean;
  ttl: boolean;
  class: boolean;
  identify: boolean;
  showQuery: boolean;
  recurse: boolean;
  authenticData: boolean;
  checkingDisabled: boolean;
  authoritativeOnly: boolean;
  edns: boolean;
  cookie: boolean;
  dnssec: boolean;
  bufferSize: number;
  timeoutSeconds: number;
  tries: number;
  search: boolean;
  ndots: number | undefined;
  domain: string | undefined;
}

export interface DigOptions {
  readonly lookups: readonly Lookup[];
  /** +cmd: the line that repeats the command. */
  readonly command: boolean;
  readonly warnings: string;
}

function defaults(): Lookup {
  return {
    name: ".",
    type: DNS_A,
    typed: false,
    server: undefined,
    port: 53,
    short: false,
    comments: true,
    question: true,
    answer: true,
    authority: true,
    additional: true,
    stats: true,
    ttl: true,
    class: true,
    identify: false,
    showQuery: false,
    recurse: true,
    authenticData: true,
    checkingDisabled: false,
    authoritativeOnly: false,
    edns: true,
    cookie: true,
    dnssec: false,
    bufferSize: 1232,
    timeoutSeconds: 5,
    tries: 3,
    search: false,
    ndots: undefined,
    domain: undefined,
  };
}

type Flag = {
  [K in keyof Lookup]: Lookup[K] extends boolean ? K : never;
}[keyof Lookup];

/** `+word` and `+noword`. */
const FLAGS: Readonly<Record<string, Flag>> = {
  aaflag: "authoritativeOnly",
  aaonly: "authoritativeOnly",
  additional: "additional",
  adflag: "authenticData",
  answer: "answer",
  authority: "authority",
  cdflag: "checkingDisabled",
  class: "class",
  comments: "comments",
  cookie: "cookie",
  defname: "search",
  dnssec: "dnssec",
  do: "dnssec",
  edns: "edns",
  identify: "identify",
  qr: "showQuery",
  question: "question",
  rdflag: "recurse",
  recurse: "recurse",
  search: "search",
  stats: "stats",
  ttlid: "ttl",
};

/** Words that change nothing here. */
const IDLE: ReadonlySet<string> = new Set(["besteffort", "crypto", "fail", "ignore", "onesoa", "badcookie"]);

/** Words of the real one that are not modelled. */
const NOT_MODELLED: ReadonlySet<string> = new Set(
  (
    "dns64prefix ednsflags ednsnegotiation ednsopt expandaaaa expire header-only https https-get http-plain " +
    "http-plain-get idnin idnout keepalive keepopen mapped multiline nsid nssearch opcode padding qid raflag " +
    "rrcomments showbadcookie showsearch split subnet tcflag tcp tls tls-ca tls-hostname tls-certfile tls-keyfile trace " +
    "ttlunits unknownformat vc yaml zflag coflag"
  ).split(" "),
);

function invalid(word: string): never {
  fail(1, `Invalid option: ${word}\n${USAGE}`);
}

function number(value: string | undefined, what: string, title: string, status = 10): number {
  if (value === undefined || !/^\d+$/.test(value))
    fail(status, `invalid ${what} '${value ?? ""}': not a valid number\ndig: Couldn't parse ${title}\n`);
  return Number(value);
}

class Parser {
  private readonly argv: readonly string[];
  private readonly base = defaults();
  private readonly lookups: Lookup[] = [];
  /** What options apply to: the last name's lookup, or all to come. */
  private current = this.base;
  private pendingType: number | undefined;
  private command = true;
  private warnings = "";
  private at = 1;

  constructor(argv: readonly string[]) {
    this.argv = argv;
  }

  parse(): DigOptions {
    for (; this.at < this.argv.length; this.at++) {
      const word = this.argv[this.at]!;
      if (word.startsWith("@")) this.current.server = word.slice(1);
      else if (word.startsWith("+")) this.plus(word);
      else if (word.startsWith("-")) this.dash(word);
      else this.word(word);
    }
    if (this.lookups.length === 0)
      this.lookups.push({ ...this.base, name: ".", type: this.pendingType ?? DNS_NS, typed: true });
    return { lookups: this.lookups, command: this.command, warnings: this.warnings };
  }

  /** A name, or the type or class of the one before. */
  private word(word: string): void {
    const type = dnsTypeOf(word);
    if (type !== undefined) {
      this.setType(type);
      return;
    }
    if (word.toLowerCase() === "in") return;
    if (/^(ch|chaos|hs|hesiod)$/i.test(word)) refuse("other classes than IN");
    this.lookup(word, this.pendingType ?? DNS_A, this.pendingType !== undefined);
  }

  private setType(type: number): void {
    if (type === DNS_ANY) refuse("dig over TCP, as for ANY,");
    const last = this.lookups.at(-1);
    if (last === undefined || last.typed) this.pendingType = type;
    else {
      last.type = type;
      last.typed = true;
    }
  }

  private lookup(name: string, type: number, typed: boolean): void {
    const made: Lookup = { ...this.base, name, type, typed };
    this.pendingType = undefined;
    this.lookups.push(made);
    this.current = made;
  }

  /** The value of a letter: the rest of its word, or the next one. */
  private value(word: string): string {
    const rest = word.slice(2);
    if (rest !== "") return rest;
    const next = this.argv[++this.at];
    return next ?? invalid(word);
  }

  private dash(word: string): void {
    switch (word[1]) {
      case "4":
      case "r":
        return;
      case "h":
        return refuse("dig -h");
      case "v":
        return fail(0, `DiG ${VERSION}\n`);
      case "p": {
        const value = this.value(word);
        this.current.port = number(value, "port number", "port number", 1);
        return;
      }
      case "q":
        return this.lookup(this.value(word), this.pendingType ?? DNS_A, this.pendingType !== undefined);
      case "t": {
        const value = this.value(word);
        const type = dnsTypeOf(value);
        if (type === undefined) this.warnings += `;; Warning, ignoring invalid type ${value}\n`;
        else this.setType(type);
        return;
      }
      case "x": {
        const value = this.value(word);
        const labels = value.split(".").reverse().join(".");
        this.lookup(reverseName(value) ?? `${labels}.in-addr.arpa.`, DNS_PTR, true);
        return;
      }
      case "c":
        if (this.value(word).toLowerCase() !== "in") refuse("other classes than IN");
        return;
      case "6":
      case "b":
      case "f":
      case "m":
      case "u":
      case "y":
        return refuse(`dig -${word[1]}`);
      default:
        return invalid(word);
    }
  }

  private plus(word: string): void {
    const [given = "", value] = word.slice(1).split("=", 2);
    const key = given.toLowerCase();
    if (FLAGS[key] === undefined && key.startsWith("no")) this.set(word, key.slice(2), false, value);
    else this.set(word, key, true, value);
  }

  private set(word: string, key: string, on: boolean, value: string | undefined): void {
    const { current } = this;
    const flag = FLAGS[key];
    if (flag !== undefined) {
      current[flag] = on;
      return;
    }
    switch (key) {
      case "all":
        for (const each of ["comments", "question", "answer", "authority", "additional", "stats"] as const)
          current[each] = on;
        this.command = on;
        return;
      case "cmd":
        this.command = on;
        return;
      case "short":
        current.short = on;
        if (on) this.quiet();
        return;
      case "time":
      case "timeout":
        current.timeoutSeconds = Math.max(1, number(value, "timeout", "timeout"));
        return;
      case "tries":
        current.tries = Math.max(1, number(value, "tries", "tries"));
        return;
      case "retry":
        current.tries = number(value, "retries", "retries") + 1;
        return;
      case "ndots":
        current.ndots = number(value, "ndots", "ndots");
        return;
      case "bufsize":
        current.bufferSize = value === undefined ? 1232 : number(value, "buffer size", "buffer size");
        return;
      case "domain":
        current.domain = on ? value : undefined;
        current.search = true;
        return;
      default:
        if (NOT_MODELLED.has(key)) refuse(`dig +${key}`);
        if (!IDLE.has(key)) invalid(word);
    }
  }

  private quiet(): void {
    for (const each of ["comments", "question", "authority", "additional", "stats"] as const)
      this.current[each] = false;
    this.current.answer = true;
    this.command = false;
  }
}

export function readDigOptions(argv: readonly string[]): DigOptions {
  return new Parser(argv).parse();
}
