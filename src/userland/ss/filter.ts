import type { SocketInfo, StreamEndpoint } from "../../kernel/uapi/index.ts";
import { servicePort } from "../../formats/services.ts";
import { formatAddress } from "../../wire/ip-address.ts";
import { fail } from "../args/exit.ts";

/** ss's filter words: `state STATE`, `exclude STATE`, and an expression of sport, dport, src and dst. */
export interface SocketFilter {
  /** Undefined: as -a and -l say. */
  readonly states: ReadonlySet<string> | undefined;
  readonly matches: (socket: SocketInfo) => boolean;
}

/** As ss spells them, and the kernel's name. */
const STATES: ReadonlyMap<string, string> = new Map([
  ["established", "ESTABLISHED"],
  ["syn-sent", "SYN-SENT"],
  ["syn-recv", "SYN-RECEIVED"],
  ["fin-wait-1", "FIN-WAIT-1"],
  ["fin-wait-2", "FIN-WAIT-2"],
  ["time-wait", "TIME-WAIT"],
  ["closed", "CLOSED"],
  ["unconnected", "CLOSED"],
  ["close-wait", "CLOSE-WAIT"],
  ["last-ack", "LAST-ACK"],
  ["listening", "LISTEN"],
  ["closing", "CLOSING"],
]);
const ALL = [...new Set(STATES.values())];
const GROUPS: ReadonlyMap<string, readonly string[]> = new Map([
  ["all", ALL],
  ["connected", ALL.filter((s) => s !== "CLOSED" && s !== "LISTEN")],
  ["synchronized", ALL.filter((s) => s !== "CLOSED" && s !== "LISTEN" && s !== "SYN-SENT")],
  ["bucket", ["SYN-RECEIVED", "TIME-WAIT"]],
  ["big", ALL.filter((s) => s !== "SYN-RECEIVED" && s !== "TIME-WAIT")],
]);

function statesOf(word: string): readonly string[] {
  const one = STATES.get(word);
  const found = one === undefined ? GROUPS.get(word) : [one];
  return found ?? fail(255, `ss: wrong state name: ${word}\n`);
}

type Test = (socket: SocketInfo) => boolean;
type Comparison = (a: number, b: number) => boolean;

const EQUAL: Comparison = (a, b) => a === b;
const OPERATORS: ReadonlyMap<string, Comparison> = new Map<string, Comparison>([
  ["=", EQUAL],
  ["==", EQUAL],
  ["eq", EQUAL],
  ["!=", (a, b) => a !== b],
  ["ne", (a, b) => a !== b],
  ["neq", (a, b) => a !== b],
  [">", (a, b) => a > b],
  ["gt", (a, b) => a > b],
  [">=", (a, b) => a >= b],
  ["geq", (a, b) => a >= b],
  ["<", (a, b) => a < b],
  ["lt", (a, b) => a < b],
  ["<=", (a, b) => a <= b],
  ["leq", (a, b) => a <= b],
]);

function wrong(word: string | undefined): never {
  fail(
    255,
    word === undefined
      ? 'ss: bison bellows (while parsing filter): "syntax error!" Sorry.\nUsage: ss [ OPTIONS ]\n       ss [ OPTIONS ] [ FILTER ]\n'
      : `Error: an inet prefix is expected rather than "${word}".\nCannot parse dst/src address.\n`,
  );
}

/** A recursive descent over `or`, `and` (which may be left out), `not` and parentheses. */
class Parser {
  private readonly words: string[];

  constructor(words: readonly string[]) {
    this.words = words.flatMap((w) => w.match(/[()]|[^()\s]+/g) ?? []);
  }

  parse(): Test {
    if (this.words.length === 0) return () => true;
    const test = this.or();
    if (this.words.length > 0) wrong(undefined);
    return test;
  }

  private take(...any: readonly string[]): boolean {
    if (this.words[0] === undefined || !any.includes(this.words[0])) return false;
    this.words.shift();
    return true;
  }

  private or(): Test {
    let left = this.and();
    while (this.take("or", "|", "||")) {
      const [a, b] = [left, this.and()];
      left = (s) => a(s) || b(s);
    }
    return left;
  }

  private and(): Test {
    let left = this.not();
    for (;;) {
      const next = this.words[0];
      if (next === undefined || next === ")" || next === "or" || next === "|" || next === "||") return left;
      this.take("and", "&", "&&");
      const [a, b] = [left, this.not()];
      left = (s) => a(s) && b(s);
    }
  }

  private not(): Test {
    if (this.take("not", "!")) {
      const test = this.not();
      return (s) => !test(s);
    }
    if (this.take("(")) {
      const test = this.or();
      if (!this.take(")")) wrong(undefined);
      return test;
    }
    return this.term();
  }

  private term(): Test {
    const what = this.words.shift();
    switch (what) {
      case "sport":
      case "dport":
        return this.port(what);
      case "src":
      case "dst":
        return this.host(what);
      default:
        return wrong(undefined);
    }
  }

  private port(what: "sport" | "dport"): Test {
    const compare = OPERATORS.get(this.words[0] ?? "");
    if (compare !== undefined) this.words.shift();
    const word = this.words.shift();
    const port = portOf(word?.replace(/^.*:/, "") ?? "");
    if (port === undefined) return wrong(word);
    return (s) => (compare ?? EQUAL)(end(s, what === "sport")?.port ?? 0, port);
  }

  private host(what: "src" | "dst"): Test {
    const compare = OPERATORS.get(this.words[0] ?? "");
    if (compare !== undefined) this.words.shift();
    const word = this.words.shift();
    if (word === undefined) return wrong(undefined);
    const [, host = "", service] = /^([^:]*)(?::(.*))?$/.exec(word) ?? [];
    const port = service === undefined ? undefined : portOf(service);
    if (host !== "" && !/^[\d.]+$/.test(host)) return wrong(word);
    return (s) => {
      const e = end(s, what === "src");
      const same =
        (host === "" || (e !== undefined && formatAddress(e.address) === host)) &&
        (port === undefined || e?.port === port);
      return compare === undefined || compare(1, 1) ? same : !same;
    };
  }
}

function end(socket: SocketInfo, local: boolean): StreamEndpoint | undefined {
  return local ? socket.local : socket.remote;
}

function portOf(word: string): number | undefined {
  return /^\d+$/.test(word) ? Number(word) : servicePort(word, "tcp");
}

/** Reads the operands of ss. */
export function readFilter(operands: readonly string[]): SocketFilter {
  const words = [...operands];
  let states: Set<string> | undefined;
  while (words[0] === "state" || words[0] === "exclude") {
    const add = words.shift() === "state";
    const named = words.shift();
    if (named === undefined) fail(255, "ss: state name is expected\n");
    states ??= new Set(add ? [] : ALL);
    for (const state of statesOf(named))
      if (add) states.add(state);
      else states.delete(state);
  }
  return { states, matches: new Parser(words).parse() };
}
