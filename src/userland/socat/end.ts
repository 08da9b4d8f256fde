import type { DatagramSocket, Endpoint, StreamSocket } from "../../kernel/uapi/index.ts";
import { sleep, type Task } from "../../sim/task.ts";
import { canRun, prepareCommand } from "../os/exec.ts";
import { fail } from "../args/exit.ts";
import { type OpenFile, Pipe } from "../os/io.ts";
import { Process } from "../os/process.ts";
import { receiveSome, sendAll, WAKE_LATENCY } from "../stream/stream.ts";

/** An opened address: where bytes come from and go to. */
export interface End {
  /** Null at the end, and when reading fails. */
  read(): Task<Uint8Array | null>;
  /** False when nobody takes it any more. */
  write(bytes: Uint8Array): Task<boolean>;
  /** No more will be written. */
  shutdown(): void;
  close(): void;
}

const BUFFER = 8192;

/** A connection. socat shuts it down before it closes it: what was not read resets it only if the peer still sends. */
export function streamEnd(process: Process, socket: StreamSocket): End {
  return {
    *read() {
      const got = yield* receiveSome(socket);
      return got === "timeout" || !got.ok ? null : got.value;
    },
    *write(bytes) {
      return (yield* sendAll(socket, bytes)) === undefined;
    },
    shutdown: () => void socket.shutdown("write"),
    close: () => {
      socket.shutdown("both");
      process.host.queue.after(WAKE_LATENCY, () => socket.close());
    },
  };
}

/** Datagrams of one peer; `first` came already. `one`: the end follows the first (UDP-RECVFROM). */
export function datagramEnd(
  socket: DatagramSocket,
  to: Endpoint | undefined,
  first?: Uint8Array,
  one = false,
): End {
  let waiting = first;
  let over = false;
  return {
    *read() {
      if (waiting !== undefined) {
        const bytes = waiting;
        waiting = undefined;
        over = one;
        return bytes;
      }
      while (!over) {
        const got = socket.receive();
        if (!got.ok) return null;
        if (got.value !== undefined) return got.value.bytes;
        if (socket.closed) return null;
        yield* socket.readable.wait();
      }
      return null;
    },
    *write(bytes) {
      return socket.send(bytes, to).ok;
    },
    shutdown: () => undefined,
    close: () => socket.close(),
  };
}

export function fileEnd(input: OpenFile | undefined, output: OpenFile | undefined): End {
  return {
    *read() {
      return input === undefined ? null : yield* input.read(BUFFER);
    },
    *write(bytes) {
      yield* output?.write(bytes) ?? nothing();
      return true;
    },
    shutdown: () => undefined,
    close: () => undefined,
  };
}

function* nothing(): Task<void> {}

/** PIPE: what is written is read again. */
export function pipeEnd(): End {
  const pipe = new Pipe();
  let open = true;
  const shutdown = (): void => {
    if (open) pipe.writer.close();
    open = false;
  };
  return {
    read: () => pipe.reader.read(BUFFER),
    *write(bytes) {
      yield* pipe.writer.write(bytes);
      return true;
    },
    shutdown,
    close: shutdown,
  };
}

/** A command with its standard input and output on the address. */
export function commandEnd(process: Process, argv: readonly string[]): End {
  const command = canRun(process, argv) ? prepareCommand(process, argv) : "missing";
  if (typeof command === "string")
    fail(1, `socat[${process.pid}] E execvp("${argv[0] ?? ""}", ...): No such file or directory\n`);
  const into = new Pipe();
  const from = new Pipe();
  const files = new Map([
    [0, into.reader],
    [1, from.writer],
    [2, process.stderr],
  ]);
  const { env, cwd, netns } = process;
  const child = Process.spawn(process.host, command.program, {
    argv: command.argv,
    env,
    cwd,
    netns,
    files,
    parent: process,
  });
  into.reader.close();
  from.writer.close();
  let open = true;
  const shutdown = (): void => {
    if (open) into.writer.close();
    open = false;
  };
  return {
    *read() {
      const bytes = yield* from.reader.read(BUFFER);
      // A command ends some time after its last output.
      if (bytes === null) yield* sleep(WAKE_LATENCY);
      return bytes;
    },
    *write(bytes) {
      if (!child.alive) return false;
      yield* into.writer.write(bytes);
      return true;
    },
    shutdown,
    close: () => {
      shutdown();
      from.reader.close();
    },
  };
}
