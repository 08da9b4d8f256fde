import { err, ok } from "../../base/result.ts";
import type { KernelResult, TcpState } from "../uapi/index.ts";
import { pushPending, sendActiveReset } from "./output.ts";
import { advance } from "./sequence.ts";
import type { TcpSocket } from "./socket.ts";

/** What a state becomes when our FIN goes out; undefined where none does. Models: new_state, tcp_close_state. */
const AFTER_FIN: Partial<Record<TcpState, TcpState>> = {
  "SYN-RECEIVED": "FIN-WAIT-1",
  ESTABLISHED: "FIN-WAIT-1",
  "CLOSE-WAIT": "LAST-ACK",
};

/** The stream ends here; FIN follows what waits. Models: tcp_send_fin. */
function sendFin(s: TcpSocket): void {
  const next = AFTER_FIN[s.state];
  if (next === undefined) return;
  s.sendShutdown = true;
  s.queue.appendFin(s.written);
  s.written = advance(s.written, 1);
  s.enter(next);
  pushPending(s, "socket");
}

/** shutdown(2). Models: inet_shutdown, tcp_shutdown. */
export function shutdown(s: TcpSocket, how: "read" | "write" | "both"): KernelResult<void> {
  if (s.state === "CLOSED" || s.state === "TIME-WAIT") return err({ errno: "ENOTCONN" });
  if (s.state === "LISTEN" || s.state === "SYN-SENT") {
    if (how === "write" && s.state === "LISTEN") return ok();
    s.finish(null);
    return ok();
  }
  if (how !== "write") s.receiveShutdown = true;
  if (how !== "read") sendFin(s);
  s.wake();
  return ok();
}

/** States in which the other end is told. Models: tcp_need_reset. */
const RESETS: ReadonlySet<TcpState> = new Set([
  "ESTABLISHED",
  "CLOSE-WAIT",
  "FIN-WAIT-1",
  "FIN-WAIT-2",
  "SYN-RECEIVED",
]);

/** Somebody else ends the socket; who holds it finds out. Models: tcp_abort. */
export function abort(s: TcpSocket): void {
  const { listener, state } = s;
  if (listener !== null) {
    listener.close();
    s.finish("EINVAL");
    return;
  }
  if (RESETS.has(state)) sendActiveReset(s);
  s.finish(state === "TIME-WAIT" ? null : "ECONNABORTED");
}

/** close(2): what is left goes on without a process. Models: __tcp_close. */
export function close(s: TcpSocket): void {
  if (s.closed) return;
  const { listener, state } = s;
  if (listener !== null) {
    s.closed = true;
    listener.close();
    s.finish(null);
    return;
  }
  const unread = s.input.size > 0;
  s.input.clear();
  if (state === "CLOSED" || state === "SYN-SENT") {
    const before = s.row();
    s.closed = true;
    s.table.forget(s);
    s.state = "CLOSED";
    s.timers.stop();
    s.queue.clear();
    s.journal(before, null);
    s.wake();
    return;
  }
  if (state !== "TIME-WAIT" && (unread || s.options.lingerZero === true)) {
    sendActiveReset(s);
    s.closed = true;
    s.finish(null);
    return;
  }
  const before = s.row();
  s.closed = true;
  s.owner = "";
  s.journal(before, s.row());
  sendFin(s);
  if (s.state === "FIN-WAIT-2") s.timers.armEnd(s.table.settings.finTimeout);
  s.wake();
}
