import { describe, expect, test } from "vitest";
import { type CivilMinute, isDue, parseSchedule } from "./cron.ts";

/** 2026-11-21 is a Saturday. */
const at = (hour: number, minute: number, day = 21, weekday = 6): CivilMinute => [
  2026,
  11,
  day,
  weekday,
  hour,
  minute,
];

function due(schedule: string, moment: CivilMinute): boolean {
  const parsed = parseSchedule(schedule);
  if (!parsed.ok) throw new Error(parsed.error);
  return isDue(parsed.value, moment);
}

describe("schedules", () => {
  test.each([
    ["* * * * *", at(3, 7), true],
    ["*/5 * * * *", at(3, 10), true],
    ["*/5 * * * *", at(3, 11), false],
    ["10-20/5 3 * * *", at(3, 15), true],
    ["0 9-17 * * mon-fri", at(9, 0), false],
    ["0 9-17 * * mon-fri", at(9, 0, 20, 5), true],
    // Two restricted fields are an "or".
    ["0 0 1 * sat", at(0, 0), true],
    ["@hourly", at(4, 0), true],
  ])("%s", (schedule, moment, expected) => expect(due(schedule, moment)).toBe(expected));

  test.each([
    ["* * * *", "expected exactly 5 fields, found 4: [* * * *]"],
    ["61 * * * *", "end of range (61) above maximum (59): 61"],
    ["a * * * *", 'failed to parse int from a: strconv.Atoi: parsing "a": invalid syntax'],
    ["@often", "unrecognized descriptor: @often"],
  ])("%s is refused", (schedule, message) =>
    expect(parseSchedule(schedule)).toEqual({ ok: false, error: message }),
  );
});
