import type { Task } from "../../sim/task.ts";
import type { Errno, IpvsKey, IpvsServiceInfo, KernelResult } from "../../kernel/uapi/index.ts";
import { fail, program } from "../args/exit.ts";
import { strerror } from "../os/errno.ts";
import type { Process } from "../os/process.ts";
import { LineReader } from "../text/lines.ts";
import { type CommandName, type Options, parseOptions, tryHelp } from "./options.ts";
import { connections, listing, saved, type Style, VERSION } from "./print.ts";
import { USAGE } from "./usage.ts";

/** ipvsadm(8), version 1.31. */
export const ipvsadm = program(function* (process: Process): Task<number> {
  return yield* run(process, process.argv.slice(1));
});

const BANNER = "ipvsadm v1.31 2019/12/24 (compiled with popt and IPVS v1.2.1)\n";

function* run(process: Process, argv: readonly string[]): Task<number> {
  if (argv[0] === "-v" || argv[0] === "--version") {
    yield* process.print(BANNER);
    return 0;
  }
  const { command, options } = parseOptions(argv);
  switch (command) {
    case "help":
      yield* process.print(BANNER + USAGE);
      return 0;
    case "list":
      return yield* list(process, options);
    case "save":
      yield* process.print(saved(sorted(process.net.ipvs.list()), options.given.has("numeric")));
      return 0;
    case "restore":
      return yield* restore(process);
    default:
      change(process, command, options);
      return 0;
  }
}

/** By protocol, address, port; firewall marks last; servers by address and port. */
function sorted(services: readonly IpvsServiceInfo[]): IpvsServiceInfo[] {
  const rank = (key: IpvsKey): readonly number[] =>
    "fwmark" in key ? [1, key.fwmark, 0, 0] : [0, key.protocol, key.address, key.port];
  const byRank = (a: readonly number[], b: readonly number[]): number => {
    for (const [i, value] of a.entries()) if (value !== b[i]) return value - b[i]!;
    return 0;
  };
  return [...services]
    .sort((a, b) => byRank(rank(a.key), rank(b.key)))
    .map((s) => ({
      ...s,
      destinations: [...s.destinations].sort((a, b) => byRank([a.address, a.port], [b.address, b.port])),
    }));
}

function sameKey(a: IpvsKey, b: IpvsKey): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function* list(process: Process, options: Options): Task<number> {
  const { given, key } = options;
  const { ipvs } = process.net;
  const numeric = given.has("numeric");
  if (given.has("connection")) {
    const newestFirst = [...ipvs.connections()].reverse();
    yield* process.print(connections(newestFirst, numeric));
    return 0;
  }
  if (given.has("timeout")) {
    const { tcp, tcpFin, udp } = ipvs.timeouts();
    yield* process.print(`Timeout (tcp tcpfin udp): ${tcp} ${tcpFin} ${udp}\n`);
    return 0;
  }
  const which = (["stats", "persistent-conn", "thresholds"] as const).find((name) => given.has(name));
  const style: Style = { listing: which ?? "plain", numeric, exact: given.has("exact") };
  const all = given.has("nosort") ? ipvs.list() : sorted(ipvs.list());
  if (key === undefined) {
    yield* process.print(VERSION + listing(all, style));
    return 0;
  }
  const one = all.filter((service) => sameKey(service.key, key));
  if (one.length === 0) fail(1, "No such service\n");
  yield* process.print(listing(one, style));
  return 0;
}

/** What the kernel's errors mean to each command. */
const MEANINGS: Partial<Record<CommandName, Partial<Record<Errno, string>>>> = {
  "add-service": { EEXIST: "Service already exists", ENOENT: "Scheduler or persistence engine not found" },
  "edit-service": { ESRCH: "No such service", ENOENT: "Scheduler or persistence engine not found" },
  "delete-service": { ESRCH: "No such service" },
  "add-server": { ESRCH: "Service not defined", EEXIST: "Destination already exists" },
  "edit-server": { ESRCH: "Service not defined", ENOENT: "No such destination" },
  "delete-server": { ESRCH: "Service not defined", ENOENT: "No such destination" },
  zero: { ESRCH: "Service not defined" },
};

function done(command: CommandName, result: KernelResult<void>): void {
  if (result.ok) return;
  const { errno } = result.error;
  fail(255, `${MEANINGS[command]?.[errno] ?? strerror(errno)}\n`);
}

function change(process: Process, command: CommandName, options: Options): void {
  const { ipvs } = process.net;
  const { key } = options;
  if (command === "set") {
    const [tcp, tcpFin, udp] = options.timeouts ?? [0, 0, 0];
    ipvs.setTimeouts({ tcp, tcpFin, udp });
  } else if (command === "flush") ipvs.flush();
  else if (command === "zero") done(command, ipvs.zero(key));
  else if (key === undefined) tryHelp();
  else if (command === "add-service" || command === "edit-service") {
    if (!("fwmark" in key) && key.port === 0 && options.persistent === undefined)
      fail(2, "Zero port specified for non-persistent service\n");
    const spec = {
      key,
      scheduler: options.scheduler ?? "wlc",
      ...(options.persistent === undefined ? {} : { persistent: options.persistent }),
      ...(options.netmask === undefined ? {} : { netmask: options.netmask }),
      ...(options.onePacket === true ? { onePacket: true } : {}),
      ...(options.schedulerFlags === undefined ? {} : { schedulerFlags: options.schedulerFlags }),
    };
    done(command, command === "add-service" ? ipvs.addService(spec) : ipvs.editService(spec));
  } else if (command === "delete-service") done(command, ipvs.deleteService(key));
  else changeServer(process, command, options, key);
}

function changeServer(process: Process, command: CommandName, options: Options, key: IpvsKey): void {
  const { ipvs } = process.net;
  const server = options.server ?? tryHelp();
  const forward = options.forward ?? "route";
  const servicePort = "fwmark" in key ? 0 : key.port;
  // Only masquerading can change the port; without one the service's is taken.
  const port = forward === "masq" && server.port !== 0 ? server.port : servicePort;
  if (command === "delete-server") {
    const exact = server.port === 0 ? servicePort : server.port;
    done(command, ipvs.deleteDestination(key, server.address, exact));
    return;
  }
  const spec = {
    address: server.address,
    port,
    forward,
    weight: options.weight ?? 1,
    upper: options.upper ?? 0,
    lower: options.lower ?? 0,
  };
  done(command, command === "add-server" ? ipvs.addDestination(key, spec) : ipvs.editDestination(key, spec));
}

function* restore(process: Process): Task<number> {
  const lines = new LineReader(process.stdin);
  for (;;) {
    const line = yield* lines.next();
    if (line === null) return 0;
    const words = line.text.split(/\s+/).filter((word) => word !== "");
    if (words.length === 0) continue;
    const status = yield* run(process, words);
    if (status !== 0) return status;
  }
}
