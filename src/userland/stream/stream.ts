import type { Errno, KernelResult, StreamEndpoint, StreamSocket } from "../../kernel/uapi/index.ts";
import { sleep, type Task } from "../../sim/task.ts";
import { micros, millis, type Nanos } from "../../sim/time.ts";
import { waitAny } from "../select/select.ts";

/** Blocking calls on stream sockets, as connect(2), send(2), recv(2) and accept(2) block. */

/**
 * How long it takes a program to run again after what it waited for happened. A segment and its acknowledgement cross a few
 * devices meanwhile: what a reader finds, and which side is first, is as on a real machine.
 */
export const WAKE_LATENCY = micros(250);

/** From the last thing that a program does to the moment when who waits for it goes on. */
const EXIT_LATENCY = millis(1);

/** The end of a program that has closed its sockets: the other side hears of it before the next command runs. */
export function* leave(): Task<void> {
  yield* sleep(EXIT_LATENCY);
}

/** What of a stream socket is needed to talk over it: what lies on one (TLS) looks alike. */
export type ByteStream = Pick<StreamSocket, "readable" | "writable" | "send" | "receive">;

/** How a connection attempt ended; `timeout` is the caller's own. */
export type Connected = "connected" | "timeout" | { readonly errno: Errno };

export function* connectStream(
  socket: StreamSocket,
  remote: StreamEndpoint,
  timeout?: Nanos,
): Task<Connected> {
  const begun = socket.connect(remote);
  if (!begun.ok) return { errno: begun.error.errno };
  while (socket.state === "SYN-SENT" || socket.state === "SYN-RECEIVED") {
    if (timeout === undefined) yield* socket.writable.wait();
    else if (!(yield* waitAny([socket.writable], timeout))) return "timeout";
  }
  if (socket.state !== "CLOSED") yield* sleep(WAKE_LATENCY);
  const errno = socket.takeError();
  return errno === undefined ? "connected" : { errno };
}

/** Sends all, however long it takes; the error that stopped it. */
export function* sendAll(
  socket: Pick<ByteStream, "send" | "writable">,
  bytes: Uint8Array,
): Task<Errno | undefined> {
  let at = 0;
  while (at < bytes.length) {
    const taken = socket.send(bytes.subarray(at));
    if (!taken.ok) return taken.error.errno;
    at += taken.value;
    if (taken.value === 0) yield* socket.writable.wait();
  }
  return undefined;
}

/** Waits for the next bytes; null at the end of the stream; "timeout" after `timeout`. */
export function* receiveSome(
  socket: Pick<ByteStream, "receive" | "readable">,
  timeout?: Nanos,
  max?: number,
): Task<KernelResult<Uint8Array | null> | "timeout"> {
  for (;;) {
    const got = socket.receive(max);
    if (!got.ok) return got;
    if (got.value !== undefined) return { ok: true, value: got.value };
    if (timeout === undefined) yield* socket.readable.wait();
    else if (!(yield* waitAny([socket.readable], timeout))) return "timeout";
    yield* sleep(WAKE_LATENCY);
  }
}

/** Waits for a connection; undefined when the listener is closed or `timeout` is over. */
export function* acceptStream(
  listener: StreamSocket,
  owner?: string,
  timeout?: Nanos,
): Task<StreamSocket | undefined> {
  for (;;) {
    if (listener.closed) return undefined;
    const got = listener.accept(owner);
    if (!got.ok) return undefined;
    if (got.value !== undefined) return got.value;
    if (timeout === undefined) yield* listener.readable.wait();
    else if (!(yield* waitAny([listener.readable], timeout))) return undefined;
    yield* sleep(WAKE_LATENCY);
  }
}
