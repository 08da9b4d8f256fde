import type { DatagramSocket, SocketError } from "../../kernel/uapi/index.ts";
import type { Task } from "../../sim/task.ts";
import { addTime, type Nanos, nanos, seconds } from "../../sim/time.ts";
import { formatIpv4, type Ipv4 } from "../../wire/address.ts";
import { fail, program, refuse } from "../args/exit.ts";
import { getopt } from "../args/getopt.ts";
import type { Process } from "../os/process.ts";
import { isIpv6Text } from "../resolver/addresses.ts";
import { RESOLVE_TEXT, resolveAddress, resolveHost } from "../resolver/resolver.ts";

/** tracepath(8) of iputils 20221126, over IPv4. */

const VERSION = `tracepath from iputils 20221126
libcap: yes, IDN: yes, NLS: no, error.h: yes, getrandom(): yes, __fpending(): yes
`;

const USAGE = `
Usage
  tracepath [options] <destination>

Options:
  -4             use IPv4
  -6             use IPv6
  -b             print both name and ip
  -l <length>    use packet <length>
  -m <hops>      use maximum <hops>
  -n             no dns name resolution
  -p <port>      use destination <port>
  -V             print version and exit
  <destination>  dns name or ip address

For more details see tracepath(8).
`;

const USAGE_STATUS = 255;
const DEFAULT_PORT = 44444;
const DEFAULT_HOPS = 30;
const LARGEST = 65535;
/** IP and UDP headers. */
const OVERHEAD = 28;
const PATIENCE = seconds(1);
const TRIES = 3;
const NAME_WIDTH = 51;

interface Options {
  readonly target: string;
  readonly length: number | undefined;
  readonly maxHops: number;
  readonly port: number;
  readonly numeric: boolean;
  readonly both: boolean;
}

function readOptions(argv: readonly string[]): Options {
  const given = getopt(argv, "46nbh?l:m:p:V");
  if (given.complaint !== undefined) fail(USAGE_STATUS, given.complaint + USAGE);
  const has = (letter: string): boolean => given.options.some((option) => option.letter === letter);
  const number = (letter: string, fallback: number): number => {
    const value = given.options.findLast((option) => option.letter === letter)?.value;
    if (value === undefined) return fallback;
    if (!/^\d+$/.test(value)) fail(1, `tracepath: invalid argument: '${value}'\n`);
    return Number(value);
  };
  if (has("V")) fail(0, VERSION);
  if (has("6")) refuse("tracepath over IPv6");
  const [target] = given.operands;
  if (has("h") || has("?") || target === undefined || given.operands.length > 1) fail(USAGE_STATUS, USAGE);
  const slash = /^(.*)\/(\d+)$/.exec(target);
  return {
    target: slash?.[1] ?? target,
    length: has("l") ? number("l", 0) : undefined,
    maxHops: number("m", DEFAULT_HOPS),
    port: number("p", slash === null ? DEFAULT_PORT : Number(slash[2])),
    numeric: has("n"),
    both: has("b"),
  };
}

/** What a probe came to: an error told something, or nobody said anything; `end` when there is no going on. */
type Outcome = "end" | "progress" | "silence";

class Tracepath {
  private readonly process: Process;
  private readonly options: Options;
  private readonly socket: DatagramSocket;
  private readonly target: Ipv4;
  private mtu: number;
  private port: number;
  private ttl = 0;
  private readonly sentAt = new Map<number, { readonly ttl: number; readonly time: Nanos }>();
  private hopsTo: number | undefined;
  private hopsBack: number | undefined;

  constructor(process: Process, options: Options, socket: DatagramSocket, target: Ipv4) {
    this.process = process;
    this.options = options;
    this.socket = socket;
    this.target = target;
    this.mtu = options.length ?? LARGEST;
    this.port = options.port;
  }

  /** Models: iputils tracepath.c main: a hop whose probe taught a smaller MTU is tried once more. */
  *run(): Task<number> {
    let ended = false;
    for (this.ttl = 1; this.ttl <= this.options.maxHops && !ended; this.ttl++) {
      this.socket.setOptions({ ttl: this.ttl });
      let outcome: Outcome = "silence";
      for (let tries = 0; tries < TRIES;) {
        const before = this.mtu;
        outcome = yield* this.probe();
        if (this.mtu !== before) {
          tries = 0;
          continue;
        }
        if (outcome !== "silence") break;
        tries++;
      }
      if (outcome === "silence") yield* this.process.print(`${this.hop(this.ttl)}:  no reply\n`);
      ended = outcome === "end";
    }
    if (!ended) yield* this.process.print(`     Too many hops: pmtu ${this.mtu}\n`);
    let summary = `     Resume: pmtu ${this.mtu} `;
    if (this.hopsTo !== undefined) summary += `hops ${this.hopsTo} `;
    if (this.hopsBack !== undefined) summary += `back ${this.hopsBack} `;
    yield* this.process.print(`${summary}\n`);
    return 0;
  }

  private hop(ttl: number): string {
    return String(ttl).padStart(2);
  }

  private *probe(): Task<Outcome> {
    for (;;) {
      const bytes = new Uint8Array(Math.max(0, this.mtu - OVERHEAD));
      // struct probehdr: the TTL, and when it was sent, which differs anyway.
      if (bytes.length > 0) bytes[0] = this.ttl;
      const sent = this.socket.send(bytes, {
        address: this.target,
        port: this.port,
      });
      if (sent.ok) break;
      const before = this.mtu;
      const outcome = yield* this.takeErrors();
      if (outcome === "end") return outcome;
      if (this.mtu === before) return "silence";
    }
    this.sentAt.set(this.port++, { ttl: this.ttl, time: this.process.host.queue.now });
    const until = addTime(this.process.host.queue.now, PATIENCE);
    for (;;) {
      const outcome = yield* this.takeErrors();
      const { now } = this.process.host.queue;
      if (outcome !== "silence" || now >= until) return outcome;
      const received = this.socket.receive();
      if (received.ok && received.value !== undefined) {
        yield* this.process.print(`${this.hop(this.ttl)}?: reply received 8)\n`);
        return "end";
      }
      yield* this.socket.readable.waitAtMost(nanos(until - now));
    }
  }

  private *takeErrors(): Task<Outcome> {
    let outcome: Outcome = "silence";
    for (let error = this.socket.receiveError(); error !== undefined; error = this.socket.receiveError()) {
      outcome = yield* this.report(error);
      if (outcome === "end") return outcome;
    }
    return outcome;
  }

  private *report(error: SocketError): Task<Outcome> {
    if (error.origin === "local") return yield* this.reportLocal(error);
    const sent = this.sentAt.get(error.to.port);
    const ttl = sent?.ttl ?? this.ttl;
    const micros = sent === undefined ? 0 : Math.floor((error.time - sent.time) / 1000);
    const time = `${String(Math.floor(micros / 1000)).padStart(3)}.${String(micros % 1000).padStart(3, "0")}ms `;
    const name = (yield* this.nameOf(error.offender ?? this.target)).padEnd(NAME_WIDTH);
    const line = `${this.hop(ttl)}:  ${name} ${time}`;
    const back = error.ttl === undefined ? undefined : hopsOf(error.ttl);
    switch (error.errno) {
      case "EMSGSIZE":
        yield* this.process.print(`${line}pmtu ${error.info}\n`);
        this.mtu = error.info;
        return "progress";
      case "ECONNREFUSED":
        yield* this.process.print(`${line}reached\n`);
        this.hopsTo = ttl;
        this.hopsBack = back;
        return "end";
      case "EHOSTUNREACH":
        if (error.type === 11 && error.code === 0) {
          const asymmetric = back !== undefined && back !== ttl ? `asymm ${String(back).padStart(2)} ` : "";
          yield* this.process.print(`${line}${asymmetric}\n`);
          return "progress";
        }
        yield* this.process.print(`${line}!H\n`);
        return "end";
      default: {
        const mark = { EPROTO: "!P", ENETUNREACH: "!N", EACCES: "!A" }[error.errno as string];
        if (mark === undefined) refuse(`${error.errno} in tracepath`);
        yield* this.process.print(`${line}${mark}\n`);
        return "end";
      }
    }
  }

  private *reportLocal(error: SocketError): Task<Outcome> {
    if (error.errno !== "EMSGSIZE") refuse(`${error.errno} in tracepath`);
    const name = "[LOCALHOST]".padEnd(33);
    yield* this.process.print(`${this.hop(this.ttl)}?: ${name}pmtu ${error.info}\n`);
    this.mtu = error.info;
    return "progress";
  }

  private *nameOf(address: Ipv4): Task<string> {
    const text = formatIpv4(address);
    if (this.options.numeric) return text;
    const name = (yield* resolveAddress(this.process, address)) ?? "???";
    return this.options.both ? `${name} (${text})` : name;
  }
}

/** How many hops a packet came, by what is left of a TTL of 64, 128 or 255. */
function hopsOf(ttl: number): number {
  if (ttl <= 64) return 65 - ttl;
  return ttl <= 128 ? 129 - ttl : 256 - ttl;
}

function* main(process: Process): Task<number> {
  const options = readOptions(process.argv);
  if (isIpv6Text(options.target)) refuse("tracepath over IPv6");
  const found = yield* resolveHost(process, options.target);
  if (!found.ok) fail(1, `tracepath: ${options.target}: ${RESOLVE_TEXT[found.error]}\n`);
  const socket = process.net.socket.udp("tracepath");
  try {
    socket.setOptions({ mtuDiscover: "do", receiveErrors: true });
    return yield* new Tracepath(process, options, socket, found.value.addresses[0]!).run();
  } finally {
    socket.close();
  }
}

export const tracepath = program(main);
