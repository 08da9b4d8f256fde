import {
  type Address,
  masked,
  numericAddress,
  prefixMask,
  sameAddress,
} from "../../formats/iptables/address.ts";
import { Failure } from "../../formats/iptables/failure.ts";
import { Getopt, type LongName } from "../../formats/iptables/getopt.ts";
import { wholeNumber } from "../../formats/iptables/values.ts";
import type { CtEvent, CtInfo, XtFamily } from "../../kernel/uapi/index.ts";
import { fail, refuse } from "../args/exit.ts";
import type { Output } from "./format.ts";

/** The command line of conntrack(8) 1.4.7. Models: conntrack.c do_parse. */

export const HEAD = "conntrack v1.4.7 (conntrack-tools): ";
const PARAMETER_PROBLEM = 2;

export type Command = "list" | "delete" | "event" | "count" | "flush" | "help" | "version";

export interface Options {
  readonly command: Command;
  readonly table: "conntrack" | "expect";
  readonly output: Output & { readonly timestamp: boolean };
  readonly events: ReadonlySet<CtEvent["type"]>;
  matches(entry: CtInfo): boolean;
}

function problem(message: string): never {
  const hint = "Try `conntrack -h' or 'conntrack --help' for more information.\n";
  fail(PARAMETER_PROBLEM, `${HEAD}${message}\n${hint}`);
}

const COMMANDS: Readonly<Record<string, Command>> = {
  L: "list",
  D: "delete",
  E: "event",
  C: "count",
  F: "flush",
  h: "help",
  V: "version",
};

/** Commands and options that this model does not have, with what they are. */
const ABSENT: Readonly<Record<string, string>> = {
  A: "conntrack -A",
  G: "conntrack -G",
  I: "conntrack -I",
  R: "conntrack -R",
  S: "conntrack -S",
  U: "conntrack -U",
  a: "conntrack's option -a",
  b: "conntrack's option -b",
  c: "conntrack's option -c",
  l: "conntrack's option -l",
  t: "conntrack's option -t",
  z: "conntrack's option -z",
};

const LETTERS = "L::D::E::C::F::G::I::U::S::A::R:hVs:d:r:q:p:f:m:c:l:o:u:t:e:w:zb:n::g::j::a:";

const longs = (text: string): readonly LongName[] =>
  text.split(" ").map((entry) => {
    const [name = "", key = ""] = entry.split("/");
    const argument = key.endsWith("::") ? "optional" : key.endsWith(":") ? "required" : "none";
    return { name, argument, key: key.replace(/:+$/, "") };
  });

const COMMON = longs(
  "dump/L:: list/L:: delete/D:: event/E:: count/C:: counter/C:: flush/F:: get/G:: create/I:: update/U:: add/A:: stats/S:: " +
    "load-file/R: help/h version/V src/s: orig-src/s: dst/d: orig-dst/d: reply-src/r: reply-dst/q: proto/p: protonum/p: " +
    "family/f: mark/m: secmark/c: label/l: output/o: status/u: timeout/t: event-mask/e: zone/w: zero/z buffer-size/b: " +
    "src-nat/n:: dst-nat/g:: any-nat/j:: nat-range/a:",
);

const PORTS = longs(
  "sport/1: orig-port-src/1: dport/2: orig-port-dst/2: reply-port-src/3: reply-port-dst/4:",
);
const TCP = longs("state/7:");
const ICMP = longs("icmp-type/1: icmp-code/2: icmp-id/3:");
const ICMP6 = longs("icmpv6-type/1: icmpv6-code/2: icmpv6-id/3:");

const PROTOCOLS: Readonly<Record<string, number>> = {
  tcp: 6,
  udp: 17,
  udplite: 136,
  sctp: 132,
  dccp: 33,
  icmp: 1,
  icmpv6: 58,
  gre: 47,
};

const TCP_STATES =
  "NONE SYN_SENT SYN_RECV ESTABLISHED FIN_WAIT CLOSE_WAIT LAST_ACK TIME_WAIT CLOSE SYN_SENT2 LISTEN";

type Test = (entry: CtInfo) => boolean;

const isIcmp = (protocol: number): boolean => protocol === 1 || protocol === 58;

/** An address with or without a prefix length, and the family that it settles. */
function addressTest(
  text: string,
  pick: (entry: CtInfo) => Address,
  settle: (family: XtFamily) => void,
): Test {
  const [word = "", length] = text.split("/");
  const family = word.includes(":") ? "ip6" : "ip";
  const address = numericAddress(family, word) ?? problem(`Invalid IP address \`${word}'`);
  const full = family === "ip" ? 32 : 128;
  const bits = length === undefined ? full : wholeNumber(length, 0, full);
  if (bits === undefined) return problem("Invalid netmask");
  settle(family);
  const mask = prefixMask(family, bits);
  return (entry) => entry.family === family && sameAddress(masked(pick(entry), mask), masked(address, mask));
}

/** The reply goes elsewhere than the original came from. An ICMP id looks like a port to the real tool, and so like NAT. */
function isSourceNat({ family, protocol, original, reply }: CtInfo): boolean {
  if (family !== "ip") return false;
  return !sameAddress(reply.dst, original.src) || isIcmp(protocol) || reply.dport !== original.sport;
}

function isDestNat({ family, protocol, original, reply }: CtInfo): boolean {
  if (family !== "ip") return false;
  return !sameAddress(reply.src, original.dst) || isIcmp(protocol) || reply.sport !== original.dport;
}

class Parser {
  private readonly getopt: Getopt;
  private command: Command | undefined;
  private table: Options["table"] = "conntrack";
  private protocol: readonly LongName[] = [];
  private readonly tests: Test[] = [];
  private family: XtFamily | undefined;
  private extended = false;
  private id = false;
  private timestamp = false;
  private readonly events = new Set<CtEvent["type"]>();

  constructor(words: readonly string[]) {
    this.getopt = new Getopt(words, LETTERS);
  }

  parse(): Options {
    for (;;) {
      const item = this.getopt.next([...COMMON, ...this.protocol]);
      if (item.kind === "end") break;
      if (item.kind === "word") continue;
      if (item.kind === "unknown") problem(`unknown option \`${this.getopt.last}'`);
      else this.take(item.key, item.value);
    }
    const { tests, extended, id, timestamp } = this;
    const all: readonly CtEvent["type"][] = ["NEW", "UPDATE", "DESTROY"];
    return {
      command: this.command ?? "help",
      table: this.table,
      output: { extended, id, timestamp },
      events: this.events.size === 0 ? new Set(all) : this.events,
      matches: (entry) => tests.every((test) => test(entry)),
    };
  }

  private take(letter: string, value: string | undefined): void {
    const absent = Object.hasOwn(ABSENT, letter) ? ABSENT[letter] : undefined;
    if (absent !== undefined) refuse(absent);
    const command = Object.hasOwn(COMMANDS, letter) ? COMMANDS[letter] : undefined;
    if (command !== undefined) return this.takeCommand(command, value ?? this.getopt.takeWord());
    if (/[1-9]/.test(letter)) return this.takeProtocolOption(letter, value ?? "");
    if ("ngj".includes(letter)) return this.takeNat(letter, value ?? this.getopt.takeWord());
    this.takeOption(letter, value ?? "");
  }

  /** Every address and -f must be of one family. */
  private readonly settle = (family: XtFamily): void => {
    if (this.family !== undefined && this.family !== family) problem("mismatched address family");
    this.family = family;
  };

  private takeCommand(command: Command, table: string | undefined): void {
    if (this.command !== undefined) problem("Invalid commands combination");
    this.command = command;
    if (table === "dying" || table === "unconfirmed") refuse(`conntrack's table ${table}`);
    if (table !== undefined && table !== "conntrack" && table !== "expect")
      problem(`unknown type \`${table}'`);
    if (table === "expect") this.table = "expect";
  }

  private takeNat(letter: string, address: string | undefined): void {
    const source =
      address === undefined ? undefined : addressTest(address, ({ reply }) => reply.dst, this.settle);
    const dest =
      address === undefined ? undefined : addressTest(address, ({ reply }) => reply.src, this.settle);
    const src: Test = (entry) => isSourceNat(entry) && source?.(entry) !== false;
    const dst: Test = (entry) => isDestNat(entry) && dest?.(entry) !== false;
    this.tests.push(letter === "n" ? src : letter === "g" ? dst : (entry) => src(entry) || dst(entry));
  }

  private takeOption(letter: string, value: string): void {
    switch (letter) {
      case "s":
        this.tests.push(addressTest(value, ({ original }) => original.src, this.settle));
        return;
      case "d":
        this.tests.push(addressTest(value, ({ original }) => original.dst, this.settle));
        return;
      case "r":
        this.refuseNetwork(value, "reply-src");
        this.tests.push(addressTest(value, ({ reply }) => reply.src, this.settle));
        return;
      case "q":
        this.refuseNetwork(value, "reply-dst");
        this.tests.push(addressTest(value, ({ reply }) => reply.dst, this.settle));
        return;
      case "p":
        return this.takeProtocol(value);
      case "f": {
        if (value !== "ipv4" && value !== "ipv6") problem(`\`${value}' unsupported protocol`);
        const family = value === "ipv4" ? "ip" : "ip6";
        this.settle(family);
        this.tests.push((entry) => entry.family === family);
        return;
      }
      case "m":
        return this.takeMark(value);
      case "w": {
        const zone = wholeNumber(value, 0, 65535) ?? 0;
        this.tests.push((entry) => entry.zone === zone);
        return;
      }
      case "o":
        return this.takeOutput(value);
      case "u":
        return this.takeStatus(value);
      case "e":
        return this.takeEvents(value);
    }
  }

  private refuseNetwork(value: string, option: string): void {
    if (value.includes("/")) problem(`CIDR notation unavailable for \`--${option}'`);
  }

  private takeProtocol(name: string): void {
    const lower = name.toLowerCase();
    const number = Object.hasOwn(PROTOCOLS, lower) ? PROTOCOLS[lower] : undefined;
    if (number === undefined) return problem(`\`${name}' unsupported protocol`);
    this.tests.push(({ protocol }) => protocol === number);
    if (number === 1) this.protocol = ICMP;
    else if (number === 58) this.protocol = ICMP6;
    else this.protocol = number === 6 ? [...PORTS, ...TCP] : PORTS;
  }

  private takeProtocolOption(letter: string, value: string): void {
    if (letter === "7") {
      if (!TCP_STATES.split(" ").includes(value)) problem(`unknown TCP state \`${value}'`);
      this.tests.push(({ state }) => state === value);
      return;
    }
    // strtoul: what is no number is 0.
    const number = wholeNumber(value, 0, 65535) ?? 0;
    const ports: Readonly<Record<string, (entry: CtInfo) => number | undefined>> = {
      1: ({ original }) => original.icmp?.type ?? original.sport,
      2: ({ original }) => original.icmp?.code ?? original.dport,
      3: ({ original, reply }) => original.icmp?.id ?? reply.sport,
      4: ({ reply }) => reply.dport,
    };
    this.tests.push((entry) => ports[letter]?.(entry) === number);
  }

  private takeMark(value: string): void {
    const [mark, mask] = value.split("/").map((word) => wholeNumber(word, 0, 0xffffffff) ?? 0);
    const bits = mask ?? 0xffffffff;
    this.tests.push((entry) => (entry.mark & bits) >>> 0 === mark);
  }

  private takeOutput(value: string): void {
    for (const word of value.split(",")) {
      if (word === "extended") this.extended = true;
      else if (word === "id") this.id = true;
      else if (word === "timestamp") this.timestamp = true;
      else if (["xml", "save", "ktimestamp", "labels", "userspace"].includes(word))
        refuse(`conntrack's output ${word}`);
      else problem(`Bad parameter \`${word}'`);
    }
  }

  private takeStatus(value: string): void {
    for (const word of value.split(",")) {
      if (word === "ASSURED") this.tests.push(({ assured }) => assured);
      else if (word === "SEEN_REPLY") this.tests.push(({ seenReply }) => seenReply);
      else if (word === "UNREPLIED") this.tests.push(({ seenReply }) => !seenReply);
      else if (word === "SRC_NAT") this.tests.push(({ srcNat }) => srcNat);
      else if (word === "DST_NAT") this.tests.push(({ dstNat }) => dstNat);
      else if (/^(UNSET|FIXED_TIMEOUT|EXPECTED|OFFLOAD|HW_OFFLOAD)$/.test(word))
        refuse(`conntrack -u ${word}`);
      else problem(`Bad parameter \`${word}'`);
    }
  }

  private takeEvents(value: string): void {
    for (const word of value.split(",")) {
      if (word === "ALL") for (const type of ["NEW", "UPDATE", "DESTROY"] as const) this.events.add(type);
      else if (word === "NEW") this.events.add("NEW");
      else if (word === "UPDATES") this.events.add("UPDATE");
      else if (word === "DESTROY") this.events.add("DESTROY");
      else problem(`Bad parameter \`${word}'`);
    }
  }
}

export function parseOptions(words: readonly string[]): Options {
  try {
    return new Parser(words).parse();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return problem(error.problem.message.replace(/"([^"]*)"/, "`$1'"));
  }
}
