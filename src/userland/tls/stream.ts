import { concat } from "../../base/bytes.ts";
import type { KernelResult, StreamSocket } from "../../kernel/uapi/index.ts";
import type { Signal } from "../../sim/task.ts";
import {
  decodeTlsRecord,
  encodeTlsRecord,
  protect,
  TLS_ALERT,
  TLS_APPLICATION_DATA,
  TLS_MAX_FRAGMENT,
  unprotect,
} from "../../wire/tls.ts";
import type { ByteStream } from "../stream/stream.ts";

const NOTHING = new Uint8Array(0);
/** warning, close_notify. */
const CLOSE_NOTIFY = Uint8Array.of(1, 0);

/** What is written on a connection behind its handshake: each write becomes a record. */
export class TlsStream implements ByteStream {
  private readonly socket: StreamSocket;
  private incoming: Uint8Array;
  private ended = false;
  /** A record that the socket has not wholly taken, and how much of the caller's bytes it holds. */
  private outgoing: Uint8Array = NOTHING;
  private holds = 0;

  constructor(socket: StreamSocket, rest: Uint8Array) {
    this.socket = socket;
    this.incoming = rest;
  }

  get readable(): Signal {
    return this.socket.readable;
  }

  get writable(): Signal {
    return this.socket.writable;
  }

  send(bytes: Uint8Array): KernelResult<number> {
    if (this.outgoing.length === 0) {
      const payload = bytes.subarray(0, TLS_MAX_FRAGMENT);
      this.outgoing = encodeTlsRecord(protect({ type: TLS_APPLICATION_DATA, payload }));
      this.holds = payload.length;
    }
    while (this.outgoing.length > 0) {
      const taken = this.socket.send(this.outgoing);
      if (!taken.ok) return taken;
      if (taken.value === 0) return { ok: true, value: 0 };
      this.outgoing = this.outgoing.subarray(taken.value);
    }
    return { ok: true, value: this.holds };
  }

  receive(): KernelResult<Uint8Array | undefined | null> {
    for (;;) {
      const found = decodeTlsRecord(this.incoming);
      if (this.ended) return { ok: true, value: null };
      if (found === undefined) {
        const got = this.socket.receive();
        if (!got.ok || got.value === undefined || got.value === null) return got;
        this.incoming = concat([this.incoming, got.value]);
        continue;
      }
      this.incoming = this.incoming.subarray(found.length);
      const inner = unprotect(found.record);
      if (inner.type === TLS_ALERT) this.ended = true;
      else if (inner.type === TLS_APPLICATION_DATA && inner.payload.length > 0)
        return { ok: true, value: inner.payload };
    }
  }

  /** Says that nothing more comes. */
  closeNotify(): void {
    this.socket.send(encodeTlsRecord(protect({ type: TLS_ALERT, payload: CLOSE_NOTIFY })));
  }
}
