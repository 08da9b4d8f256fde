/** Arithmetic of sequence numbers, modulo 2^32 (RFC 9293, section 3.4). */

/** a - b as a signed distance. */
export function distance(a: number, b: number): number {
  return (a - b) | 0;
}

export function before(a: number, b: number): boolean {
  return ((a - b) | 0) < 0;
}

export function after(a: number, b: number): boolean {
  return ((a - b) | 0) > 0;
}

export function advance(a: number, by: number): number {
  return (a + by) >>> 0;
}
