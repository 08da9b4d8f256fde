import { createPublicKey, generateKeyPairSync } from "node:crypto";
import { expect, test } from "vitest";
import { decodeBase64, encodeBase64 } from "./base64.ts";
import { publicKey } from "./x25519.ts";

test("X25519 of 9 and 9 is what RFC 7748, section 5.2 says", () => {
  const nine = new Uint8Array(32);
  nine[0] = 9;
  const hex = [...publicKey(nine)].map((b) => b.toString(16).padStart(2, "0")).join("");
  expect(hex).toBe("422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079");
});

test("the public key is the one that OpenSSL finds", () => {
  for (let i = 0; i < 3; i++) {
    const { privateKey } = generateKeyPairSync("x25519");
    const secret = privateKey.export({ type: "pkcs8", format: "der" }).subarray(-32);
    const wanted = createPublicKey(privateKey).export({ type: "spki", format: "der" }).subarray(-32);
    expect(encodeBase64(publicKey(new Uint8Array(secret)))).toBe(wanted.toString("base64"));
  }
});

test("base64 reads what it wrote, and nothing else", () => {
  const bytes = Uint8Array.of(0, 1, 254, 255, 7);
  expect(encodeBase64(bytes)).toBe("AAH+/wc=");
  expect(decodeBase64("AAH+/wc=")).toEqual({ ok: true, value: bytes });
  for (const bad of ["AAH+/wc", "AAH+/wd=", "A===", "AA*="]) expect(decodeBase64(bad).ok).toBe(false);
});
