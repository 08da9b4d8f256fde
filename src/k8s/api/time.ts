import { NANOS_PER_SECOND, type Nanos, nanos } from "../../sim/time.ts";

/** Virtual time 0 as a calendar knows it: 2026-01-01T00:00:00Z, in seconds since 1970. */
const EPOCH_SECONDS = 1_767_225_600;
const SECONDS_PER_DAY = 86_400;

const two = (n: number): string => String(n).padStart(2, "0");

/** Year, month and day of a day number since 1970-01-01 (proleptic Gregorian; the year starts in March while counting). */
function civil(days: number): readonly [number, number, number] {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const month = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * month + 2) / 5) + 1;
  const calendarMonth = month < 10 ? month + 3 : month - 9;
  return [yearOfEra + era * 400 + (calendarMonth <= 2 ? 1 : 0), calendarMonth, day];
}

/** The day number since 1970-01-01 of a date. */
function dayNumber(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/** The last answers of the two functions below: what happens in one second asks for the same thousands of times. */
let written = { total: 0, text: "1970-01-01T00:00:00Z" };
let read: { readonly text: string; readonly at: Nanos | undefined } = { text: "", at: undefined };

/** A timestamp as the API writes it: whole seconds, UTC. */
export function timestamp(at: Nanos): string {
  const total = EPOCH_SECONDS + Math.floor(at / NANOS_PER_SECOND);
  if (total !== written.total) written = { total, text: timestampText(total) };
  return written.text;
}

function timestampText(total: number): string {
  const days = Math.floor(total / SECONDS_PER_DAY);
  const rest = total - days * SECONDS_PER_DAY;
  const [year, month, day] = civil(days);
  const clock = [Math.floor(rest / 3600), Math.floor(rest / 60) % 60, rest % 60].map(two).join(":");
  return `${year}-${two(month)}-${two(day)}T${clock}Z`;
}

/** Year, month, day, weekday (0 is Sunday), hour and minute of a moment, UTC. */
export function civilMinute(at: Nanos): readonly [number, number, number, number, number, number] {
  const total = EPOCH_SECONDS + Math.floor(at / NANOS_PER_SECOND);
  const days = Math.floor(total / SECONDS_PER_DAY);
  const minutes = Math.floor((total - days * SECONDS_PER_DAY) / 60);
  // 1970-01-01 was a Thursday.
  return [...civil(days), (days + 4) % 7, Math.floor(minutes / 60), minutes % 60];
}

/** Go's UnixNano as decimal text: more digits than a number holds. */
export function timestampNanos(at: Nanos): string {
  const whole = Math.floor(at / NANOS_PER_SECOND);
  return `${EPOCH_SECONDS + whole}${String(at - whole * NANOS_PER_SECOND).padStart(9, "0")}`;
}

/** The virtual time of a timestamp (to the second), or undefined when it is none. */
export function parseTimestamp(text: string): Nanos | undefined {
  if (text !== read.text) read = { text, at: parseAnew(text) };
  return read.at;
}

function parseAnew(text: string): Nanos | undefined {
  const m = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d+)?Z$/.exec(text);
  if (m === null) return undefined;
  const [year, month, day, hour, minute, second] = m.slice(1).map(Number);
  const days = dayNumber(year!, month!, day!);
  return nanos(
    (days * SECONDS_PER_DAY + hour! * 3600 + minute! * 60 + second! - EPOCH_SECONDS) * NANOS_PER_SECOND,
  );
}

const WEEKDAYS = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** A timestamp as `kubectl describe` prints it: Go's RFC1123Z. */
export function rfc1123(text: string | undefined): string {
  const at = parseTimestamp(text ?? "");
  if (at === undefined) return "Mon, 01 Jan 0001 00:00:00 +0000";
  const days = Math.floor((EPOCH_SECONDS + at / NANOS_PER_SECOND) / SECONDS_PER_DAY);
  const [year, month, day] = civil(days);
  return `${WEEKDAYS[days % 7]!}, ${two(day)} ${MONTHS[month - 1]!} ${year} ${(text ?? "").slice(11, 19)} +0000`;
}

/**
 * A span as kubectl prints ages. Models: k8s.io/apimachinery/pkg/util/duration HumanDuration.
 */
export function humanDuration(span: Nanos): string {
  const s = Math.floor(span / NANOS_PER_SECOND);
  if (s < -1) return "<invalid>";
  if (s < 0) return "0s";
  if (s < 120) return `${s}s`;
  const pair = (big: number, bigUnit: string, small: number, smallUnit: string): string =>
    small === 0 ? `${big}${bigUnit}` : `${big}${bigUnit}${small}${smallUnit}`;
  const m = Math.floor(s / 60);
  if (m < 10) return pair(m, "m", s % 60, "s");
  if (m < 180) return `${m}m`;
  const h = Math.floor(m / 60);
  if (h < 8) return pair(h, "h", m % 60, "m");
  if (h < 48) return `${h}h`;
  if (h < 192) return pair(Math.floor(h / 24), "d", h % 24, "h");
  if (h < 24 * 365 * 2) return `${Math.floor(h / 24)}d`;
  const days = Math.floor(h / 24);
  if (h < 24 * 365 * 8) return pair(Math.floor(days / 365), "y", days % 365, "d");
  return `${Math.floor(days / 365)}y`;
}

/** The age of something made at `since`; `<unknown>` when there is no such time. */
export function age(since: string | undefined, now: Nanos): string {
  const at = since === undefined ? undefined : parseTimestamp(since);
  return at === undefined ? "<unknown>" : humanDuration(nanos(now - at));
}
