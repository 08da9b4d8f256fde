import { Coroutine, Signal, type Task } from "../../sim/task.ts";
import { type Nanos, seconds } from "../../sim/time.ts";
import { Exit, fail, program, refuse } from "../args/exit.ts";
import type { Process } from "../os/process.ts";
import { waitAny } from "../select/select.ts";
import { acceptStream, leave } from "../stream/stream.ts";
import { parseAddress, type SocatAddress } from "./address.ts";
import { datagramEnd, type End, streamEnd } from "./end.ts";
import { openAddress, type Opened } from "./open.ts";

/** socat(1) 1.7.4: two addresses, and what comes from one goes to the other. */

interface SocatOptions {
  /** -u and -U: one direction only. */
  direction: "both" | "forward" | "backward";
  /** -t: how long the other direction may go on after the end of one, seconds. */
  linger: number;
  /** -T: seconds without any byte; undefined is for ever. */
  idle: number | undefined;
  addresses: readonly string[];
}

const LINGER = 0.5;

function readOptions(argv: readonly string[]): SocatOptions {
  const words = argv.slice(1);
  const draft: SocatOptions = { direction: "both", linger: LINGER, idle: undefined, addresses: [] };
  while (words[0]?.startsWith("-") === true && words[0] !== "-") {
    const word = words.shift() ?? "";
    if (word === "-u") draft.direction = "forward";
    else if (word === "-U") draft.direction = "backward";
    else if (word.startsWith("-t")) draft.linger = Number(word.slice(2) || words.shift());
    else if (word.startsWith("-T")) draft.idle = Number(word.slice(2) || words.shift());
    else if (/^-(d+|s|4|ly|lu)$/.test(word)) continue;
    else if (word === "-b") words.shift();
    else refuse(`socat ${word}`);
  }
  draft.addresses = words;
  if (words.length !== 2)
    fail(
      1,
      `socat[1] E exactly 2 addresses required (there are ${words.length}); use option "-h" for help\n`,
    );
  return draft;
}

/** Both directions until both have ended, or one has and the other says nothing for a while. Models: _socat. */
function* transfer(process: Process, options: SocatOptions, first: End, second: End): Task<void> {
  const { queue } = process.host;
  const moved = new Signal();
  let open = 0;
  const pump = (from: End, to: End): Coroutine<void> => {
    open++;
    return new Coroutine(
      queue,
      (function* () {
        for (let bytes = yield* from.read(); bytes !== null; bytes = yield* from.read()) {
          moved.fire();
          if (!(yield* to.write(bytes))) break;
        }
        open--;
        to.shutdown();
        moved.fire();
      })(),
    ).start();
  };
  const pumps: Coroutine<void>[] = [];
  if (options.direction !== "backward") pumps.push(pump(first, second));
  if (options.direction !== "forward") pumps.push(pump(second, first));
  const all = pumps.length;
  try {
    while (open > 0) {
      const limit: Nanos | undefined =
        open < all ? seconds(options.linger) : options.idle === undefined ? undefined : seconds(options.idle);
      if (limit === undefined) yield* moved.wait();
      else if (!(yield* waitAny([moved], limit))) return;
    }
  } finally {
    for (const coroutine of pumps) coroutine.kill("KILL");
  }
}

/** Opens the second address for what came in by the first, and relays. */
function* talk(process: Process, options: SocatOptions, first: End, other: SocatAddress): Task<number> {
  let second: End | undefined;
  try {
    const opened = yield* openAddress(process, other);
    second = yield* endOf(process, opened);
    if (second === undefined) return 1;
    yield* transfer(process, options, first, second);
    return 0;
  } finally {
    first.close();
    second?.close();
  }
}

/** The one end of an address that is not to be shared: a listener gives its first connection. */
function* endOf(process: Process, opened: Opened): Task<End | undefined> {
  switch (opened.kind) {
    case "end":
      return opened.end;
    case "listener": {
      const socket = yield* acceptStream(opened.socket);
      opened.socket.close();
      return socket === undefined ? undefined : streamEnd(process, socket);
    }
    case "datagrams": {
      const { socket, mode } = opened;
      if (mode === "all") return datagramEnd(socket, undefined);
      for (;;) {
        const got = socket.receive();
        if (!got.ok) continue;
        if (got.value === undefined) {
          if (socket.closed) return undefined;
          yield* socket.readable.wait();
          continue;
        }
        if (mode === "listen") socket.connect(got.value.from);
        return datagramEnd(socket, got.value.from, got.value.bytes, mode === "from");
      }
    }
  }
}

/** `fork`: a child for everybody who comes. */
function* serve(
  process: Process,
  options: SocatOptions,
  first: SocatAddress,
  other: SocatAddress,
  begun: Opened,
): Task<number> {
  const children = new Set<Coroutine<number>>();
  let opened = begun;
  try {
    for (;;) {
      const end = yield* nextOf(process, opened);
      if (end === undefined) return 0;
      const child = new Coroutine(process.host.queue, guarded(process, talk(process, options, end, other)));
      for (const old of children) if (!old.alive) children.delete(old);
      children.add(child.start());
      // The child has the datagram socket; the next one waits on its own.
      if (opened.kind === "datagrams") opened = yield* openAddress(process, first);
    }
  } finally {
    if (opened.kind !== "end") opened.socket.close();
    for (const child of children) child.kill("KILL");
  }
}

/** Who comes next. */
function* nextOf(process: Process, opened: Opened): Task<End | undefined> {
  if (opened.kind !== "listener") return yield* endOf(process, opened);
  const socket = yield* acceptStream(opened.socket);
  return socket === undefined ? undefined : streamEnd(process, socket);
}

/** A child's failure is its own. */
function* guarded(process: Process, task: Task<number>): Task<number> {
  try {
    return yield* task;
  } catch (error) {
    if (!(error instanceof Exit)) throw error;
    yield* process.printError(error.text);
    return error.status;
  }
}

function* main(process: Process): Task<number> {
  const options = readOptions(process.argv);
  const [first, second] = options.addresses.map(parseAddress);
  if (first === undefined || second === undefined) return 1;
  const opened = yield* openAddress(process, first);
  try {
    if (opened.kind !== "end" && opened.fork) return yield* serve(process, options, first, second, opened);
    const end = yield* endOf(process, opened);
    if (end === undefined) return 1;
    const status = yield* talk(process, options, end, second);
    yield* leave();
    return status;
  } finally {
    if (opened.kind !== "end") opened.socket.close();
  }
}

export const socat = program(main);
