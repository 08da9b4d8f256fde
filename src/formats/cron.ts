import { err, ok, type Result } from "../base/result.ts";

/** A schedule as cron(5) writes it: five fields. Models: robfig/cron v3 ParseStandard. */
export interface Schedule {
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly days: ReadonlySet<number>;
  readonly months: ReadonlySet<number>;
  readonly weekdays: ReadonlySet<number>;
  /** Whether day of month and day of week were `*`: two restricted fields are an "or". */
  readonly anyDay: boolean;
  readonly anyWeekday: boolean;
}

/** Year, month (1 to 12), day, weekday (0 is Sunday), hour, minute. */
export type CivilMinute = readonly [number, number, number, number, number, number];

interface Field {
  readonly name: string;
  readonly low: number;
  readonly high: number;
  readonly names: readonly string[];
}

const MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split(" ");
const DAYS = "sun mon tue wed thu fri sat".split(" ");

const FIELDS: readonly Field[] = [
  { name: "minute", low: 0, high: 59, names: [] },
  { name: "hour", low: 0, high: 23, names: [] },
  { name: "day of month", low: 1, high: 31, names: [] },
  { name: "month", low: 1, high: 12, names: MONTHS },
  { name: "day of week", low: 0, high: 6, names: DAYS },
];

const SHORTHANDS: Readonly<Record<string, string>> = {
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
  "@monthly": "0 0 1 * *",
  "@weekly": "0 0 * * 0",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@hourly": "0 * * * *",
};

function numberOf(text: string, field: Field): Result<number, string> {
  const named = field.names.indexOf(text.toLowerCase());
  if (named >= 0) return ok(named + field.low);
  if (!/^\d+$/.test(text))
    return err(`failed to parse int from ${text}: strconv.Atoi: parsing "${text}": invalid syntax`);
  return ok(Number(text));
}

/** `*`, `3`, `1-5`, each with `/step`. */
function rangeOf(text: string, field: Field): Result<readonly number[], string> {
  const [span = "", step, ...more] = text.split("/");
  if (more.length > 0) return err(`too many slashes: ${text}`);
  const star = span === "*" || span === "?";
  const [first = "", second, ...rest] = span.split("-");
  if (rest.length > 0) return err(`too many hyphens: ${text}`);
  const low = star ? ok(field.low) : numberOf(first, field);
  if (!low.ok) return low;
  const open = star || (second === undefined && step !== undefined);
  const high = open ? ok(field.high) : second === undefined ? low : numberOf(second, field);
  if (!high.ok) return high;
  const by = step === undefined ? ok(1) : numberOf(step, { ...field, names: [] });
  if (!by.ok) return by;
  if (low.value < field.low)
    return err(`beginning of range (${low.value}) below minimum (${field.low}): ${text}`);
  if (high.value > field.high)
    return err(`end of range (${high.value}) above maximum (${field.high}): ${text}`);
  if (low.value > high.value)
    return err(`beginning of range (${low.value}) beyond end of range (${high.value}): ${text}`);
  if (by.value === 0) return err(`step of range should be a positive number: ${text}`);
  const out: number[] = [];
  for (let n = low.value; n <= high.value; n += by.value) out.push(n);
  return ok(out);
}

/** The error is worded as the library words it. */
export function parseSchedule(text: string): Result<Schedule, string> {
  if (text === "") return err("empty spec string");
  const known = text.startsWith("@") ? SHORTHANDS[text] : text;
  if (known === undefined) return err(`unrecognized descriptor: ${text}`);
  const words = known.trim().split(/\s+/);
  if (words.length !== FIELDS.length)
    return err(`expected exactly 5 fields, found ${words.length}: [${words.join(" ")}]`);
  const sets: ReadonlySet<number>[] = [];
  for (const [i, field] of FIELDS.entries()) {
    const values = new Set<number>();
    for (const part of (words[i] ?? "").split(",")) {
      const range = rangeOf(part, field);
      if (!range.ok) return range;
      for (const value of range.value) values.add(value);
    }
    sets.push(values);
  }
  const [minutes, hours, days, months, weekdays] = sets;
  const any = (i: number): boolean => /^[*?]/.test(words[i] ?? "");
  const none = new Set<number>();
  return ok({
    minutes: minutes ?? none,
    hours: hours ?? none,
    days: days ?? none,
    months: months ?? none,
    weekdays: weekdays ?? none,
    anyDay: any(2),
    anyWeekday: any(4),
  });
}

/** Whether a schedule names this minute. */
export function isDue(schedule: Schedule, [, month, day, weekday, hour, minute]: CivilMinute): boolean {
  const { minutes, hours, months, days, weekdays, anyDay, anyWeekday } = schedule;
  if (!minutes.has(minute) || !hours.has(hour) || !months.has(month)) return false;
  const [byDay, byWeekday] = [days.has(day), weekdays.has(weekday)];
  return anyDay || anyWeekday ? byDay && byWeekday : byDay || byWeekday;
}
