import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { concat, getU16, getU32, setU32 } from "../../../../base/bytes.ts";

/**
 * IKEv2's messages (RFC 7296, section 3) as strongSwan writes them for the proposal aes256-sha256-modp4096: true headers,
 * payloads and sizes. What Diffie-Hellman would give is not calculated: the key that protects a message is a hash of
 * what both sent in the clear. Whoever lacks the pre-shared key is found out all the same (`authData`).
 */

export const IKE_SA_INIT = 34;
export const IKE_AUTH = 35;
export const CREATE_CHILD_SA = 36;
export const INFORMATIONAL = 37;

export const EXCHANGES: Readonly<Record<number, string>> = {
  [IKE_SA_INIT]: "IKE_SA_INIT",
  [IKE_AUTH]: "IKE_AUTH",
  [CREATE_CHILD_SA]: "CREATE_CHILD_SA",
  [INFORMATIONAL]: "INFORMATIONAL",
};

/** Types of payloads. */
export const SA = 33;
export const KE = 34;
export const ID_I = 35;
export const ID_R = 36;
export const AUTH = 39;
export const NONCE = 40;
export const NOTIFY = 41;
export const DELETE = 42;
export const TS_I = 44;
export const TS_R = 45;
const SK = 46;

/** Notifications, and strongSwan's short names for them in its log. */
export const NO_PROPOSAL_CHOSEN = 14;
export const AUTHENTICATION_FAILED = 24;
export const INITIAL_CONTACT = 16384;
const NOTIFIES: Readonly<Record<number, string>> = {
  14: "NO_PROP",
  24: "AUTH_FAILED",
  16384: "INIT_CONTACT",
  16388: "NATD_S_IP",
  16389: "NATD_D_IP",
  16396: "MOBIKE_SUP",
  16399: "NO_ADD_ADDR",
  16404: "MULT_AUTH",
  16406: "REDIR_SUP",
  16417: "EAP_ONLY",
  16418: "CHDLESS_SUP",
  16420: "MSG_ID_SYN_SUP",
  16430: "FRAG_SUP",
  16431: "HASH_ALG",
};
const NAMES: Readonly<Record<number, string>> = {
  [SA]: "SA",
  [KE]: "KE",
  [ID_I]: "IDi",
  [ID_R]: "IDr",
  [AUTH]: "AUTH",
  [NONCE]: "No",
  [DELETE]: "D",
  [TS_I]: "TSi",
  [TS_R]: "TSr",
};

const HEADER = 28;
const VERSION = 0x20;
const INITIATOR = 0x08;
const RESPONSE = 0x20;
const BLOCK = 16;
const ICV = 16;
/** Group 16, MODP 4096: bytes of a public value. */
export const KE_BYTES = 512;
export const NONCE_BYTES = 32;

export interface Payload {
  readonly type: number;
  readonly body: Uint8Array;
}

export interface Message {
  /** SPIs of the IKE_SA, 8 bytes each; the responder's is zero in the first message. */
  readonly spiI: Uint8Array;
  readonly spiR: Uint8Array;
  readonly exchange: number;
  /** Sent by who began the IKE_SA. */
  readonly fromInitiator: boolean;
  readonly response: boolean;
  readonly id: number;
  readonly payloads: readonly Payload[];
}

// ------------------------------------------------------------------------------------------------------- payloads

export const payload = (type: number, ...parts: readonly Uint8Array[]): Payload => ({
  type,
  body: concat(parts),
});
const bytes = (...values: readonly number[]): Uint8Array => Uint8Array.from(values);

export function u32(value: number): Uint8Array {
  const b = new Uint8Array(4);
  setU32(b, 0, value);
  return b;
}

export function notify(type: number, data: Uint8Array = new Uint8Array()): Payload {
  return payload(NOTIFY, bytes(0, 0, type >>> 8, type & 255), data);
}

export function notifyType({ type, body }: Payload): number | undefined {
  return type === NOTIFY ? getU16(body, 2) : undefined;
}

/** SHA-2 with 256, 384 and 512 bits, and the identity. */
export const HASH_ALGORITHMS = notify(16431, bytes(0, 2, 0, 3, 0, 4, 0, 5));

interface Transform {
  readonly type: number;
  readonly id: number;
  readonly keyBits?: number;
}

/** One proposal: `protocol` 1 is IKE, 3 is ESP with its SPI. */
function proposal(protocol: number, spi: Uint8Array, transforms: readonly Transform[]): Payload {
  const parts = transforms.map(({ type, id, keyBits }, i) => {
    const attribute = keyBits === undefined ? [] : [0x80, 14, keyBits >>> 8, keyBits & 255];
    const more = i === transforms.length - 1 ? 0 : 3;
    return bytes(more, 0, 0, 8 + attribute.length, type, 0, id >>> 8, id & 255, ...attribute);
  });
  const body = concat(parts);
  const length = 8 + spi.length + body.length;
  return payload(
    SA,
    bytes(0, 0, length >>> 8, length & 255, 1, protocol, spi.length, parts.length),
    spi,
    body,
  );
}

/** aes256-sha256-modp4096. */
export const IKE_PROPOSAL = proposal(1, new Uint8Array(), [
  { type: 1, id: 12, keyBits: 256 },
  { type: 3, id: 12 },
  { type: 2, id: 5 },
  { type: 4, id: 16 },
]);

/** An algorithm of ESP as strongSwan's proposals name it. */
export interface EspSuite {
  readonly name: string;
  /** ENCR_AES_GCM_16 or ENCR_AES_CBC, and its bits. */
  readonly encryption: 20 | 12;
  readonly keyBits: 128 | 192 | 256;
  /** AUTH_HMAC_SHA2_256_128, where the cipher has no check of its own. */
  readonly integrity: boolean;
}

export function espProposal(suite: EspSuite, spi: number): Payload {
  return proposal(3, u32(spi), [
    { type: 1, id: suite.encryption, keyBits: suite.keyBits },
    ...(suite.integrity ? [{ type: 3, id: 12 }] : []),
    { type: 5, id: 0 },
  ]);
}

/** The SPI of an ESP proposal. */
export function proposedSpi({ body }: Payload): number {
  return getU32(body, 8);
}

/** One range of IPv4 addresses, any protocol and port. */
export function trafficSelector(type: number, first: number, last: number): Payload {
  return payload(type, bytes(1, 0, 0, 0, 7, 0, 0, 16, 0, 0, 255, 255), u32(first), u32(last));
}

export function identity(type: number, address: number): Payload {
  return payload(type, bytes(1, 0, 0, 0), u32(address));
}

export function find({ payloads }: Message, type: number): Uint8Array | undefined {
  return payloads.find((p) => p.type === type)?.body;
}

/** `[ SA KE No N(NATD_S_IP) ... ]`, as strongSwan's log lists the payloads of a message. */
export function listed(payloads: readonly Payload[]): string {
  const names = payloads.map((p) => {
    const type = notifyType(p);
    return type === undefined ? (NAMES[p.type] ?? String(p.type)) : `N(${NOTIFIES[type] ?? type})`;
  });
  return `[ ${names.map((name) => `${name} `).join("")}]`;
}

// ------------------------------------------------------------------------------------------------------- messages

function chain(payloads: readonly Payload[]): Uint8Array {
  return concat(
    payloads.map(({ body }, i) => {
      const length = 4 + body.length;
      return concat([bytes(payloads[i + 1]?.type ?? 0, 0, length >>> 8, length & 255), body]);
    }),
  );
}

function unchain(first: number, b: Uint8Array): Payload[] | undefined {
  const found: Payload[] = [];
  let type = first;
  for (let at = 0; type !== 0;) {
    if (at + 4 > b.length) return undefined;
    const length = getU16(b, at + 2);
    if (length < 4 || at + length > b.length) return undefined;
    found.push({ type, body: b.slice(at + 4, at + length) });
    type = b[at] ?? 0;
    at += length;
  }
  return found;
}

/** Masks in place by a keystream of the key and the IV; doing it twice undoes it. */
function mask(b: Uint8Array, key: Uint8Array, iv: Uint8Array): void {
  let stream: Uint8Array = iv;
  for (let i = 0; i < b.length; i++) {
    if (i % 32 === 0) stream = sha256(concat([key, stream]));
    b[i]! ^= stream[i % 32]!;
  }
}

/** With a key the payloads go into one that is protected; its IV follows from the header. */
export function encodeMessage(m: Message, key: Uint8Array | undefined): Uint8Array {
  const inner = chain(m.payloads);
  const header = new Uint8Array(HEADER);
  header.set(m.spiI, 0);
  header.set(m.spiR, 8);
  header[17] = VERSION;
  header[18] = m.exchange;
  header[19] = (m.fromInitiator ? INITIATOR : 0) | (m.response ? RESPONSE : 0);
  setU32(header, 20, m.id);
  const first = m.payloads[0]?.type ?? 0;
  if (key === undefined) {
    header[16] = first;
    setU32(header, 24, HEADER + inner.length);
    return concat([header, inner]);
  }
  header[16] = SK;
  const padded = new Uint8Array(Math.ceil((inner.length + 1) / BLOCK) * BLOCK);
  padded.set(inner);
  padded[padded.length - 1] = padded.length - inner.length - 1;
  const body = 4 + BLOCK + padded.length + ICV;
  setU32(header, 24, HEADER + body);
  const iv = sha256(concat([key, header])).slice(0, BLOCK);
  mask(padded, key, iv);
  const head = concat([header, bytes(first, 0, body >>> 8, body & 255), iv, padded]);
  return concat([head, hmac(sha256, key, head).slice(0, ICV)]);
}

/** SPIs, exchange and flags of a message whose key is still to be found. */
export function peek(b: Uint8Array): Omit<Message, "payloads"> | undefined {
  if (b.length < HEADER || b[17] !== VERSION || getU32(b, 24) !== b.length) return undefined;
  return {
    spiI: b.slice(0, 8),
    spiR: b.slice(8, 16),
    exchange: b[18] ?? 0,
    fromInitiator: ((b[19] ?? 0) & INITIATOR) !== 0,
    response: ((b[19] ?? 0) & RESPONSE) !== 0,
    id: getU32(b, 20),
  };
}

/** Undefined: cut short, or not protected by this key. */
export function decodeMessage(b: Uint8Array, key: Uint8Array | undefined): Message | undefined {
  const header = peek(b);
  if (header === undefined) return undefined;
  const isProtected = b[16] === SK;
  if (!isProtected) {
    const payloads = unchain(b[16] ?? 0, b.subarray(HEADER));
    return payloads && { ...header, payloads };
  }
  const end = b.length - ICV;
  if (key === undefined || end < HEADER + 4 + BLOCK + BLOCK) return undefined;
  const right = hmac(sha256, key, b.subarray(0, end));
  if (!b.subarray(end).every((byte, i) => byte === right[i])) return undefined;
  const inner = b.slice(HEADER + 4 + BLOCK, end);
  mask(inner, key, b.slice(HEADER + 4, HEADER + 4 + BLOCK));
  const payloads = unchain(
    b[HEADER] ?? 0,
    inner.subarray(0, inner.length - 1 - (inner[inner.length - 1] ?? 0)),
  );
  return payloads && { ...header, payloads };
}

// ----------------------------------------------------------------------------------------------------------- keys

/** What stands for SKEYSEED: both nonces and public values. */
export function sharedKey(parts: readonly Uint8Array[]): Uint8Array {
  return sha256(concat(parts));
}

/** AUTH of a pre-shared key (RFC 7296, section 2.15), over what this end sent. */
export function authData(secret: string, nonces: Uint8Array, id: Uint8Array): Uint8Array {
  const key = hmac(
    sha256,
    Uint8Array.from(secret, (c) => c.charCodeAt(0)),
    ascii("Key Pad for IKEv2"),
  );
  return hmac(sha256, key, concat([nonces, id]));
}

/** prf+ (section 2.13): `length` bytes out of a key and a seed. */
export function expand(key: Uint8Array, seed: Uint8Array, length: number): Uint8Array {
  let block: Uint8Array = new Uint8Array();
  const parts: Uint8Array[] = [];
  for (let n = 1, have = 0; have < length; n++, have += block.length) {
    block = hmac(sha256, key, concat([block, seed, bytes(n)]));
    parts.push(block);
  }
  return concat(parts).slice(0, length);
}

function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (c) => c.charCodeAt(0));
}
