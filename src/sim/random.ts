/**
 * Seeded chance: sfc32 (Chris Doty-Humphrey's PractRand), 128 bits of state. Everything random in a world draws from
 * one of these, so that one seed gives one trace.
 */
export class Random {
  private a: number;
  private b: number;
  private c: number;
  private d: number;

  constructor(seed: number) {
    this.a = seed >>> 0;
    this.b = Math.floor(seed / 0x1_0000_0000) >>> 0;
    this.c = 0x9e3779b9;
    this.d = 1;
    for (let i = 0; i < 12; i++) this.u32();
  }

  /** Uniform on 0 to 2^32 - 1. */
  u32(): number {
    const t = (((this.a + this.b) >>> 0) + this.d) >>> 0;
    this.d = (this.d + 1) >>> 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) >>> 0;
    this.c = ((this.c << 21) | (this.c >>> 11)) >>> 0;
    this.c = (this.c + t) >>> 0;
    return t;
  }

  /** Uniform on 0 to `below` - 1. */
  below(below: number): number {
    return Math.floor((this.u32() / 0x1_0000_0000) * below);
  }

  /** Uniform on [0, 1). */
  unit(): number {
    return this.u32() / 0x1_0000_0000;
  }

  /** `length` characters drawn from `alphabet`. */
  text(length: number, alphabet: string): string {
    // Joined at once: a string that grew by letters would be kept as a chain of them.
    const letters: string[] = [];
    for (let i = 0; i < length; i++) letters.push(alphabet[this.below(alphabet.length)]!);
    return letters.join("");
  }

  /** A generator with a stream of its own, so that one component's draws do not shift another's. */
  fork(): Random {
    return new Random(this.u32() * 0x20_0000 + (this.u32() >>> 11));
  }
}
