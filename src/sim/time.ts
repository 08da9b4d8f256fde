import type { Brand } from "../base/brand.ts";

/** Virtual nanoseconds since the world began. A double holds 104 days exactly. */
export type Nanos = Brand<number, "Nanos">;

export const NANOS_PER_MICRO = 1_000;
export const NANOS_PER_MILLI = 1_000_000;
export const NANOS_PER_SECOND = 1_000_000_000;

export function nanos(value: number): Nanos {
  return value as Nanos;
}

export function micros(value: number): Nanos {
  return Math.round(value * NANOS_PER_MICRO) as Nanos;
}

export function millis(value: number): Nanos {
  return Math.round(value * NANOS_PER_MILLI) as Nanos;
}

export function seconds(value: number): Nanos {
  return Math.round(value * NANOS_PER_SECOND) as Nanos;
}

export function addTime(a: Nanos, b: Nanos): Nanos {
  return (a + b) as Nanos;
}

export function toSeconds(t: Nanos): number {
  return t / NANOS_PER_SECOND;
}

export function toMillis(t: Nanos): number {
  return t / NANOS_PER_MILLI;
}
