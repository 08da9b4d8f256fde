import { hmac } from "@noble/hashes/hmac.js";
import { md5, sha1 } from "@noble/hashes/legacy.js";
import { sha256, sha384, sha512 } from "@noble/hashes/sha2.js";
import { err, ok } from "../../../base/result.ts";
import { setU32 } from "../../../base/bytes.ts";
import { ESP_HEADER } from "../../../wire/esp.ts";
import type { KernelResult, XfrmStateSpec } from "../../uapi/index.ts";
import { Aes, AES_BLOCK, isAesKey } from "./aes.ts";
import { Gcm } from "./gcm.ts";

/**
 * What protects the packets of one state: cipher and integrity check together, as the kernel sees them (AEAD). Offsets
 * are those of a buffer that holds the ESP header at `esp`, the IV behind it, then what is encrypted up to `to`.
 * Models: crypto/authenc.c, crypto/gcm.c, crypto/seqiv.c, crypto/echainiv.c.
 */
export interface Suite {
  readonly ivLength: number;
  /** Ciphertext is a multiple of this many bytes. */
  readonly block: number;
  readonly icvLength: number;
  /** Writes the IV, encrypts and writes the ICV at `to`. */
  seal(b: Uint8Array, esp: number, to: number): void;
  /** Checks the ICV at `to` and decrypts; false when it is wrong. */
  open(b: Uint8Array, esp: number, to: number): boolean;
}

type Digest = Parameters<typeof hmac>[0];

/** Integrity algorithms: the hash, and the bits of the ICV where nobody says. Models: aalg_list of net/xfrm/xfrm_algo.c. */
const DIGESTS: ReadonlyMap<string, readonly [Digest, number]> = new Map<string, readonly [Digest, number]>([
  ["hmac(md5)", [md5, 96]],
  ["hmac(sha1)", [sha1, 96]],
  ["hmac(sha256)", [sha256, 96]],
  ["hmac(sha384)", [sha384, 192]],
  ["hmac(sha512)", [sha512, 256]],
]);

/** Names of old that the kernel knows as well. */
const COMPATIBLE: Readonly<Record<string, string>> = {
  md5: "hmac(md5)",
  sha1: "hmac(sha1)",
  sha256: "hmac(sha256)",
  sha384: "hmac(sha384)",
  sha512: "hmac(sha512)",
  aes: "cbc(aes)",
  cipher_null: "ecb(cipher_null)",
};

/** Linux has these; we do not. */
const ELSEWHERE =
  "rfc4309(ccm(aes)) rfc4543(gcm(aes)) rfc7539esp(chacha20,poly1305) rfc3686(ctr(aes)) cbc(des) cbc(des3_ede) cbc(cast5) " +
  "cbc(blowfish) cbc(serpent) cbc(camellia) cbc(twofish) cbc(sm4) hmac(rmd160) hmac(sm3) xcbc(aes) cmac(aes)";

export function algorithmName(name: string): string {
  return COMPATIBLE[name] ?? name;
}

/** Bits of the ICV of an integrity algorithm that was named without them. */
export function defaultIcvBits(name: string): number {
  return DIGESTS.get(name)?.[1] ?? 0;
}

function unknown(
  kind: string,
  name: string,
): { readonly extack: string; readonly errno: "EOPNOTSUPP" | "EINVAL" } {
  if (ELSEWHERE.split(" ").includes(name))
    return { errno: "EOPNOTSUPP", extack: `flannelgraph: ${name} is not modelled yet` };
  return { errno: "EINVAL", extack: `Requested ${kind} algorithm not found` };
}

/** The suite of a state, or why there is none; `salt` makes the IVs of two states differ. Models: esp_init_state. */
export function makeSuite(spec: XfrmStateSpec, salt: () => number): KernelResult<Suite> {
  if (spec.aead !== undefined) return makeGcm(spec.aead, salt);
  const { enc, auth } = spec;
  if (enc === undefined) return err({ errno: "EINVAL" });
  const cipher = makeCipher(enc.name, enc.key, salt);
  if (!cipher.ok) return cipher;
  if (auth === undefined || auth.name === "digest_null") return ok(new Authenc(cipher.value, undefined, 0));
  const found = DIGESTS.get(auth.name);
  if (found === undefined) return err(unknown("AUTH", auth.name));
  const [digest, bits] = found;
  const icv = (auth.icvBits ?? bits) / 8;
  if (icv > digest.outputLen)
    return err({ errno: "EINVAL", extack: "Invalid length requested for truncated ICV" });
  const { key } = auth;
  return ok(new Authenc(cipher.value, (bytes) => hmac(digest, key, bytes), icv));
}

const UNFIT = {
  errno: "EINVAL",
  extack: "Kernel was unable to initialize cryptographic operations",
} as const;

function makeGcm(aead: NonNullable<XfrmStateSpec["aead"]>, salt: () => number): KernelResult<Suite> {
  if (aead.name !== "rfc4106(gcm(aes))" || ![64, 96, 128].includes(aead.icvBits))
    return err(unknown("AEAD", aead.name));
  if (!isAesKey(aead.key.length - 4)) return err(UNFIT);
  return ok(new GcmSuite(aead.key, aead.icvBits / 8, [salt(), salt()]));
}

interface Cipher {
  readonly ivLength: number;
  readonly block: number;
  /** `iv` lies in front of what is encrypted. */
  encrypt(b: Uint8Array, iv: number, to: number, sequence: number): void;
  decrypt(b: Uint8Array, iv: number, to: number): void;
}

const NULL_CIPHER: Cipher = { ivLength: 0, block: 1, encrypt: () => undefined, decrypt: () => undefined };

function makeCipher(name: string, key: Uint8Array, salt: () => number): KernelResult<Cipher> {
  if (name === "ecb(cipher_null)") return key.length === 0 ? ok(NULL_CIPHER) : err({ errno: "EINVAL" });
  if (name !== "cbc(aes)") return err(unknown("CRYPT", name));
  return isAesKey(key.length) ? ok(new Cbc(key, salt())) : err({ errno: "EINVAL" });
}

/** AES in CBC mode; the IV is the encrypted sequence number, which nobody without the key foresees (SP 800-38A, C). */
class Cbc implements Cipher {
  readonly ivLength = AES_BLOCK;
  readonly block = AES_BLOCK;
  private readonly aes: Aes;
  private readonly salt: number;

  constructor(key: Uint8Array, salt: number) {
    this.aes = new Aes(key);
    this.salt = salt;
  }

  encrypt(b: Uint8Array, iv: number, to: number, sequence: number): void {
    b.fill(0, iv, iv + AES_BLOCK);
    setU32(b, iv, this.salt);
    setU32(b, iv + 12, sequence);
    this.aes.encrypt(b, iv, b, iv);
    for (let at = iv + AES_BLOCK; at < to; at += AES_BLOCK) {
      for (let i = 0; i < AES_BLOCK; i++) b[at + i]! ^= b[at + i - AES_BLOCK]!;
      this.aes.encrypt(b, at, b, at);
    }
  }

  decrypt(b: Uint8Array, iv: number, to: number): void {
    for (let at = to - AES_BLOCK; at > iv; at -= AES_BLOCK) {
      this.aes.decrypt(b, at);
      for (let i = 0; i < AES_BLOCK; i++) b[at + i]! ^= b[at + i - AES_BLOCK]!;
    }
  }
}

/** Encrypt, then authenticate header, IV and ciphertext (RFC 4303, 3.3.2). */
class Authenc implements Suite {
  readonly ivLength: number;
  readonly block: number;
  readonly icvLength: number;
  private readonly cipher: Cipher;
  private readonly mac: ((bytes: Uint8Array) => Uint8Array) | undefined;

  constructor(cipher: Cipher, mac: ((bytes: Uint8Array) => Uint8Array) | undefined, icvLength: number) {
    this.cipher = cipher;
    this.mac = mac;
    this.icvLength = icvLength;
    this.ivLength = cipher.ivLength;
    this.block = cipher.block;
  }

  seal(b: Uint8Array, esp: number, to: number): void {
    const sequence = b.subarray(esp + 4, esp + 8).reduce((n, byte) => n * 256 + byte, 0);
    this.cipher.encrypt(b, esp + ESP_HEADER, to, sequence);
    if (this.mac !== undefined) b.set(this.mac(b.subarray(esp, to)).subarray(0, this.icvLength), to);
  }

  open(b: Uint8Array, esp: number, to: number): boolean {
    if (this.mac !== undefined) {
      const right = this.mac(b.subarray(esp, to));
      for (let i = 0; i < this.icvLength; i++) if (b[to + i] !== right[i]) return false;
    }
    this.cipher.decrypt(b, esp + ESP_HEADER, to);
    return true;
  }
}

/** AES-GCM for ESP (RFC 4106): the last four bytes of the key begin the nonce; the IV is the sequence number, salted. */
class GcmSuite implements Suite {
  readonly ivLength = 8;
  readonly block = 1;
  readonly icvLength: number;
  private readonly gcm: Gcm;
  private readonly nonce = new Uint8Array(12);
  private readonly salt: readonly [number, number];

  constructor(key: Uint8Array, icvLength: number, salt: readonly [number, number]) {
    this.gcm = new Gcm(key.subarray(0, -4));
    this.nonce.set(key.subarray(-4));
    this.icvLength = icvLength;
    this.salt = salt;
  }

  seal(b: Uint8Array, esp: number, to: number): void {
    const iv = esp + ESP_HEADER;
    setU32(b, iv, this.salt[0]);
    b.set(b.subarray(esp + 4, esp + 8), iv + 4);
    for (let i = 0; i < 4; i++) b[iv + 4 + i]! ^= this.salt[1] >>> (24 - 8 * i);
    this.nonce.set(b.subarray(iv, iv + 8), 4);
    const tag = this.gcm.seal(this.nonce, b.subarray(esp, iv), b, iv + 8, to);
    b.set(tag.subarray(0, this.icvLength), to);
  }

  open(b: Uint8Array, esp: number, to: number): boolean {
    const iv = esp + ESP_HEADER;
    this.nonce.set(b.subarray(iv, iv + 8), 4);
    const tag = b.subarray(to, to + this.icvLength);
    return this.gcm.open(this.nonce, b.subarray(esp, iv), b, iv + 8, to, tag);
  }
}
