import { concat } from "../base/bytes.ts";
import { err, ok, type Result } from "../base/result.ts";
import { utf8Decode, utf8Encode } from "../base/utf8.ts";

/** TLS 1.3 (RFC 8446): records, hellos and the order of messages. Ciphers are not modelled: what is inside stays readable. */

export const TLS_CHANGE_CIPHER_SPEC = 20;
export const TLS_ALERT = 21;
export const TLS_HANDSHAKE = 22;
export const TLS_APPLICATION_DATA = 23;

export const TLS_CLIENT_HELLO = 1;
export const TLS_SERVER_HELLO = 2;
export const TLS_ENCRYPTED_EXTENSIONS = 8;
export const TLS_CERTIFICATE = 11;
export const TLS_CERTIFICATE_VERIFY = 15;
export const TLS_FINISHED = 20;

const RECORD_HEADER = 5;
/** What AES-GCM puts behind the inner content type. */
const TAG = 16;
export const TLS_MAX_FRAGMENT = 16_384;

export interface TlsRecord {
  readonly type: number;
  readonly payload: Uint8Array;
  /** On the wire: 0x0303, but 0x0301 with the first hello. */
  readonly version?: number;
}

const u16 = (n: number): Uint8Array => Uint8Array.of(n >>> 8, n & 255);
const u24 = (n: number): Uint8Array => Uint8Array.of(n >>> 16, (n >>> 8) & 255, n & 255);
const sized = (bytes: Uint8Array): Uint8Array => concat([u16(bytes.length), bytes]);

export function encodeTlsRecord({ type, payload, version = 0x0303 }: TlsRecord): Uint8Array {
  return concat([Uint8Array.of(type), u16(version), u16(payload.length), payload]);
}

/** A record as it goes once keys are agreed on: of the outer type 23, longer by the inner type and the tag. */
export function protect({ type, payload }: TlsRecord): TlsRecord {
  return { type: TLS_APPLICATION_DATA, payload: concat([payload, Uint8Array.of(type), new Uint8Array(TAG)]) };
}

/** What is inside such a record. */
export function unprotect({ payload }: TlsRecord): TlsRecord {
  const end = Math.max(0, payload.length - TAG - 1);
  return { type: payload[end] ?? 0, payload: payload.subarray(0, end) };
}

/** Whether it is a record of ours: a real one's tag is not zero. */
export function isReadable({ type, payload }: TlsRecord): boolean {
  return (
    type === TLS_APPLICATION_DATA &&
    payload.length > TAG &&
    payload.subarray(-TAG).every((octet) => octet === 0)
  );
}

/** The next record and its length on the wire; undefined while it is not all there. */
export function decodeTlsRecord(
  b: Uint8Array,
): { readonly record: TlsRecord; readonly length: number } | undefined {
  if (b.length < RECORD_HEADER) return undefined;
  const length = RECORD_HEADER + ((b[3] ?? 0) << 8) + (b[4] ?? 0);
  if (b.length < length) return undefined;
  const version = ((b[1] ?? 0) << 8) + (b[2] ?? 0);
  return { record: { type: b[0] ?? 0, version, payload: b.subarray(RECORD_HEADER, length) }, length };
}

/** True when the bytes begin like a record: what a server can tell from plain text. */
export function looksLikeTls(b: Uint8Array): boolean {
  const type = b[0] ?? 0;
  if (type < TLS_CHANGE_CIPHER_SPEC || type > TLS_APPLICATION_DATA) return false;
  return (b.length < 2 || b[1] === 3) && (b.length < 3 || (b[2] ?? 0) <= 4);
}

export type TlsError = "incomplete" | "not-tls";

/** One record. */
export function decodeTls(b: Uint8Array): Result<TlsRecord, TlsError> {
  if (b.length > 0 && !looksLikeTls(b)) return err("not-tls");
  const found = decodeTlsRecord(b);
  return found === undefined ? err("incomplete") : ok(found.record);
}

export function handshakeMessage(type: number, body: Uint8Array): Uint8Array {
  return concat([Uint8Array.of(type), u24(body.length), body]);
}

export interface ClientHello {
  /** Undefined when an address was asked for. */
  readonly serverName: string | undefined;
  readonly protocols: readonly string[];
}

const EXTENSION_SERVER_NAME = 0;
const EXTENSION_ALPN = 16;
const EXTENSION_PADDING = 21;
const EXTENSION_SUPPORTED_VERSIONS = 43;
const EXTENSION_KEY_SHARE = 51;
/** OpenSSL pads its hello to this length. */
const HELLO_LENGTH = 512;

const extension = (type: number, body: Uint8Array): Uint8Array => concat([u16(type), sized(body)]);
const protocolList = (names: readonly string[]): Uint8Array =>
  sized(concat(names.map((name) => concat([Uint8Array.of(name.length), utf8Encode(name)]))));

export function encodeClientHello(
  { serverName, protocols }: ClientHello,
  random: (length: number) => Uint8Array,
): Uint8Array {
  const session = random(32);
  const suites = Uint8Array.of(0x13, 0x02, 0x13, 0x03, 0x13, 0x01, 0x00, 0xff);
  const name = serverName === undefined ? undefined : utf8Encode(serverName);
  const extensions = concat([
    ...(name === undefined
      ? []
      : [extension(EXTENSION_SERVER_NAME, sized(concat([Uint8Array.of(0), sized(name)])))]),
    extension(EXTENSION_ALPN, protocolList(protocols)),
    extension(EXTENSION_SUPPORTED_VERSIONS, Uint8Array.of(2, 3, 4)),
    extension(EXTENSION_KEY_SHARE, sized(concat([u16(0x001d), sized(random(32))]))),
  ]);
  const fixed = concat([
    u16(0x0303),
    random(32),
    Uint8Array.of(32),
    session,
    sized(suites),
    Uint8Array.of(1, 0),
  ]);
  const bare = 4 + fixed.length + 2 + extensions.length;
  const padding = extension(EXTENSION_PADDING, new Uint8Array(Math.max(0, HELLO_LENGTH - bare - 4)));
  return handshakeMessage(TLS_CLIENT_HELLO, concat([fixed, sized(concat([extensions, padding]))]));
}

/** What a hello asks for; undefined when it is none. */
export function decodeClientHello(message: Uint8Array): ClientHello | undefined {
  if (message[0] !== TLS_CLIENT_HELLO) return undefined;
  let at = 4 + 2 + 32;
  at += 1 + (message[at] ?? 0);
  const length = (): number => ((message[at] ?? 0) << 8) + (message[at + 1] ?? 0);
  at += 2 + length();
  at += 1 + (message[at] ?? 0);
  const end = Math.min(message.length, at + 2 + length());
  at += 2;
  let serverName: string | undefined;
  const protocols: string[] = [];
  while (at + 4 <= end) {
    const type = length();
    at += 2;
    const body = message.subarray(at + 2, at + 2 + length());
    at += 2 + length();
    if (type === EXTENSION_SERVER_NAME) serverName = utf8Decode(body.subarray(5));
    if (type !== EXTENSION_ALPN) continue;
    for (let i = 2; i < body.length; i += 1 + (body[i] ?? 0))
      protocols.push(utf8Decode(body.subarray(i + 1, i + 1 + (body[i] ?? 0))));
  }
  return at === end ? { serverName, protocols } : undefined;
}

export function encodeServerHello(random: (length: number) => Uint8Array): Uint8Array {
  const extensions = concat([
    extension(EXTENSION_SUPPORTED_VERSIONS, Uint8Array.of(3, 4)),
    extension(EXTENSION_KEY_SHARE, concat([u16(0x001d), sized(random(32))])),
  ]);
  const fixed = concat([
    u16(0x0303),
    random(32),
    Uint8Array.of(32),
    random(32),
    Uint8Array.of(0x13, 0x02, 0),
  ]);
  return handshakeMessage(TLS_SERVER_HELLO, concat([fixed, sized(extensions)]));
}

export function encodeEncryptedExtensions(protocol: string | undefined): Uint8Array {
  const chosen =
    protocol === undefined ? new Uint8Array(0) : extension(EXTENSION_ALPN, protocolList([protocol]));
  return handshakeMessage(TLS_ENCRYPTED_EXTENSIONS, sized(chosen));
}

/** The message with one certificate (DER). */
export function encodeCertificate(der: Uint8Array): Uint8Array {
  const entry = concat([u24(der.length), der, u16(0)]);
  return handshakeMessage(TLS_CERTIFICATE, concat([Uint8Array.of(0), u24(entry.length), entry]));
}

export function decodeCertificate(message: Uint8Array): Uint8Array {
  const length = ((message[8] ?? 0) << 16) + ((message[9] ?? 0) << 8) + (message[10] ?? 0);
  return message.subarray(11, 11 + length);
}

const NAMES: Readonly<Record<number, string>> = {
  [TLS_CHANGE_CIPHER_SPEC]: "change cipher spec",
  [TLS_ALERT]: "alert",
  [TLS_HANDSHAKE]: "handshake",
  [TLS_APPLICATION_DATA]: "application data",
};

export function tlsSummary({ type, payload }: TlsRecord): string {
  return `TLS: ${NAMES[type] ?? `record ${type}`}, length ${payload.length}`;
}
