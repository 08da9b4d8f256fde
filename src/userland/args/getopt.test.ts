import { describe, expect, test } from "vitest";
import { getopt, type LongOption } from "./getopt.ts";

const LONG: readonly LongOption[] = [
  { name: "count", argument: "required", short: "c" },
  { name: "verbose", argument: "none", short: "v" },
  { name: "version", argument: "none", short: "V" },
];

const read = (line: string) => getopt(["x", ...line.split(" ")], "c:vVp::", LONG);

describe("getopt", () => {
  test.each([
    ["-c1 host", "c=1", "host"],
    ["-c 1 host", "c=1", "host"],
    ["host -vc 1", "v c=1", "host"],
    ["--count=1 host", "c=1", "host"],
    ["--co 1 host", "c=1", "host"],
    ["-p host", "p", "host"],
    ["-pfile host", "p=file", "host"],
    ["-v -- -c", "v", "-c"],
    ["- -v", "v", "-"],
  ])("%s", (line, options, operands) => {
    const got = read(line);
    expect(got.complaint).toBeUndefined();
    const shown = got.options.map(({ letter, value }) =>
      value === undefined ? letter : `${letter}=${value}`,
    );
    expect(shown.join(" ")).toBe(options);
    expect(got.operands.join(" ")).toBe(operands);
  });

  test.each([
    ["-z", "x: invalid option -- 'z'\n"],
    ["-c", "x: option requires an argument -- 'c'\n"],
    ["--foo", "x: unrecognized option '--foo'\n"],
    ["--count", "x: option '--count' requires an argument\n"],
    ["--verbose=1", "x: option '--verbose' doesn't allow an argument\n"],
    ["--ver", "x: option '--ver' is ambiguous; possibilities: '--verbose' '--version'\n"],
  ])("%s is wrong", (line, complaint) => {
    expect(read(line).complaint).toBe(complaint);
  });
});
