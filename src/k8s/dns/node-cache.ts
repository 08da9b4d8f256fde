import { err, ok, type Result } from "../../base/result.ts";
import { GoIptables } from "../../container/iptables.ts";
import { goErrno } from "../../container/errno.ts";
import { readText, writeText } from "../../container/files.ts";
import type { ImageSpec } from "../../container/runtime/images.ts";
import type { XtTableName } from "../../kernel/uapi/index.ts";
import { Coroutine, Interrupted, sleep, type Task } from "../../sim/task.ts";
import { seconds } from "../../sim/time.ts";
import { page, servePages } from "../../userland/http/pages.ts";
import type { Process, Program } from "../../userland/os/process.ts";
import { formatIpv4, type Ipv4, IPV4_ANY, parseIpv4 } from "../../wire/address.ts";
import { ApiClient, type ApiStore, timestamp } from "../api/index.ts";
import { runCore } from "./coredns.ts";

/**
 * NodeLocal DNSCache: CoreDNS on addresses of a dummy device, and the rules that keep its packets out of conntrack.
 * Models: kubernetes/dns cmd/node-cache 1.26. Not modelled: changes of its ConfigMaps while it runs, IPv6.
 */

const VERSION = "1.26.4";
const SKIP = "NodeLocal DNS Cache: skip conntrack";
const ALLOW = "NodeLocal DNS Cache: allow DNS traffic";
const DNS = "53";

interface Params {
  readonly localIps: readonly Ipv4[];
  readonly setupInterface: boolean;
  readonly interfaceName: string;
  readonly setupIptables: boolean;
  readonly skipTeardown: boolean;
  readonly coreFile: string;
  readonly baseCoreFile: string;
  readonly upstreamService: string;
  readonly healthPort: string;
  readonly pidfile: string | undefined;
  readonly metricsAddress: string;
}

const SWITCHES = ["setupinterface", "setupiptables", "skipteardown", "reloadwithsignal"];
const VALUES = [
  "localip", "interfacename", "syncinterval", "metrics-listen-address", "basecorefile", "corefile", "kubednscm",
  "upstreamsvc", "health-port", "conf", "pidfile", "dns.port",
]; // prettier-ignore

/** Go's flag package: `-name value`, `-name=value`, two dashes as well; switches take a value by `=` only. */
function parseFlags(argv: readonly string[]): Result<ReadonlyMap<string, string>, string> {
  const flags = new Map<string, string>();
  for (let i = 1; i < argv.length; i++) {
    const [, name = "", value] = /^--?([\w.-]+)(?:=(.*))?$/s.exec(argv[i]!) ?? [];
    if (SWITCHES.includes(name)) flags.set(name, value ?? "true");
    else if (!VALUES.includes(name)) return err(`flag provided but not defined: -${name}`);
    else {
      const given = value ?? argv[++i];
      if (given === undefined) return err(`flag needs an argument: -${name}`);
      flags.set(name, given);
    }
  }
  return ok(flags);
}

function paramsOf(argv: readonly string[]): Result<Params, string> {
  const parsed = parseFlags(argv);
  if (!parsed.ok) return parsed;
  const flags = parsed.value;
  const isOn = (name: string): boolean => !["false", "0", "f"].includes(flags.get(name)?.toLowerCase() ?? "");
  const localIps: Ipv4[] = [];
  for (const text of (flags.get("localip") ?? "").split(",")) {
    const address = parseIpv4(text);
    if (address === undefined) return err(`invalid localip specified - "${text}"`);
    localIps.push(address);
  }
  if ((flags.get("dns.port") ?? DNS) !== DNS) return err("flannelgraph: -dns.port is not modelled yet");
  return ok({
    localIps,
    setupInterface: isOn("setupinterface"),
    interfaceName: flags.get("interfacename") ?? "nodelocaldns",
    setupIptables: isOn("setupiptables"),
    skipTeardown: flags.has("skipteardown") && isOn("skipteardown"),
    coreFile: flags.get("conf") ?? flags.get("corefile") ?? "/etc/Corefile",
    baseCoreFile: flags.get("basecorefile") ?? "/etc/coredns/Corefile.base",
    upstreamService: flags.get("upstreamsvc") ?? "kube-dns",
    healthPort: flags.get("health-port") ?? "8080",
    pidfile: flags.get("pidfile"),
    metricsAddress: flags.get("metrics-listen-address") ?? "0.0.0.0:9353",
  });
}

interface Rule {
  readonly table: XtTableName;
  readonly chain: string;
  readonly args: readonly string[];
  readonly comment: string;
}

/** In the order in which each is put first, so that the chain reads the other way round. Models: initIptables. */
export function nodeCacheRules(ip: string, healthPort: string): readonly Rule[] {
  const both = (table: XtTableName, chain: string, where: readonly string[], target: string): Rule[] =>
    ["tcp", "udp"].map((protocol) => ({
      table,
      chain,
      args: ["-p", protocol, ...where, "-j", target],
      comment: target === "ACCEPT" ? ALLOW : SKIP,
    }));
  const toIt = ["-d", ip, "--dport", DNS];
  const fromIt = ["-s", ip, "--sport", DNS];
  const health = (where: readonly string[]): Rule => ({
    table: "raw",
    chain: "OUTPUT",
    args: ["-p", "tcp", ...where, "-j", "NOTRACK"],
    comment: SKIP,
  });
  return [
    ...both("raw", "PREROUTING", toIt, "NOTRACK"),
    ...both("filter", "INPUT", toIt, "ACCEPT"),
    ...both("raw", "OUTPUT", fromIt, "NOTRACK"),
    ...both("filter", "OUTPUT", fromIt, "ACCEPT"),
    ...both("raw", "OUTPUT", toIt, "NOTRACK"),
    health(["-d", ip, "--dport", healthPort]),
    health(["-s", ip, "--sport", healthPort]),
  ];
}

const specOf = ({ args, comment }: Rule): string => `${args.join(" ")} -m comment --comment "${comment}"`;
const shown = ({ table, chain, args, comment }: Rule): string =>
  `{${table} ${chain} [${args.join(" ")} -m comment --comment ${comment}]}`;

class CacheApp {
  private readonly process: Process;
  private readonly params: Params;
  private readonly rules: readonly Rule[];
  /** CoreDNS has set the log's form: no more times. */
  private started = false;

  constructor(process: Process, params: Params) {
    this.process = process;
    this.params = params;
    this.rules = params.localIps.flatMap((ip) => nodeCacheRules(formatIpv4(ip), params.healthPort));
  }

  *log(severity: string, text: string): Task<void> {
    const time = timestamp(this.process.host.queue.now).slice(0, 19).replaceAll("-", "/").replace("T", " ");
    yield* this.process.print(`${this.started ? "" : `${time} `}[${severity}] ${text}\n`);
  }

  /** CoreDNS comes up; what is behind it waits for its pidfile. */
  *run(client: ApiClient): Task<number> {
    const { process, params } = this;
    yield* this.log("INFO", `Starting node-cache image: ${VERSION}`);
    yield* this.log("INFO", `Using Corefile ${params.coreFile}`);
    if (params.pidfile !== undefined) yield* this.log("INFO", `Using Pidfile ${params.pidfile}`);
    const written = yield* this.writeCorefile();
    if (!written) return 1;
    if (params.setupInterface) yield* this.ensureInterface();
    const at = params.metricsAddress.lastIndexOf(":");
    const stopMetrics = servePages(
      process,
      {
        name: "node-cache",
        address: parseIpv4(params.metricsAddress.slice(0, at)) ?? IPV4_ANY,
        port: Number(params.metricsAddress.slice(at + 1)),
      },
      () => page(200, "# flannelgraph: metrics are not modelled\n"),
    );
    if (params.pidfile !== undefined)
      yield* this.log("INFO", `waiting for coredns pidfile '${params.pidfile}'`);
    this.started = true;
    if (params.pidfile !== undefined) writeText(process.host.fs, params.pidfile, `${process.pid}\n`);
    const periodic = new Coroutine(process.host.queue, this.keepNetworking()).start();
    for (const signal of ["TERM", "INT"]) process.handle(signal);
    try {
      return yield* runCore(process, params.coreFile, client);
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error;
      periodic.kill("KILL");
      yield* this.log("INFO", `SIG${error.signal}: Shutting down servers then terminating`);
      if (!params.skipTeardown) yield* this.tearDown();
      return 0;
    } finally {
      periodic.kill("KILL");
      stopMetrics?.();
    }
  }

  /** The Corefile out of its template. Models: updateCorefile, for a kube-dns ConfigMap that says nothing. */
  private *writeCorefile(): Task<boolean> {
    const { process, params } = this;
    const { fs } = process.host;
    for (const key of ["stubDomains", "upstreamNameservers"])
      if (fs.stat(`/etc/kube-dns/${key}`) !== undefined) {
        yield* process.printError(`flannelgraph: ${key} of the ConfigMap kube-dns is not modelled yet\n`);
        return false;
      }
    const variable = `${params.upstreamService.replaceAll("-", "_").toUpperCase()}_SERVICE_HOST`;
    const clusterDns = process.env.get(variable);
    if (clusterDns === undefined)
      yield* this.log(
        "WARNING",
        `Unable to lookup IP address of Upstream service ${params.upstreamService}, env $${variable} \`\``,
      );
    const base = readText(fs, params.baseCoreFile);
    if (!base.ok) {
      yield* this.log(
        "ERROR",
        `Failed to read node-cache coreFile ${params.baseCoreFile} - open ${params.baseCoreFile}: ${base.error}`,
      );
      return true;
    }
    const text = base.value
      .replaceAll("__PILLAR__UPSTREAM__SERVERS__", "/etc/resolv.conf")
      .replaceAll("__PILLAR__CLUSTER__DNS__", clusterDns ?? "<nil>")
      .replaceAll("__PILLAR__LOCAL__DNS__", params.localIps.map(formatIpv4).join(" "))
      .replaceAll("__PILLAR__DNS__SERVER__", "");
    writeText(fs, params.coreFile, text);
    yield* this.log(
      "INFO",
      "Updated Corefile with 0 custom stubdomains and upstream servers /etc/resolv.conf",
    );
    yield* this.log("INFO", `Using config file:\n${text}`);
    return true;
  }

  /** Rules and device as soon as CoreDNS runs, and again every minute. Models: runPeriodic, setupNetworking. */
  private *keepNetworking(): Task<void> {
    for (let wait = seconds(1); ; wait = seconds(60)) {
      yield* sleep(wait);
      const iptables = new GoIptables(this.process.net);
      if (this.params.setupIptables)
        for (const rule of this.rules) {
          if (iptables.exists(rule.table, rule.chain, specOf(rule))) continue;
          iptables.insertUnique(rule.table, rule.chain, specOf(rule));
          yield* this.log("INFO", `Added back nodelocaldns rule - ${shown(rule)}`);
        }
      if (this.params.setupInterface) yield* this.ensureInterface();
    }
  }

  /** The device is never up: its addresses are local ones all the same. Models: pkg/netif. */
  private *ensureInterface(): Task<void> {
    const { interfaceName: name, localIps } = this.params;
    const { link, address } = this.process.net;
    const there = link.byName(name);
    if (there === undefined) {
      const added = link.add({ kind: "dummy", name });
      if (!added.ok)
        yield* this.log("ERROR", `Failed to add non-existent interface ${name}: ${goErrno(added.error)}`);
      yield* this.log("INFO", `Added interface - ${name}`);
    }
    const device = link.byName(name);
    if (device === undefined) return;
    const held = address.list().filter(({ dev }) => dev === device.index);
    for (const local of localIps)
      if (!held.some((each) => each.local === local))
        address.add({ dev: device.index, local, prefixLength: 32 });
  }

  private *tearDown(): Task<void> {
    yield* this.log("INFO", "Tearing down");
    const iptables = new GoIptables(this.process.net);
    if (this.params.setupIptables)
      for (const rule of this.rules) iptables.deleteIfExists(rule.table, rule.chain, specOf(rule));
    const { link } = this.process.net;
    const device = link.byName(this.params.interfaceName);
    if (this.params.setupInterface && device !== undefined) link.delete(device.index);
  }
}

export function nodeCache(store: ApiStore): Program {
  return function* (process): Task<number> {
    const params = paramsOf(process.argv);
    if (!params.ok) {
      yield* process.printError(`[FATAL] Error parsing flags - ${params.error}, Exiting\n`);
      return 1;
    }
    return yield* new CacheApp(process, params.value).run(new ApiClient(store, "node-cache"));
  };
}

export function nodeCacheImages(store: ApiStore): readonly ImageSpec[] {
  return ["registry.k8s.io/dns/k8s-dns-node-cache", "k8s.gcr.io/dns/k8s-dns-node-cache"].map(
    (repository) => ({
      repository,
      executables: { "/node-cache": "node-cache" },
      programs: new Map([["node-cache", nodeCache(store)]]),
      entrypoint: ["/node-cache"],
    }),
  );
}
