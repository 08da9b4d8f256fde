import { NANOS_PER_SECOND, type Nanos, nanos } from "../../sim/time.ts";

const UNIT_SECONDS: Readonly<Record<string, number>> = {
  h: 3600,
  m: 60,
  s: 1,
  ms: 1e-3,
  us: 1e-6,
  µs: 1e-6,
  ns: 1e-9,
};

/** Go's time.ParseDuration: `1m30s`, `-1s`, `0`. Undefined when it is malformed. */
export function parseDuration(text: string): Nanos | undefined {
  const m = /^([+-]?)((?:\d+(?:\.\d*)?(?:h|ms|m|us|µs|ns|s))+|0)$/.exec(text);
  if (m === null) return undefined;
  let total = 0;
  for (const part of (m[2] ?? "").matchAll(/(\d+(?:\.\d*)?)(h|ms|m|us|µs|ns|s)/g)) {
    total += Number(part[1]) * (UNIT_SECONDS[part[2] ?? "s"] ?? 1);
  }
  return nanos(Math.round(total * NANOS_PER_SECOND) * (m[1] === "-" ? -1 : 1));
}
