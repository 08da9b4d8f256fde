import { must } from "../../base/result.ts";
import { background } from "../../container/background.ts";
import { relay } from "../../k8s/relay.ts";
import type { StreamSocket } from "../../kernel/uapi/index.ts";
import { sleep, type Task } from "../../sim/task.ts";
import { seconds } from "../../sim/time.ts";
import type { Process, Program } from "../../userland/os/process.ts";
import { acceptStream, connectStream } from "../../userland/stream/stream.ts";
import type { Ipv4 } from "../../wire/address.ts";
import { listen } from "./servers.ts";

/** HAProxy's usual `timeout connect`. */
const CONNECT_TIMEOUT = seconds(5);
/** `check inter 2s fall 3 rise 2`, HAProxy's defaults. */
const INTERVAL = seconds(2);
const FALL = 3;
const RISE = 2;

export interface Target {
  readonly address: Ipv4;
  readonly port: number;
}

/** A target and what the checks say of it; it counts as up until they say otherwise. */
class Server {
  readonly target: Target;
  up = true;
  /** Checks in a row that say the opposite of `up`. */
  private against = 0;

  constructor(target: Target) {
    this.target = target;
  }

  note(answered: boolean): void {
    this.against = answered === this.up ? 0 : this.against + 1;
    if (this.against < (this.up ? FALL : RISE)) return;
    this.up = answered;
    this.against = 0;
  }
}

function* check(process: Process, server: Server): Task<void> {
  for (;;) {
    const socket = process.net.socket.tcp("haproxy");
    const outcome = yield* connectStream(socket, server.target, INTERVAL);
    socket.close();
    server.note(outcome === "connected");
    yield* sleep(INTERVAL);
  }
}

/**
 * A balancer for TCP: each connection is joined to a new one with the next server in turn; one that does not accept is passed
 * over, one that fails its checks is left out. Models: HAProxy's `mode tcp`, `balance roundrobin`, `option redispatch`, `check`.
 */
export function balancer(port: number, targets: readonly Target[]): Program {
  return function* (process): Task<number> {
    const servers = targets.map((target) => new Server(target));
    let turn = 0;
    const join = function* (client: StreamSocket): Task<void> {
      for (let tries = 0; tries < servers.length; tries++) {
        const candidates = servers.filter(({ up }) => up);
        if (candidates.length === 0) break;
        const { target } = must(candidates[turn++ % candidates.length], "server");
        const socket = process.net.socket.tcp("haproxy");
        const outcome = yield* connectStream(socket, target, CONNECT_TIMEOUT);
        if (outcome === "connected") {
          yield* relay(process.host.queue, client, socket);
          return;
        }
        socket.close();
      }
      client.close();
    };
    const listener = yield* listen(process, port);
    if (listener === undefined) return 1;
    const { queue } = process.host;
    const checks = servers.map((server) => background(queue, check(process, server)));
    try {
      for (;;) {
        const client = yield* acceptStream(listener);
        if (client === undefined) return 0;
        background(queue, join(client));
      }
    } finally {
      for (const each of checks) each.kill("KILL");
      listener.close();
    }
  };
}
