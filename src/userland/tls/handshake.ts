import { concat } from "../../base/bytes.ts";
import type { StreamSocket } from "../../kernel/uapi/index.ts";
import type { Random } from "../../sim/random.ts";
import type { Task } from "../../sim/task.ts";
import { type Nanos, seconds } from "../../sim/time.ts";
import {
  type ClientHello,
  decodeCertificate,
  decodeClientHello,
  decodeTlsRecord,
  encodeCertificate,
  encodeClientHello,
  encodeEncryptedExtensions,
  encodeServerHello,
  encodeTlsRecord,
  handshakeMessage,
  looksLikeTls,
  protect,
  TLS_APPLICATION_DATA,
  TLS_CERTIFICATE,
  TLS_CERTIFICATE_VERIFY,
  TLS_CHANGE_CIPHER_SPEC,
  TLS_FINISHED,
  TLS_HANDSHAKE,
  type TlsRecord,
  unprotect,
} from "../../wire/tls.ts";
import { receiveSome, sendAll } from "../stream/stream.ts";
import { TlsStream } from "./stream.ts";

/** The messages of a TLS 1.3 handshake in their order and size. Keys, signatures and ciphers are not modelled. */

const TIMEOUT = seconds(60);
const FINISHED = handshakeMessage(TLS_FINISHED, new Uint8Array(48));
/** RSA-PSS with 2048 bits. */
const VERIFY = handshakeMessage(TLS_CERTIFICATE_VERIFY, new Uint8Array(260));
const CCS: TlsRecord = { type: TLS_CHANGE_CIPHER_SPEC, payload: Uint8Array.of(1) };

function randomBytes(random: Random): (length: number) => Uint8Array {
  return (length) => Uint8Array.from({ length }, () => random.below(256));
}

const hidden = (payload: Uint8Array): Uint8Array =>
  encodeTlsRecord(protect({ type: TLS_HANDSHAKE, payload }));

/** Reads records off a socket one by one. */
class Records {
  buffer: Uint8Array;
  private readonly socket: StreamSocket;
  private readonly timeout: Nanos;

  constructor(socket: StreamSocket, timeout: Nanos, began: Uint8Array = new Uint8Array(0)) {
    this.socket = socket;
    this.timeout = timeout;
    this.buffer = began;
  }

  *more(): Task<boolean> {
    const got = yield* receiveSome(this.socket, this.timeout);
    if (got === "timeout" || !got.ok || got.value === null) return false;
    this.buffer = concat([this.buffer, got.value]);
    return true;
  }

  /** Undefined at the end, or when no TLS is spoken. */
  *next(): Task<TlsRecord | undefined> {
    for (;;) {
      if (this.buffer.length > 0 && !looksLikeTls(this.buffer)) return undefined;
      const found = decodeTlsRecord(this.buffer);
      if (found !== undefined) {
        this.buffer = this.buffer.subarray(found.length);
        return found.record;
      }
      if (!(yield* this.more())) return undefined;
    }
  }
}

export type Accepted =
  | { readonly kind: "tls"; readonly stream: TlsStream; readonly hello: ClientHello }
  /** The client speaks something else; this is how it began. */
  | { readonly kind: "plain"; readonly bytes: Uint8Array }
  | { readonly kind: "closed" };

/** The server's part. `certificate` gives the DER to show for a name; `began` was read off the socket before. */
export function* tlsAccept(
  socket: StreamSocket,
  random: Random,
  certificate: (serverName: string | undefined) => Uint8Array,
  began?: Uint8Array,
): Task<Accepted> {
  const records = new Records(socket, TIMEOUT, began);
  const first = yield* records.next();
  if (first === undefined)
    return records.buffer.length > 0 ? { kind: "plain", bytes: records.buffer } : { kind: "closed" };
  const hello = first.type === TLS_HANDSHAKE ? decodeClientHello(first.payload) : undefined;
  if (hello === undefined) return { kind: "closed" };
  const protocol = hello.protocols.includes("http/1.1") ? "http/1.1" : undefined;
  const flight = concat([
    encodeTlsRecord({ type: TLS_HANDSHAKE, payload: encodeServerHello(randomBytes(random)) }),
    encodeTlsRecord(CCS),
    hidden(encodeEncryptedExtensions(protocol)),
    hidden(encodeCertificate(certificate(hello.serverName))),
    hidden(VERIFY),
    hidden(FINISHED),
  ]);
  if ((yield* sendAll(socket, flight)) !== undefined) return { kind: "closed" };
  for (;;) {
    const record = yield* records.next();
    if (record === undefined) return { kind: "closed" };
    if (record.type !== TLS_APPLICATION_DATA) continue;
    if (unprotect(record).payload[0] !== TLS_FINISHED) return { kind: "closed" };
    return { kind: "tls", stream: new TlsStream(socket, records.buffer), hello };
  }
}

/** What the client sees of the handshake, message by message. */
export type Seen = (direction: "in" | "out", type: number, length: number) => Task<void>;

export type Connected =
  | { readonly kind: "tls"; readonly stream: TlsStream; readonly certificate: Uint8Array }
  | { readonly kind: "refused"; readonly certificate: Uint8Array }
  | { readonly kind: "closed" }
  | { readonly kind: "plain" };

/** The client's part. `trusts` decides on the certificate. */
export function* tlsConnect(
  socket: StreamSocket,
  random: Random,
  hello: ClientHello,
  options: { readonly seen: Seen; readonly trusts: (der: Uint8Array) => boolean; readonly timeout: Nanos },
): Task<Connected> {
  const { seen, trusts } = options;
  const message = encodeClientHello(hello, randomBytes(random));
  yield* seen("out", message[0] ?? 0, message.length);
  if (
    (yield* sendAll(socket, encodeTlsRecord({ type: TLS_HANDSHAKE, payload: message, version: 0x0301 }))) !==
    undefined
  )
    return { kind: "closed" };
  const records = new Records(socket, options.timeout);
  let certificate: Uint8Array = new Uint8Array(0);
  for (;;) {
    const record = yield* records.next();
    if (record === undefined) return records.buffer.length > 0 ? { kind: "plain" } : { kind: "closed" };
    if (record.type === TLS_CHANGE_CIPHER_SPEC) continue;
    const { payload } = record.type === TLS_APPLICATION_DATA ? unprotect(record) : record;
    const type = payload[0] ?? 0;
    yield* seen("in", type, payload.length);
    if (type === TLS_CERTIFICATE) {
      certificate = decodeCertificate(payload);
      if (!trusts(certificate)) {
        // fatal, unknown_ca
        yield* sendAll(socket, encodeTlsRecord(protect({ type: 21, payload: Uint8Array.of(2, 48) })));
        return { kind: "refused", certificate };
      }
    }
    if (type !== TLS_FINISHED) continue;
    yield* seen("out", TLS_CHANGE_CIPHER_SPEC, 1);
    yield* seen("out", TLS_FINISHED, FINISHED.length);
    if ((yield* sendAll(socket, concat([encodeTlsRecord(CCS), hidden(FINISHED)]))) !== undefined)
      return { kind: "closed" };
    return { kind: "tls", stream: new TlsStream(socket, records.buffer), certificate };
  }
}
