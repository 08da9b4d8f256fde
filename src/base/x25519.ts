/**
 * The function X25519 of RFC 7748, for the public half of a WireGuard key. It is exact but neither fast nor constant in
 * time: keys of the simulation guard nothing.
 */

const P = 2n ** 255n - 19n;
const A24 = 121665n;

function mod(value: bigint): bigint {
  const rest = value % P;
  return rest < 0n ? rest + P : rest;
}

/** Fermat: the inverse is the power P - 2. */
function invert(value: bigint): bigint {
  let [result, base, exponent] = [1n, mod(value), P - 2n];
  for (; exponent > 0n; exponent >>= 1n) {
    if ((exponent & 1n) === 1n) result = mod(result * base);
    base = mod(base * base);
  }
  return result;
}

function littleEndian(bytes: Uint8Array): bigint {
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]!);
  return value;
}

/** A private key as it is used: three low bits and the highest cleared, the one below set. */
export function clamped(key: Uint8Array): Uint8Array {
  const out = key.slice();
  out[0]! &= 248;
  out[31] = (out[31]! & 127) | 64;
  return out;
}

/** The Montgomery ladder of section 5. */
function ladder(k: bigint, u: bigint): bigint {
  let [x2, z2, x3, z3, swap] = [1n, 0n, u, 1n, 0n];
  for (let t = 254n; t >= 0n; t--) {
    const bit = (k >> t) & 1n;
    if ((swap ^ bit) === 1n) [x2, z2, x3, z3] = [x3, z3, x2, z2];
    swap = bit;
    const [a, b, c, d] = [x2 + z2, x2 - z2, x3 + z3, x3 - z3];
    const [aa, bb, da, cb] = [mod(a * a), mod(b * b), mod(d * a), mod(c * b)];
    const e = mod(aa - bb);
    x3 = mod((da + cb) ** 2n);
    z3 = mod(u * mod((da - cb) ** 2n));
    x2 = mod(aa * bb);
    z2 = mod(e * (aa + A24 * e));
  }
  if (swap === 1n) [x2, z2] = [x3, z3];
  return mod(x2 * invert(z2));
}

/** The public key of a private one, 32 bytes each. */
export function publicKey(privateKey: Uint8Array): Uint8Array {
  let value = ladder(littleEndian(clamped(privateKey)), 9n);
  const out = new Uint8Array(32);
  for (let i = 0; i < 32; i++, value >>= 8n) out[i] = Number(value & 255n);
  return out;
}
