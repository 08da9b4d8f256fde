import type { KernelResult, RouteSpec } from "../../kernel/uapi/index.ts";
import type { Task } from "../../sim/task.ts";
import { type Ipv4, ipv4, mask } from "../../wire/address.ts";
import { fail, program, refuse } from "../args/exit.ts";
import { getopt, type LongOption } from "../args/getopt.ts";
import { Words } from "../args/words.ts";
import { strerror } from "../os/errno.ts";
import type { Process } from "../os/process.ts";
import { inetAton } from "../resolver/addresses.ts";
import { lookupHosts } from "../resolver/files.ts";
import { routeTable, type Style } from "./table.ts";
import { INET_USAGE, USAGE } from "./usage.ts";

/** route(8) of net-tools 2.10. Models: route.c, lib/inet_sr.c INET_setroute. */

/** Exit statuses of net-tools: lib/net-support.h. */
const E_OPTERR = 3;
const E_LOOKUP = 6;
const E_SOCK = 7;

const LONG: readonly LongOption[] = [
  { name: "extend", argument: "none", short: "e" },
  { name: "verbose", argument: "none", short: "v" },
  { name: "version", argument: "none", short: "V" },
  { name: "numeric", argument: "none", short: "n" },
  { name: "symbolic", argument: "none", short: "N" },
  { name: "protocol", argument: "required", short: "A" },
  { name: "cache", argument: "none", short: "C" },
  { name: "fib", argument: "none", short: "F" },
  { name: "help", argument: "none", short: "h" },
  { name: "inet", argument: "none", short: "4" },
  { name: "inet6", argument: "none", short: "6" },
];

const VERSION = `net-tools 2.10
+NEW_ADDRT +RTF_IRTT +RTF_REJECT +I18N +SELINUX
AF: (inet) +UNIX +INET +INET6 +IPX +AX25 +NETROM +X25 +ATALK +ECONET +ROSE -BLUETOOTH
HW:  +ETHER +ARC +SLIP +PPP +TUNNEL -TR +AX25 +NETROM +X25 +FR +ROSE +ASH +SIT +FDDI +HIPPI +HDLC/LAPB +EUI64 
`;

function inetUsage(before = ""): never {
  fail(E_OPTERR, before + INET_USAGE);
}

/** An address, or a name of /etc/hosts; "default" is 0.0.0.0. */
function lookup(process: Process, word: string, complaint: string): Ipv4 {
  if (word === "default") return ipv4(0);
  return (
    inetAton(word) ??
    lookupHosts(process.host, word)?.addresses[0] ??
    fail(E_LOOKUP, `${word}: ${complaint}\n`)
  );
}

interface Target {
  readonly address: Ipv4;
  /** The netmask written behind a slash. */
  readonly netmask: number | undefined;
  /** A network, not a host. */
  readonly isNet: boolean;
}

function readTarget(process: Process, words: Words, kind: "-net" | "-host" | undefined): Target {
  const word = words.next() ?? inetUsage();
  const slash = word.indexOf("/");
  const length = slash < 0 ? undefined : Number(word.slice(slash + 1));
  if (length !== undefined && !(length >= 0 && length <= 32)) inetUsage();
  const name = slash < 0 ? word : word.slice(0, slash);
  const address = lookup(process, name, kind === "-net" ? "Unknown host" : "Host name lookup failure");
  const named = name === "default" || length !== undefined;
  const isNet = kind === undefined ? named && length !== 32 : kind === "-net";
  return { address, netmask: length === undefined ? undefined : mask(length), isNet };
}

interface Rest {
  netmask: number | undefined;
  gateway?: Ipv4;
  metric?: number;
  mss?: number;
  dev?: string;
  reject: boolean;
}

function readRest(process: Process, words: Words, netmask: number | undefined): Rest {
  const rest: Rest = { netmask, reject: false };
  for (let word = words.next(); word !== undefined; word = words.next()) {
    if (word === "metric") {
      const value = words.next() ?? inetUsage();
      if (!/^\d/.test(value)) inetUsage();
      rest.metric = Number.parseInt(value, 10);
    } else if (word === "netmask") {
      if (rest.netmask !== undefined) inetUsage();
      rest.netmask = readNetmask(process, words.next() ?? inetUsage());
    } else if (word === "gw" || word === "gateway") {
      if (rest.gateway !== undefined) inetUsage();
      rest.gateway = lookup(process, words.next() ?? inetUsage(), "Unknown host");
    } else if (word === "mss" || word === "mtu") rest.mss = Number.parseInt(words.next() ?? inetUsage(), 10);
    else if (word === "window" || word === "irtt") refuse(`route's option "${word}"`);
    else if (word === "reject") rest.reject = true;
    else if (word === "mod" || word === "dyn" || word === "reinstate") continue;
    else if (word === "dev" || word === "device") {
      if (rest.dev !== undefined) inetUsage();
      rest.dev = words.next() ?? inetUsage();
    } else {
      if (rest.dev !== undefined || words.left > 0) inetUsage();
      rest.dev = word;
    }
  }
  return rest;
}

function readNetmask(process: Process, word: string): number {
  const value = lookup(process, word, "Host name lookup failure");
  const host = ~value >>> 0;
  if ((host & (host + 1)) !== 0) inetUsage(`route: bogus netmask ${word}\n`);
  return value;
}

/** The prefix length that the kernel makes of the request: a network without a netmask is 0.0.0.0/0 or refused. */
function prefixLength(target: Target, netmask: number | undefined): number | undefined {
  if (!target.isNet) return 32;
  if (netmask === undefined || netmask === 0) return target.address === 0 ? 0 : undefined;
  return Math.clz32(~netmask >>> 0);
}

function check(target: Target, netmask: number | undefined): void {
  if (netmask === undefined || netmask === 0) return;
  const hostBits = ~netmask >>> 0;
  if (!target.isNet && hostBits !== 0) {
    const hex = hostBits.toString(16).padStart(8, "0");
    inetUsage(`route: netmask ${hex} doesn't make sense with host route\n`);
  }
  if ((target.address & hostBits) >>> 0 !== 0) inetUsage("route: netmask doesn't match route address\n");
}

function request(process: Process, action: "add" | "del", target: Target, rest: Rest): KernelResult<void> {
  const length = prefixLength(target, rest.netmask);
  if (length === undefined) return { ok: false, error: { errno: "EINVAL" } };
  const dev = rest.dev === undefined ? undefined : process.net.link.byName(rest.dev.replace(/:.*/, ""));
  if (rest.dev !== undefined && dev === undefined) return { ok: false, error: { errno: "ENODEV" } };
  const hop = {
    ...(dev !== undefined && { dev: dev.index }),
    ...(rest.gateway !== undefined && { gateway: rest.gateway }),
  };
  const common = {
    dst: { address: target.address, length },
    type: rest.reject ? "unreachable" : "unicast",
    ...(rest.metric !== undefined && { metric: rest.metric }),
  } as const;
  const hasHop = !rest.reject && (dev !== undefined || rest.gateway !== undefined);
  if (action === "del") return process.net.route.delete({ ...common, ...(hasHop && { nexthops: [hop] }) });
  const spec: RouteSpec = {
    ...common,
    scope: rest.reject ? 254 : rest.gateway === undefined ? 253 : 0,
    nexthops: hasHop ? [hop] : [],
    ...(rest.mss !== undefined && { advmss: Math.max(0, rest.mss - 40) }),
  };
  return process.net.route.add(spec, "prepend");
}

function change(process: Process, action: "add" | "del", operands: readonly string[]): number {
  const words = new Words(operands);
  if (words.left === 0) fail(0, INET_USAGE);
  const kind = words.accept("-net") ? "-net" : words.accept("-host") ? "-host" : undefined;
  const target = readTarget(process, words, kind);
  const rest = readRest(process, words, target.netmask);
  check(target, rest.netmask);
  const result = request(process, action, target, rest);
  if (result.ok) return 0;
  const call = action === "add" ? "SIOCADDRT" : "SIOCDELRT";
  return fail(E_SOCK, `${call}: ${strerror(result.error.errno)}\n`);
}

/** Options end where `add` begins: -net and -host are its own. */
function splitArguments(argv: readonly string[]): { own: readonly string[]; rest: readonly string[] } {
  const at = argv.findIndex((word, i) => i > 0 && ["add", "del", "delete", "flush"].includes(word));
  return at < 0 ? { own: argv, rest: [] } : { own: argv.slice(0, at), rest: argv.slice(at) };
}

function* main(process: Process): Task<number> {
  const { own, rest } = splitArguments(process.argv);
  const { options, operands, complaint } = getopt(["route", ...own.slice(1)], "A:eCFhnN64Vv?", LONG);
  if (complaint !== undefined) fail(E_OPTERR, complaint + USAGE);
  const given = new Set(options.map(({ letter }) => letter));
  if (given.has("V")) {
    yield* process.print(VERSION);
    return 0;
  }
  if (given.has("h") || given.has("?") || operands.length > 0) fail(E_OPTERR, USAGE);
  if (given.has("6") || options.some(({ letter, value }) => letter === "A" && value === "inet6"))
    refuse("IPv6");
  if (given.has("C")) refuse("the routing cache (route -C)");
  const verb = rest[0];
  if (verb === "flush") inetUsage("Flushing `inet' routing table not supported\n");
  if (verb !== undefined) return change(process, verb === "add" ? "add" : "del", rest.slice(1));
  const extend = options.filter(({ letter }) => letter === "e").length;
  const style: Style = extend === 0 ? 1 : extend === 1 ? 2 : 3;
  yield* process.print(routeTable(process, style, given.has("n")));
  return 0;
}

export const route = program(main);
