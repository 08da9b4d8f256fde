import { inetAton } from "../resolver/addresses.ts";
import { servicePort } from "../../formats/services.ts";
import { fail, refuse } from "../args/exit.ts";
import type { Ipv4 } from "../../wire/address.ts";
import { IPPROTO_TCP, IPPROTO_UDP } from "../../wire/ipv4.ts";
import type { IpvsForward, IpvsKey } from "../../kernel/uapi/index.ts";

/** Models: ipvsadm 1.31's parse_options: one command, then options in any order. */
export type CommandName =
  | "add-service"
  | "edit-service"
  | "delete-service"
  | "flush"
  | "list"
  | "add-server"
  | "edit-server"
  | "delete-server"
  | "zero"
  | "save"
  | "restore"
  | "set"
  | "start-daemon"
  | "stop-daemon";

export interface Options {
  key?: IpvsKey;
  scheduler?: string;
  persistent?: number;
  netmask?: number;
  onePacket?: boolean;
  schedulerFlags?: readonly string[];
  server?: { readonly address: Ipv4; readonly port: number };
  forward?: IpvsForward;
  weight?: number;
  upper?: number;
  lower?: number;
  timeouts?: readonly [number, number, number];
  /** Options that were given, by the names that ipvsadm complains with. */
  readonly given: Set<string>;
}

const COMMANDS: ReadonlyMap<string, CommandName> = new Map([
  ["-A", "add-service"],
  ["--add-service", "add-service"],
  ["-E", "edit-service"],
  ["--edit-service", "edit-service"],
  ["-D", "delete-service"],
  ["--delete-service", "delete-service"],
  ["-C", "flush"],
  ["--clear", "flush"],
  ["-L", "list"],
  ["-l", "list"],
  ["--list", "list"],
  ["-a", "add-server"],
  ["--add-server", "add-server"],
  ["-e", "edit-server"],
  ["--edit-server", "edit-server"],
  ["-d", "delete-server"],
  ["--delete-server", "delete-server"],
  ["-Z", "zero"],
  ["--zero", "zero"],
  ["-S", "save"],
  ["--save", "save"],
  ["-R", "restore"],
  ["--restore", "restore"],
  ["--set", "set"],
  ["--start-daemon", "start-daemon"],
  ["--stop-daemon", "stop-daemon"],
]);

/** Name in complaints, and whether a value follows ("maybe": unless the next word is an option). */
interface OptionKind {
  readonly name: string;
  readonly value: "no" | "yes" | "maybe";
}

const SERVICE = { name: "service-address", value: "yes" } as const;
const flag = (name: string): OptionKind => ({ name, value: "no" });
const valued = (name: string): OptionKind => ({ name, value: "yes" });

const OPTIONS: ReadonlyMap<string, OptionKind> = new Map<string, OptionKind>([
  ["-t", SERVICE],
  ["--tcp-service", SERVICE],
  ["-u", SERVICE],
  ["--udp-service", SERVICE],
  ["--sctp-service", SERVICE],
  ["-f", SERVICE],
  ["--fwmark-service", SERVICE],
  ["-s", valued("scheduler")],
  ["--scheduler", valued("scheduler")],
  ["-p", { name: "persistent", value: "maybe" }],
  ["--persistent", { name: "persistent", value: "maybe" }],
  ["-M", valued("netmask")],
  ["--netmask", valued("netmask")],
  ["-r", valued("real-server")],
  ["--real-server", valued("real-server")],
  ["-g", flag("forwarding-method")],
  ["--gatewaying", flag("forwarding-method")],
  ["-i", flag("forwarding-method")],
  ["--ipip", flag("forwarding-method")],
  ["-m", flag("forwarding-method")],
  ["--masquerading", flag("forwarding-method")],
  ["-w", valued("weight")],
  ["--weight", valued("weight")],
  ["-x", valued("u-threshold")],
  ["--u-threshold", valued("u-threshold")],
  ["-y", valued("l-threshold")],
  ["--l-threshold", valued("l-threshold")],
  ["-c", flag("connection")],
  ["--connection", flag("connection")],
  ["--timeout", flag("timeout")],
  ["--daemon", flag("daemon")],
  ["--stats", flag("stats")],
  ["--rate", flag("rate")],
  ["--exact", flag("exact")],
  ["--thresholds", flag("thresholds")],
  ["--persistent-conn", flag("persistent-conn")],
  ["--nosort", flag("nosort")],
  ["--sort", flag("sort")],
  ["-o", flag("one-packet")],
  ["--ops", flag("one-packet")],
  ["-n", flag("numeric")],
  ["--numeric", flag("numeric")],
  ["-b", valued("sched-flags")],
  ["--sched-flags", valued("sched-flags")],
  ["-6", flag("ipv6")],
  ["--ipv6", flag("ipv6")],
  ["--pe", valued("pe")],
  ["--tun-type", valued("tun-type")],
  ["--tun-info", flag("tun-info")],
]);

const LISTING =
  "numeric connection service-address timeout daemon stats rate thresholds persistent-conn nosort sort exact";

/** What goes with what: options that a command needs, and those that it allows. */
const ALLOWED: Readonly<Record<CommandName, { readonly needs: string; readonly takes: string }>> = {
  "add-service": { needs: "service-address", takes: "scheduler persistent netmask one-packet sched-flags" },
  "edit-service": { needs: "service-address", takes: "scheduler persistent netmask one-packet sched-flags" },
  "delete-service": { needs: "service-address", takes: "" },
  flush: { needs: "", takes: "" },
  list: { needs: "", takes: LISTING },
  "add-server": {
    needs: "service-address real-server",
    takes: "forwarding-method weight u-threshold l-threshold",
  },
  "edit-server": {
    needs: "service-address real-server",
    takes: "forwarding-method weight u-threshold l-threshold",
  },
  "delete-server": { needs: "service-address real-server", takes: "" },
  zero: { needs: "", takes: "service-address" },
  save: { needs: "", takes: "numeric" },
  restore: { needs: "", takes: "" },
  set: { needs: "", takes: "" },
  "start-daemon": { needs: "", takes: "" },
  "stop-daemon": { needs: "", takes: "" },
};

export function tryHelp(): never {
  fail(255, "Try `ipvsadm -h' or 'ipvsadm --help' for more information.\n");
}

function broken(text: string): never {
  fail(2, `${text}\n`);
}

/** `-Ln` is `-L -n`: short options may stand together; a value may follow its letter. */
function split(words: readonly string[]): string[] {
  return words.flatMap((word) => {
    if (!/^-[A-Za-z0-9]{2,}$/.test(word)) {
      const equals = /^(--[a-z-]+)=(.*)$/.exec(word);
      return equals === null ? [word] : [equals[1]!, equals[2]!];
    }
    const out: string[] = [];
    for (let i = 1; i < word.length; i++) {
      const letter = `-${word[i]}`;
      out.push(letter);
      const takes = OPTIONS.get(letter)?.value ?? "no";
      if (takes === "no" || i + 1 === word.length) continue;
      out.push(word.slice(i + 1));
      break;
    }
    return out;
  });
}

export function parseOptions(argv: readonly string[]): { command: CommandName | "help"; options: Options } {
  const words = split(argv);
  const options: Options = { given: new Set() };
  const first = words.shift();
  if (first === undefined) return { command: "list", options };
  if (first === "-h" || first === "--help") return { command: "help", options };
  const command = COMMANDS.get(first);
  if (command === undefined) tryHelp();
  if (command === "start-daemon" || command === "stop-daemon")
    refuse("connection synchronisation of ipvsadm");
  if (command === "set") readTimeouts(words, options);
  while (words.length > 0) readOption(words, options);
  check(command, options.given);
  return { command, options };
}

function readTimeouts(words: string[], options: Options): void {
  const values = words.splice(0, 3);
  if (values.length < 3) broken("--set option requires 3 timeout values");
  const [a, b, c] = values.map(timeoutOf);
  options.timeouts = [a!, b!, c!];
}

function timeoutOf(word: string): number {
  return numberIn(word, 0, 86400 * 31) ?? broken(`invalid timeout value \`${word}' specified`);
}

function numberIn(word: string, least: number, most: number): number | undefined {
  if (!/^\d+$/.test(word)) return undefined;
  const value = Number(word);
  return value < least || value > most ? undefined : value;
}

function readOption(words: string[], options: Options): void {
  const word = words.shift()!;
  const kind = OPTIONS.get(word);
  if (kind === undefined) {
    if (COMMANDS.has(word)) broken(`invalid option \`${word}'`);
    if (word.startsWith("-")) fail(255, `${word}: unknown option\n`);
    broken(`unexpected argument ${word}`);
  }
  if (options.given.has(kind.name)) broken(`multiple '${kind.name}' options specified`);
  options.given.add(kind.name);
  let value = "";
  if (kind.value === "yes") value = words.shift() ?? fail(255, `${word}: missing argument\n`);
  else if (kind.value === "maybe" && words[0] !== undefined && !words[0].startsWith("-"))
    value = words.shift()!;
  apply(word, kind.name, value, options);
}

function apply(word: string, name: string, value: string, options: Options): void {
  switch (name) {
    case "service-address":
      options.key = keyOf(word, value);
      return;
    case "scheduler":
      options.scheduler = value;
      return;
    case "persistent":
      options.persistent =
        value === ""
          ? 360
          : (numberIn(value, 1, 86400 * 31) ?? broken(`invalid timeout value \`${value}' specified`));
      return;
    case "netmask":
      options.netmask = inetAton(value) ?? broken("invalid netmask specified");
      return;
    case "real-server":
      options.server = addressAndPort(value) ?? broken("illegal real server address[:port] specified");
      return;
    case "forwarding-method":
      options.forward =
        word === "-m" || word === "--masquerading"
          ? "masq"
          : word === "-i" || word === "--ipip"
            ? "tunnel"
            : "route";
      return;
    case "weight":
      options.weight = numberIn(value, 0, 2147483647) ?? broken("illegal weight specified");
      return;
    case "u-threshold":
      options.upper = numberIn(value, 0, 2147483647) ?? broken("illegal u_threshold specified");
      return;
    case "l-threshold":
      options.lower = numberIn(value, 0, 2147483647) ?? broken("illegal l_threshold specified");
      return;
    case "one-packet":
      options.onePacket = true;
      return;
    case "sched-flags":
      options.schedulerFlags = value.split(",");
      return;
    case "ipv6":
      refuse("IPv6 in ipvsadm");
      return;
    case "rate":
    case "daemon":
    case "pe":
    case "tun-type":
    case "tun-info":
      refuse(`ipvsadm --${name}`);
  }
}

function keyOf(word: string, value: string): IpvsKey {
  if (word === "-f" || word === "--fwmark-service") {
    const fwmark = numberIn(value, 1, 0xffffffff) ?? broken(`invalid fwmark value \`${value}' specified`);
    return { fwmark };
  }
  if (word === "--sctp-service") refuse("SCTP in ipvsadm");
  const at = addressAndPort(value) ?? broken("illegal virtual server address[:port] specified");
  const protocol = word === "-u" || word === "--udp-service" ? IPPROTO_UDP : IPPROTO_TCP;
  return { protocol, ...at };
}

function addressAndPort(word: string): { address: Ipv4; port: number } | undefined {
  if (word.startsWith("[")) refuse("IPv6 in ipvsadm");
  const colon = word.lastIndexOf(":");
  const host = colon < 0 ? word : word.slice(0, colon);
  const address = inetAton(host);
  if (address === undefined) return undefined;
  if (colon < 0) return { address, port: 0 };
  const name = word.slice(colon + 1);
  const port = numberIn(name, 0, 65535) ?? servicePort(name);
  return port === undefined ? undefined : { address, port };
}

/** Models: generic_opt_check. */
function check(command: CommandName, given: ReadonlySet<string>): void {
  const { needs, takes } = ALLOWED[command];
  for (const name of needs.split(" ")) {
    if (name !== "" && !given.has(name))
      broken(`You need to supply the '${name}' option for the '${command}' command`);
  }
  const known = new Set([...needs.split(" "), ...takes.split(" ")]);
  for (const name of given)
    if (!known.has(name)) broken(`Illegal '${name}' option with the '${command}' command`);
}
