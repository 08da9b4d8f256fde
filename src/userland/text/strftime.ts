/** strftime(3) in the C locale, UTC. */

const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];
const SECONDS_PER_DAY = 86400;

/** A moment as a calendar has it. */
export interface Moment {
  readonly year: number;
  /** 0 to 11. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly nanosecond: number;
  /** 0 is Sunday. */
  readonly weekday: number;
  /** 0 is the first of January. */
  readonly dayOfYear: number;
  readonly epochSeconds: number;
}

function isLeap(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
}

/** Days since 1970-01-01 of a date (Howard Hinnant's civil calendar). */
export function daysFromCivil(year: number, month: number, day: number): number {
  const y = month <= 1 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * ((month + 10) % 12) + 2) / 5) + day - 1;
  return (
    era * 146097 +
    yearOfEra * 365 +
    Math.floor(yearOfEra / 4) -
    Math.floor(yearOfEra / 100) +
    dayOfYear -
    719468
  );
}

export function momentOf(epochSeconds: number, nanosecond = 0): Moment {
  const days = Math.floor(epochSeconds / SECONDS_PER_DAY);
  const rest = epochSeconds - days * SECONDS_PER_DAY;
  const shifted = days + 719468;
  const era = Math.floor(shifted / 146097);
  const dayOfEra = shifted - era * 146097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36524) - Math.floor(dayOfEra / 146096)) /
      365,
  );
  const dayOfShifted = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfShifted + 2) / 153);
  const month = (shiftedMonth + 2) % 12;
  const year = yearOfEra + era * 400 + (month <= 1 ? 1 : 0);
  return {
    year,
    month,
    day: dayOfShifted - Math.floor((153 * shiftedMonth + 2) / 5) + 1,
    hour: Math.floor(rest / 3600),
    minute: Math.floor(rest / 60) % 60,
    second: rest % 60,
    nanosecond,
    weekday: (((days + 4) % 7) + 7) % 7,
    dayOfYear: days - daysFromCivil(year, 0, 1),
    epochSeconds,
  };
}

/** ISO 8601: the year and number of the week that holds the day. */
function isoWeek(m: Moment): { readonly year: number; readonly week: number } {
  const weekday = (m.weekday + 6) % 7;
  const week = Math.floor((m.dayOfYear - weekday + 10) / 7);
  if (week < 1) return { year: m.year - 1, week: weeksIn(m.year - 1) };
  if (week > weeksIn(m.year)) return { year: m.year + 1, week: 1 };
  return { year: m.year, week };
}

function weeksIn(year: number): number {
  const first = (((daysFromCivil(year, 0, 1) + 4) % 7) + 7) % 7;
  return first === 4 || (first === 3 && isLeap(year)) ? 53 : 52;
}

const COMPOSITE: Readonly<Record<string, string>> = {
  c: "%a %b %e %H:%M:%S %Y",
  D: "%m/%d/%y",
  F: "%Y-%m-%d",
  R: "%H:%M",
  T: "%H:%M:%S",
  X: "%H:%M:%S",
  r: "%I:%M:%S %p",
  x: "%m/%d/%y",
};

/** Numbers: the value, how wide, and what it is padded with. */
const NUMBERS: Readonly<Record<string, (m: Moment) => readonly [number, number, string]>> = {
  C: (m) => [Math.floor(m.year / 100), 2, "0"],
  d: (m) => [m.day, 2, "0"],
  e: (m) => [m.day, 2, " "],
  g: (m) => [isoWeek(m).year % 100, 2, "0"],
  G: (m) => [isoWeek(m).year, 4, "0"],
  H: (m) => [m.hour, 2, "0"],
  I: (m) => [m.hour % 12 || 12, 2, "0"],
  j: (m) => [m.dayOfYear + 1, 3, "0"],
  k: (m) => [m.hour, 2, " "],
  l: (m) => [m.hour % 12 || 12, 2, " "],
  m: (m) => [m.month + 1, 2, "0"],
  M: (m) => [m.minute, 2, "0"],
  N: (m) => [m.nanosecond, 9, "0"],
  q: (m) => [Math.floor(m.month / 3) + 1, 1, "0"],
  s: (m) => [m.epochSeconds, 1, "0"],
  S: (m) => [m.second, 2, "0"],
  u: (m) => [m.weekday === 0 ? 7 : m.weekday, 1, "0"],
  U: (m) => [Math.floor((m.dayOfYear + 7 - m.weekday) / 7), 2, "0"],
  V: (m) => [isoWeek(m).week, 2, "0"],
  w: (m) => [m.weekday, 1, "0"],
  W: (m) => [Math.floor((m.dayOfYear + 7 - ((m.weekday + 6) % 7)) / 7), 2, "0"],
  y: (m) => [m.year % 100, 2, "0"],
  Y: (m) => [m.year, 4, "0"],
};

const WORDS: Readonly<Record<string, (m: Moment) => string>> = {
  a: (m) => DAYS[m.weekday]!.slice(0, 3),
  A: (m) => DAYS[m.weekday]!,
  b: (m) => MONTHS[m.month]!.slice(0, 3),
  B: (m) => MONTHS[m.month]!,
  h: (m) => MONTHS[m.month]!.slice(0, 3),
  n: () => "\n",
  p: (m) => (m.hour < 12 ? "AM" : "PM"),
  P: (m) => (m.hour < 12 ? "am" : "pm"),
  t: () => "\t",
  z: () => "+0000",
  Z: () => "UTC",
  "%": () => "%",
};

/** Conversions take GNU's flags `-`, `_`, `0`, `^` and a width. */
export function strftime(format: string, m: Moment): string {
  return format.replace(
    /%([-_0^]*)(\d*)(:?[a-zA-Z%])/g,
    (match, flags: string, width: string, letter: string) => {
      if (letter === ":z") return "+00:00";
      const composite = COMPOSITE[letter];
      if (composite !== undefined) return strftime(composite, m);
      const number = NUMBERS[letter]?.(m);
      if (number !== undefined) return pad(number, flags, width, letter);
      const word = WORDS[letter]?.(m);
      if (word === undefined) return match;
      return flags.includes("^") ? word.toUpperCase() : word;
    },
  );
}

function pad(
  [value, size, fill]: readonly [number, number, string],
  flags: string,
  width: string,
  letter: string,
): string {
  if (letter === "N" && width !== "") return String(value).padStart(9, "0").slice(0, Number(width));
  if (flags.includes("-")) return String(value);
  const filler = flags.includes("_") ? " " : flags.includes("0") ? "0" : fill;
  return String(value).padStart(width === "" ? size : Number(width), filler);
}
