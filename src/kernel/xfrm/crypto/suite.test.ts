import { createCipheriv } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { fromHex, hex } from "../../../base/bytes.ts";
import { must } from "../../../base/result.ts";
import type { Ipv4 } from "../../../wire/address.ts";
import type { XfrmStateSpec } from "../../uapi/index.ts";
import { Aes } from "./aes.ts";
import { Gcm } from "./gcm.ts";
import { makeSuite, type Suite } from "./suite.ts";

const bytes = (length: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: length, maxLength: length });
const keys = fc.constantFrom(16, 24, 32).chain(bytes);
const parsed = (text: string): Uint8Array => must(fromHex(text.replaceAll(/\s/g, "")), "hexadecimal digits");

test("a block is encrypted as by OpenSSL, and decrypted again", () => {
  fc.assert(
    fc.property(keys, bytes(16), (key, block) => {
      const cipher = createCipheriv(`aes-${key.length * 8}-ecb`, key, null).setAutoPadding(false);
      const aes = new Aes(key);
      const out = new Uint8Array(16);
      aes.encrypt(block, 0, out, 0);
      expect(hex(out)).toBe(cipher.update(block).toString("hex"));
      aes.decrypt(out, 0);
      expect(hex(out)).toBe(hex(block));
    }),
  );
});

test("GCM gives OpenSSL's ciphertext and tag", () => {
  const inputs = [
    keys,
    bytes(12),
    fc.uint8Array({ maxLength: 40 }),
    fc.uint8Array({ maxLength: 100 }),
  ] as const;
  fc.assert(
    fc.property(...inputs, (key, nonce, aad, text) => {
      const name = key.length === 16 ? "aes-128-gcm" : key.length === 24 ? "aes-192-gcm" : "aes-256-gcm";
      const cipher = createCipheriv(name, key, nonce).setAAD(aad);
      const wanted = Buffer.concat([cipher.update(text), cipher.final()]).toString("hex");
      const b = Uint8Array.from(text);
      const gcm = new Gcm(key);
      const tag = gcm.seal(nonce, aad, b, 0, b.length);
      expect([hex(b), hex(tag)]).toEqual([wanted, cipher.getAuthTag().toString("hex")]);
      expect(gcm.open(nonce, aad, b, 0, b.length, tag)).toBe(true);
      expect(hex(b)).toBe(hex(text));
      expect(
        gcm.open(
          nonce,
          aad,
          b,
          0,
          b.length,
          tag.map((byte) => byte ^ 1),
        ),
      ).toBe(false);
    }),
  );
});

const KEY = parsed("000102030405060708090a0b0c0d0e0f");

function suite(algorithms: Pick<XfrmStateSpec, "auth" | "enc" | "aead">): Suite {
  const anywhere = { address: 0 as Ipv4, length: 0 };
  const made = makeSuite(
    {
      src: 0 as Ipv4,
      dst: 0 as Ipv4,
      spi: 1,
      mode: "transport",
      reqid: 0,
      seq: 0,
      replayWindow: 0,
      flags: [],
      selector: { src: anywhere, dst: anywhere, protocol: 0 },
      limits: {},
      ...algorithms,
    },
    () => 0x12345678,
  );
  if (!made.ok) throw new Error(made.error.extack ?? made.error.errno);
  return made.value;
}

// Linux 6.1 (User-Mode Linux): `ping -s 4` between two hosts with `ip xfrm state ... mode transport`, tcpdump -xx.
test("Linux's own packet: no encryption, HMAC-SHA-256; and ours is the same", () => {
  const esp = `00000101 00000001 45000020 1a604000 40010c79 0a010001 0a020001
    0800f271 03890001 00010203 01020204`;
  const whole = parsed(`${esp} 6363c8f4 d8e2c75b d7760c34`);
  const plain = suite({
    enc: { name: "ecb(cipher_null)", key: new Uint8Array() },
    auth: { name: "hmac(sha256)", key: KEY },
  });
  expect(plain.open(Uint8Array.from(whole), 0, 44)).toBe(true);
  const ours = new Uint8Array(56);
  ours.set(parsed(esp));
  plain.seal(ours, 0, 44);
  expect(hex(ours)).toBe(hex(whole));
});

test("Linux's own packet: AES-CBC and HMAC-MD5 open to an echo reply and its padding", () => {
  const whole = parsed(`00000202 00000001 a1b09874 b5592f18 4566cfac aa0c0bb8 f8d3c630 6b667dba
    385770bf 30252160 2100b76e 5806a8d3 1780ae75`);
  const cbc = suite({ enc: { name: "cbc(aes)", key: KEY }, auth: { name: "hmac(md5)", key: KEY } });
  expect(cbc.open(whole, 0, 40)).toBe(true);
  expect(hex(whole.subarray(24, 40))).toBe("0000fa720388000100010203" + "01020201");
  whole[30]! ^= 1;
  expect(cbc.open(whole, 0, 40)).toBe(false);
});

test("what one seals the other opens, whatever its length", () => {
  const suites = [
    suite({ enc: { name: "cbc(aes)", key: KEY }, auth: { name: "hmac(sha256)", key: KEY, icvBits: 128 } }),
    suite({ enc: { name: "cbc(aes)", key: KEY } }),
    suite({ aead: { name: "rfc4106(gcm(aes))", key: parsed(`${hex(KEY)}01020304`), icvBits: 64 } }),
  ];
  fc.assert(
    fc.property(fc.constantFrom(...suites), fc.integer({ min: 1, max: 20 }), fc.nat(), (s, blocks, seq) => {
      const from = 8 + s.ivLength;
      const to = from + blocks * Math.max(s.block, 4);
      const b = new Uint8Array(to + s.icvLength);
      b[7] = seq & 255;
      for (let i = from; i < to; i++) b[i] = i & 255;
      const before = hex(b.subarray(from, to));
      s.seal(b, 0, to);
      expect(hex(b.subarray(from, to))).not.toBe(before);
      expect(s.open(b, 0, to)).toBe(true);
      expect(hex(b.subarray(from, to))).toBe(before);
    }),
  );
});
