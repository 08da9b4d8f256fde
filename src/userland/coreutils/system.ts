import type { Task } from "../../sim/task.ts";
import { NANOS_PER_SECOND } from "../../sim/time.ts";
import { formatIpv4 } from "../../wire/address.ts";
import { formatIpv6, isLinkLocal6 } from "../../wire/address6.ts";
import { refuse } from "../args/exit.ts";
import { findCommand } from "../os/exec.ts";
import type { Process } from "../os/process.ts";
import { SIGNALS, signalName, STOP_SIGNALS } from "../os/signals.ts";
import { RESOLVE_TEXT, resolveHost } from "../resolver/resolver.ts";
import { EPOCH_SECONDS } from "../shell/specials.ts";
import { getOptions, type Options, programName } from "../text/getopt.ts";
import { momentOf, strftime } from "../text/strftime.ts";
import { quote } from "../text/locale.ts";

/** Programs about the machine and its processes. */

const KERNEL_RELEASE = "6.18.0";

export function* hostname(process: Process): Task<number> {
  const options = yield* getOptions(process, {
    short: "fsdiIaA",
    long: { fqdn: "f", long: "f", short: "s", domain: "d", "ip-address": "i", "all-ip-addresses": "I" },
  });
  if (typeof options === "number") return options;
  const { host } = process;
  const given = options.operands[0];
  if (given !== undefined) {
    host.name = given;
    return 0;
  }
  if (options.has("A")) refuse("hostname -A");
  if (options.has("I")) {
    yield* process.print(`${ownAddresses(process).join("")}\n`);
    return 0;
  }
  if (options.has("i")) return yield* namedAddresses(process);
  const dot = host.name.indexOf(".");
  const short = dot < 0 ? host.name : host.name.slice(0, dot);
  const shown = options.has("s")
    ? short
    : options.has("d")
      ? dot < 0
        ? ""
        : host.name.slice(dot + 1)
      : host.name;
  yield* process.print(`${shown}\n`);
  return 0;
}

/** Addresses of all devices that are up, but for loopback's and link-local IPv6. */
function ownAddresses(process: Process): string[] {
  const { link, address, ipv6 } = process.net;
  const links = link.list().filter((each) => each.up && each.kind !== "loopback");
  const v4 = links.flatMap(({ index }) => address.list().filter((each) => each.dev === index));
  const v6 = links.flatMap(({ index }) => ipv6.address.list().filter((each) => each.dev === index));
  return [
    ...v4.map(({ local }) => `${formatIpv4(local)} `),
    ...v6.filter(({ local }) => !isLinkLocal6(local)).map(({ local }) => `${formatIpv6(local)} `),
  ];
}

/** What the machine's own name resolves to. */
function* namedAddresses(process: Process): Task<number> {
  const found = yield* resolveHost(process, process.host.name);
  if (!found.ok) {
    yield* process.printError(`hostname: ${RESOLVE_TEXT[found.error]}\n`);
    return 1;
  }
  yield* process.print(`${found.value.addresses.map(formatIpv4).join(" ")}\n`);
  return 0;
}

export function* uname(process: Process): Task<number> {
  const options = yield* getOptions(process, {
    short: "asnrvmpio",
    long: {
      all: "a",
      "kernel-name": "s",
      nodename: "n",
      "kernel-release": "r",
      "kernel-version": "v",
      machine: "m",
      "operating-system": "o",
    },
  });
  if (typeof options === "number") return options;
  const values: readonly (readonly [string, string])[] = [
    ["s", "Linux"],
    ["n", process.host.name],
    ["r", KERNEL_RELEASE],
    ["v", "#1 SMP PREEMPT_DYNAMIC"],
    ["m", "x86_64"],
    ["o", "GNU/Linux"],
  ];
  const wanted = (letter: string): boolean =>
    options.list.length === 0 ? letter === "s" : options.has("a") || options.has(letter);
  const unknown = ["p", "i"].filter((letter) => options.has(letter)).map(() => "unknown");
  const words = [...values.filter(([letter]) => wanted(letter)).map(([, value]) => value), ...unknown];
  yield* process.print(`${words.join(" ")}\n`);
  return 0;
}

export function* id(process: Process): Task<number> {
  const options = yield* getOptions(process, {
    short: "unGgr",
    long: { user: "u", name: "n", group: "g", groups: "G" },
  });
  if (typeof options === "number") return options;
  const user = options.operands[0];
  if (user !== undefined && user !== "root" && user !== "0") {
    yield* process.printError(`id: ${quote(process, user)}: no such user\n`);
    return 1;
  }
  const one = options.has("u") || options.has("g") || options.has("G");
  yield* process.print(
    one ? (options.has("n") ? "root\n" : "0\n") : "uid=0(root) gid=0(root) groups=0(root)\n",
  );
  return 0;
}

export function* whoami(process: Process): Task<number> {
  yield* process.print("root\n");
  return 0;
}

export function* which(process: Process): Task<number> {
  const words = process.argv.slice(1).filter((word) => word !== "-a" && word !== "-s");
  let status = words.length === 0 ? 1 : 0;
  for (const word of words) {
    const found = findCommand(process, word, process.env.get("PATH"));
    if (found.kind === "program" || found.kind === "script") yield* process.print(`${found.path}\n`);
    else status = 1;
  }
  return status;
}

/** kill(1), procps: as the shell's, for process ids only. */
export function* kill(process: Process): Task<number> {
  let words = process.argv.slice(1);
  const usage = "\nUsage:\n kill [options] <pid> [...]\n";
  if (words[0] === "-l") {
    yield* process.print(`${SIGNALS.join(" ")}\n`);
    return 0;
  }
  let spec = "TERM";
  if (words[0] === "-s" || words[0] === "-n") {
    spec = words[1] ?? "";
    words = words.slice(2);
  } else if (/^-./.test(words[0] ?? "") && words[0] !== "--") {
    spec = words[0]!.slice(1);
    words = words.slice(1);
  }
  if (words[0] === "--") words = words.slice(1);
  const signal = spec === "0" ? "" : signalName(spec);
  if (signal === undefined || words.length === 0) {
    yield* process.printError(usage);
    return 1;
  }
  if (STOP_SIGNALS.has(signal)) refuse(`SIG${signal}`);
  let status = 0;
  for (const word of words) {
    const target = process.host.processes.get(Number(word));
    if (target !== undefined) {
      if (signal !== "") target.kill(signal);
      continue;
    }
    const isNumber = /^-?\d+$/.test(word);
    yield* process.printError(
      isNumber ? `kill: (${word}): No such process\n` : `kill: failed to parse argument: '${word}'\n`,
    );
    status = 1;
  }
  return status;
}

/** The name that the kernel keeps of a process: 15 characters. */
function comm(process: Process): string {
  return (process.argv[0] ?? "").replace(/^.*\//, "").slice(0, 15);
}

const PROCESS_TABLE = {
  short: "fxvalcnP:u:s:do",
  long: {
    full: "f",
    exact: "x",
    inverse: "v",
    "list-full": "a",
    "list-name": "l",
    count: "c",
    newest: "n",
    oldest: "o",
    parent: "P",
    signal: "argument",
  },
  status: 2,
};

/** The processes of this host that a pattern of pgrep and pkill selects. */
function select(process: Process, options: Options): Process[] {
  const pattern = options.operands[0] ?? "";
  let expression: RegExp;
  try {
    expression = new RegExp(options.has("x") ? `^(?:${pattern})$` : pattern);
  } catch {
    return [];
  }
  const found = [...process.host.processes.values()].filter((each) => {
    if (each === process) return false;
    const text = options.has("f") ? each.argv.join(" ") : comm(each);
    const parents = options.get("P");
    if (parents !== undefined && !parents.split(",").includes(String(each.ppid))) return false;
    return expression.test(text) !== options.has("v");
  });
  if (options.has("n")) return found.slice(-1);
  return options.has("o") ? found.slice(0, 1) : found;
}

export function* pgrep(process: Process): Task<number> {
  const options = yield* getOptions(process, PROCESS_TABLE);
  if (typeof options === "number") return options;
  if (options.operands.length === 0 && !options.has("P")) return yield* noPattern(process);
  const found = select(process, options);
  const line = (each: Process): string => {
    if (options.has("a")) return `${each.pid} ${each.argv.join(" ")}`;
    return options.has("l") ? `${each.pid} ${comm(each)}` : String(each.pid);
  };
  if (options.has("c")) yield* process.print(`${found.length}\n`);
  else yield* process.print(found.map((each) => `${line(each)}\n`).join(""));
  return found.length > 0 ? 0 : 1;
}

function* noPattern(process: Process): Task<number> {
  const name = programName(process);
  yield* process.printError(
    `${name}: no matching criteria specified\nTry \`${name} --help' for more information.\n`,
  );
  return 2;
}

export function* pkill(process: Process): Task<number> {
  let signal = "TERM";
  process.argv = process.argv.filter((word, i) => {
    const name = i > 0 && /^-[A-Z0-9]+$/.test(word) ? signalName(word.slice(1)) : undefined;
    if (name !== undefined) signal = name;
    return name === undefined;
  });
  const options = yield* getOptions(process, PROCESS_TABLE);
  if (typeof options === "number") return options;
  const named = options.get("signal");
  if (named !== undefined) signal = signalName(named) ?? signal;
  if (options.operands.length === 0 && !options.has("P")) return yield* noPattern(process);
  const found = select(process, options);
  for (const each of found) each.kill(signal);
  return found.length > 0 ? 0 : 1;
}

/** ps(1): `ps`, `ps aux`, `ps -ef`, `ps -o FIELDS`, `-p PID`. Programs use no processor time and no memory here. */
export function* ps(process: Process): Task<number> {
  const words = process.argv.slice(1);
  const fields = words.findIndex((word) => /^-?[A-Za-z]*o$/.test(word));
  const only = words.findIndex((word) => /^-?p$/.test(word));
  const letters = words
    .filter((_, i) => (fields < 0 || i !== fields + 1) && (only < 0 || i !== only + 1))
    .join("")
    .replaceAll("-", "");
  if (/[^aeAfuxwpoHl]/.test(letters)) refuse(`ps ${words.join(" ")}`);
  const wanted = only < 0 ? undefined : (words[only + 1] ?? "").split(",").map(Number);
  const list = [...process.host.processes.values()].filter((each) => wanted?.includes(each.pid) ?? true);
  const own = list.filter((each) => each.session === process.session);
  const format = fields >= 0 ? (words[fields + 1] ?? "") : formatOf(words.join(" "));
  const shown = wanted !== undefined || /[aexA]/.test(letters) ? list : own;
  yield* process.print(
    table(
      format.split(",").filter((name) => name !== ""),
      shown,
    ),
  );
  return wanted !== undefined && list.length === 0 ? 1 : 0;
}

function formatOf(words: string): string {
  if (/u/.test(words)) return "user,pid,%cpu,%mem,vsz,rss,tty,stat,start,time,args";
  if (/f/.test(words)) return "uid,pid,ppid,c,stime,tty,time,cmd";
  return /x/.test(words) ? "pid,tty,stat,time,args" : "pid,tty,time,comm";
}

/** A column: its heading, its width (negative: left-justified), what it shows. */
type Column = readonly [string, number, (process: Process) => string];

const COLUMNS: Readonly<Record<string, Column>> = {
  user: ["USER", -8, () => "root"],
  uid: ["UID", -8, () => "root"],
  pid: ["PID", 7, (each) => String(each.pid)],
  ppid: ["PPID", 7, (each) => String(each.ppid)],
  "%cpu": ["%CPU", 4, () => "0.0"],
  "%mem": ["%MEM", 4, () => "0.0"],
  vsz: ["VSZ", 6, () => "0"],
  rss: ["RSS", 5, () => "0"],
  c: ["C", 2, () => "0"],
  tty: ["TTY", -8, () => "?"],
  stat: ["STAT", -4, () => "S"],
  start: ["START", 5, clock],
  stime: ["STIME", 5, clock],
  time: ["TIME", 8, () => "00:00:00"],
  args: ["COMMAND", -1, (each) => each.argv.join(" ")],
  cmd: ["CMD", -1, (each) => each.argv.join(" ")],
  comm: ["COMMAND", -15, comm],
};

function clock(process: Process): string {
  return strftime("%H:%M", momentOf(EPOCH_SECONDS + Math.floor(process.started / NANOS_PER_SECOND)));
}

function table(names: readonly string[], list: readonly Process[]): string {
  const columns = names.map((name): Column => {
    const bare = name.endsWith("=");
    const [heading, width, value] = COLUMNS[bare ? name.slice(0, -1) : name] ?? [
      name.toUpperCase(),
      -8,
      () => "-",
    ];
    return [bare ? "" : heading, width, value];
  });
  const row = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => {
        const width = columns[i]![1];
        if (width < 0) return i === cells.length - 1 ? cell : cell.padEnd(-width);
        return cell.padStart(width);
      })
      .join(" ")
      .replace(/ +$/, "");
  const heading = columns.map(([text]) => text);
  const lines = heading.every((text) => text === "") ? [] : [row(heading)];
  for (const each of list) lines.push(row(columns.map(([, , value]) => value(each))));
  return lines.map((text) => `${text}\n`).join("");
}
