/** The rates of limit and hashlimit: kept as the time one packet costs, so that a rate may come back in another unit. */

export type RateUnit = "second" | "minute" | "hour" | "day";

export interface Rate {
  readonly rate: number;
  readonly per: RateUnit;
}

const UNITS: readonly (readonly [RateUnit, number, string])[] = [
  ["day", 86400, "day"],
  ["hour", 3600, "hour"],
  ["minute", 60, "min"],
  ["second", 1, "sec"],
];

/** XT_LIMIT_SCALE and XT_HASHLIMIT_SCALE_v2: the cost of a second. */
export const LIMIT_SCALE = 10_000;
export const HASHLIMIT_SCALE = 1_000_000;

export function unitSeconds(per: RateUnit): number {
  return UNITS.find(([unit]) => unit === per)?.[1] ?? 1;
}

/** The largest unit in which the cost still is an honest number of packets. Models: libxt_limit.c print_rate. */
export function rateOfCost(cost: number, scale: number): Rate {
  let at = 0;
  for (let i = 1; i < UNITS.length; i++) {
    const whole = scale * (UNITS[i]?.[1] ?? 1);
    if (cost > whole || Math.floor(whole / cost) < whole % cost) break;
    at = i;
  }
  const [per = "second", length = 1] = UNITS[at] ?? [];
  return { rate: Math.floor((scale * length) / cost), per };
}

export interface GivenRate extends Rate {
  /** The length of the unit that was written, in seconds. */
  readonly writtenSeconds: number;
}

/** `5`, `5/s`, `10/minute`; "bad" and "fast" are the tool's two complaints. Models: libxt_limit.c parse_rate. */
export function parseRate(text: string, scale: number): GivenRate | "bad" | "fast" {
  const slash = text.indexOf("/");
  const unit = slash < 0 ? "second" : text.slice(slash + 1).toLowerCase();
  if (unit === "") return "bad";
  const order: readonly RateUnit[] = ["second", "minute", "hour", "day"];
  const per = order.find((name) => name.startsWith(unit));
  if (per === undefined) return "bad";
  const count = Number.parseInt(slash < 0 ? text : text.slice(0, slash), 10);
  if (!(count > 0)) return "bad";
  const seconds = unitSeconds(per);
  if (Math.floor(count / seconds) > scale) return "fast";
  const cost = Math.floor((scale * seconds) / count);
  if (cost === 0) return "fast";
  return { ...rateOfCost(cost, scale), writtenSeconds: seconds };
}

export function formatRate({ rate, per }: Rate): string {
  return `${rate}/${UNITS.find(([unit]) => unit === per)?.[2] ?? per}`;
}
