import { readText } from "../../../container/files.ts";
import { must } from "../../../base/result.ts";
import { background } from "../../../container/background.ts";
import type { StreamSocket } from "../../../kernel/uapi/index.ts";
import { type Coroutine, Signal, sleep, type Task } from "../../../sim/task.ts";
import { millis, type Nanos, seconds } from "../../../sim/time.ts";
import type { Timer } from "../../../sim/queue.ts";
import type { Process, Program } from "../../../userland/os/process.ts";
import { acceptStream } from "../../../userland/stream/stream.ts";
import { formatIpv4, IPV4_ANY, type Ipv4 } from "../../../wire/address.ts";
import { sameJson } from "../../../formats/json.ts";
import { type BgpConfig, type BirdConfig, type ProtocolConfig } from "./config.ts";
import { BgpProtocol, type BgpSurroundings } from "./bgp.ts";
import { answer } from "./commands.ts";
import { listenControl } from "./control.ts";
import { KernelProtocol, replaceRoutes, scanDirect } from "./kernel.ts";
import { parseBirdConfig } from "./parser.ts";
import { type Route, RouteTable } from "./table.ts";

/** How long changes are gathered before neighbours and kernel hear of them. */
const GATHER = millis(1);
/** From a change of the kernel's tables to the daemon's look at them. */
const NOTICE = millis(20);
const RECOVERY_WAIT = 240;
const BACKLOG = 8;

interface Recovery {
  readonly began: Nanos;
  readonly waiting: Set<string>;
}

/** Everything of a BGP protocol that a running session cannot change under way. */
function sessionKey(config: BgpConfig): unknown {
  const { importFilter: _, exportFilter: __, description: ___, ...rest } = config;
  return rest;
}

/** The daemon: its table and its protocols. */
export class Bird {
  readonly process: Process;
  readonly started: Nanos;
  reconfigured: Nanos;
  config: BirdConfig;
  readonly table = new RouteTable();
  readonly bgp = new Map<string, BgpProtocol>();
  readonly kernel: KernelProtocol;
  routerId: Ipv4;
  /** While a graceful restart is under way. */
  recovery: Recovery | undefined;
  private readonly print: (text: string) => void;
  private readonly dirty = new Set<string>();
  private gathering: Timer | null = null;
  private scanning: Timer | null = null;
  private listener: StreamSocket | undefined;
  private accepting: Coroutine<void> | null = null;

  constructor(process: Process, config: BirdConfig, print: (text: string) => void, recover: boolean) {
    this.process = process;
    this.config = config;
    this.print = print;
    this.started = process.host.queue.now;
    this.reconfigured = this.started;
    this.routerId = config.routerId ?? IPV4_ANY;
    this.kernel = new KernelProtocol(process.net, this.table);
    const names = config.protocols.filter(({ kind }) => kind === "bgp").map(({ name }) => name);
    if (recover && names.length > 0) this.recovery = { began: this.started, waiting: new Set(names) };
    this.kernel.locked = this.recovery !== undefined;
    this.table.onChange = (net) => this.changed(net);
  }

  /** Starts every protocol, and the listener. The result stops the daemon; routes stay when the kernel protocol persists. */
  start(): () => void {
    const { net } = this.process;
    for (const { name, kind } of this.config.protocols)
      if (kind !== "kernel" && kind !== "static") this.log(`${name}: Initializing`);
    this.statics();
    this.scan();
    this.listen();
    for (const config of this.config.protocols) if (config.kind === "bgp") this.add(config);
    this.log(this.recovery === undefined ? "Started" : "Graceful restart started");
    if (this.recovery !== undefined) this.log("Started");
    const unsubscribe = net.subscribe(["link", "address", "route"], () => this.noticed());
    const patience = this.process.host.queue.after(seconds(RECOVERY_WAIT), () => this.endRecovery());
    return () => {
      unsubscribe();
      patience.cancel();
      this.stop();
    };
  }

  log(text: string): void {
    this.print(`bird: ${text}\n`);
  }

  pathIdOf(protocol: string): number {
    return this.config.protocols.findIndex(({ name }) => name === protocol) + 1;
  }

  /** SIGHUP: what did not change goes on. Models: nest/proto.c protos_commit. */
  reconfigure(config: BirdConfig): void {
    this.log("Reconfiguring");
    this.config = config;
    this.reconfigured = this.process.host.queue.now;
    const wanted = new Map(
      config.protocols.flatMap((each) => (each.kind === "bgp" ? [[each.name, each]] : [])),
    );
    for (const [name, protocol] of this.bgp) {
      const next = wanted.get(name);
      if (next !== undefined && sameJson(sessionKey(protocol.config), sessionKey(next))) continue;
      this.log(`${next === undefined ? "Removing" : "Restarting"} protocol ${name}`);
      protocol.stop(next === undefined ? 3 : 6);
      this.bgp.delete(name);
      this.recovered(name);
    }
    this.statics();
    for (const [name, next] of wanted) {
      const running = this.bgp.get(name);
      if (running !== undefined) running.reconfigure(next, config);
      else {
        this.log(`Adding protocol ${name}`);
        this.add(next);
      }
    }
    for (const net of this.table.keys()) this.changed(net);
    this.scan();
    this.log("Reconfigured");
  }

  /** A protocol goes down until it is enabled again (birdcl disable, enable). */
  toggle(name: string, up: boolean): boolean {
    const protocol = this.bgp.get(name);
    if (protocol === undefined) return false;
    if (!up) protocol.stop(2);
    else if (protocol.state === "Down") {
      this.bgp.delete(name);
      this.add(protocol.config);
    }
    return true;
  }

  private add(config: BgpConfig): void {
    const around: BgpSurroundings = {
      process: this.process,
      table: this.table,
      routerId: this.routerId,
      recovering: () => this.recovery !== undefined,
      recovered: (name) => this.recovered(name),
      log: (text) => this.log(text),
      pathIdOf: (protocol) => this.pathIdOf(protocol),
    };
    const protocol = new BgpProtocol(around, config, this.config);
    this.bgp.set(config.name, protocol);
    protocol.start();
  }

  private configs<K extends ProtocolConfig["kind"]>(kind: K): Extract<ProtocolConfig, { kind: K }>[] {
    return this.config.protocols.filter(
      (each): each is Extract<ProtocolConfig, { kind: K }> => each.kind === kind,
    );
  }

  private statics(): void {
    for (const config of this.configs("static")) {
      const wanted = new Map<string, Route>();
      for (const { prefix, via } of config.routes) {
        const way = via === undefined ? undefined : this.table.lookUp(via)?.destination;
        const dev = way !== undefined && "dev" in way ? way.dev : undefined;
        wanted.set(`${formatIpv4(prefix.address)}/${prefix.length}`, {
          net: prefix,
          protocol: config.name,
          pathId: 0,
          preference: 200,
          source: "RTS_STATIC",
          destination:
            via === undefined
              ? { kind: "blackhole" }
              : dev === undefined
                ? { kind: "unreachable" }
                : { kind: "gateway", via, dev },
          learnt: undefined,
          since: this.process.host.queue.now,
        });
      }
      replaceRoutes(this.table, config.name, wanted);
    }
  }

  /** Looks at addresses and routes of the kernel. */
  private scan(): void {
    const { net, host } = this.process;
    for (const config of this.configs("direct")) scanDirect(net, config, this.table, host.queue.now);
    for (const config of this.configs("kernel")) {
      if (config.learn) this.kernel.learn(config, host.queue.now);
      this.kernel.syncAll(config, this.config);
    }
    for (const protocol of this.bgp.values()) protocol.routes.resolveAgain();
  }

  private noticed(): void {
    this.scanning ??= this.process.host.queue.after(NOTICE, () => {
      this.scanning = null;
      this.scan();
    });
  }

  private changed(net: string): void {
    this.dirty.add(net);
    this.gathering ??= this.process.host.queue.after(GATHER, () => {
      this.gathering = null;
      const nets = [...this.dirty];
      this.dirty.clear();
      for (const config of this.configs("kernel")) this.kernel.sync(config, this.config, nets);
      for (const protocol of this.bgp.values()) {
        for (const each of nets) protocol.routesChanged(each);
        protocol.flushUpdates();
      }
    });
  }

  private recovered(name: string): void {
    if (this.recovery === undefined) return;
    this.recovery.waiting.delete(name);
    if (this.recovery.waiting.size === 0) this.endRecovery();
  }

  private endRecovery(): void {
    if (this.recovery === undefined) return;
    this.recovery = undefined;
    this.kernel.locked = false;
    this.log("Graceful restart done");
    for (const config of this.configs("kernel")) this.kernel.syncAll(config, this.config);
  }

  private listen(): void {
    const listener = this.process.net.socket.tcp("bird");
    listener.setOptions({ reuseAddress: true, tos: 0xc0, ttl: 255 });
    const address = this.config.listenAddress ?? IPV4_ANY;
    if (!listener.bind({ address, port: this.config.listenPort }).ok || !listener.listen(BACKLOG).ok) {
      this.log(`<ERR> Cannot open BGP listening socket`);
      listener.close();
      return;
    }
    this.listener = listener;
    this.accepting = background(this.process.host.queue, this.accept(listener));
  }

  private *accept(listener: StreamSocket): Task<void> {
    for (;;) {
      const socket = yield* acceptStream(listener, "bird");
      if (socket === undefined) return;
      socket.setOptions({ ttl: 64, tos: 0xc0 });
      const from = socket.remote()?.address;
      const protocol = [...this.bgp.values()].find(({ config }) => config.neighbor === from);
      if (protocol?.offer(socket) !== true) {
        if (protocol === undefined && typeof from === "number")
          this.log(`<WARN> BGP: Unexpected connect from unknown address ${formatIpv4(from)}`);
        socket.close();
      }
    }
  }

  private stop(): void {
    this.gathering?.cancel();
    this.scanning?.cancel();
    this.accepting?.kill("KILL");
    this.listener?.close();
    this.table.onChange = null;
    for (const protocol of this.bgp.values()) protocol.stop(2);
    const [kernel] = this.configs("kernel");
    if (kernel?.persist !== true) this.kernel.flush();
  }

  /** The process died: its sockets are closed, nobody says a last word. */
  die(): void {
    this.gathering?.cancel();
    this.scanning?.cancel();
    this.accepting?.kill("KILL");
    this.listener?.close();
    this.table.onChange = null;
    for (const protocol of this.bgp.values()) protocol.abandon();
  }
}

/** -c, -s, -d, -R, -p. */
function optionsOf(argv: readonly string[]): {
  config: string;
  socket: string;
  recover: boolean;
  parseOnly: boolean;
} {
  const after = (flag: string, otherwise: string): string => {
    const at = argv.indexOf(flag);
    return at < 0 ? otherwise : (argv[at + 1] ?? otherwise);
  };
  return {
    config: after("-c", "/etc/bird.conf"),
    socket: after("-s", "/var/run/bird.ctl"),
    recover: argv.includes("-R"),
    parseOnly: argv.includes("-p"),
  };
}

function load(process: Process, path: string): BirdConfig {
  return parseBirdConfig(path, (each) => {
    const text = readText(process.host.fs, each);
    return text.ok ? text.value : undefined;
  });
}

/**
 * BIRD, the routing daemon in calico-node, IPv4. It reads its configuration anew on SIGHUP, and tells the neighbours when
 * it ends by SIGTERM.
 *
 * Models: BIRD 1.6.8 with Calico's krt_tunnel. Departure: routes are listed in the order of addresses.
 */
export const bird: Program = function* (process): Task<number> {
  const options = optionsOf(process.argv);
  let config: BirdConfig;
  try {
    config = load(process, options.config);
  } catch (error) {
    yield* process.print(`bird: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
  if (options.parseOnly) return 0;
  const lines: string[] = [];
  const wake = new Signal();
  const state = { ending: false };
  const print = (text: string): void => {
    lines.push(text);
    wake.fire();
  };
  const daemon = new Bird(process, config, print, options.recover);
  process.onSignal("HUP", () => {
    try {
      daemon.reconfigure(load(process, options.config));
    } catch (error) {
      print(`bird: ${error instanceof Error ? error.message : String(error)}\n`);
    }
  });
  process.onSignal("TERM", () => {
    state.ending = true;
    wake.fire();
  });
  const stop = daemon.start();
  const close = listenControl(process.host, options.socket, (command) => answer(daemon, command));
  let orderly = false;
  try {
    for (;;) {
      while (lines.length > 0) yield* process.print(must(lines.shift(), "a line"));
      if (state.ending) break;
      yield* wake.wait();
    }
    print("bird: Shutting down\n");
    stop();
    yield* sleep(millis(20));
    print("bird: Shutdown completed\n");
    while (lines.length > 0) yield* process.print(must(lines.shift(), "a line"));
    orderly = true;
    return 0;
  } finally {
    if (!orderly) daemon.die();
    close(orderly);
  }
};
