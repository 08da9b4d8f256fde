import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { XtFamily, XtRule } from "../../kernel/uapi/xtables.ts";
import { parseCommand } from "./command.ts";
import { problemText } from "./failure.ts";
import { listLine } from "./listing.ts";
import { saveRule } from "./save.ts";
import { splitWords } from "./words.ts";

/** Rules that the real tool was given, and what it made of them (`fixtures/rules-*.txt`). */
interface Case {
  readonly family: XtFamily;
  readonly table: string;
  readonly chain: string;
  readonly given: string;
  readonly lines: readonly string[];
}

function casesOf(family: XtFamily): Case[] {
  const text = readFileSync(new URL(`fixtures/rules-${family}.txt`, import.meta.url), "utf8");
  const cases: { family: XtFamily; table: string; chain: string; given: string; lines: string[] }[] = [];
  let [table, chain] = ["", ""];
  for (const line of text.replace(/\n$/, "").split("\n")) {
    const head = /^\[(\S+) (\S+)\]$/.exec(line);
    if (line.startsWith("#")) continue;
    if (head !== null) [, table = "", chain = ""] = head;
    else if (line.startsWith("< ")) cases.push({ family, table, chain, given: line.slice(2), lines: [] });
    else cases.at(-1)?.lines.push(line);
  }
  return cases;
}

const SETS: Readonly<Record<string, XtFamily>> = { haship: "ip", hipport: "ip", hnet: "ip", h6: "ip6" };
const world = { setFamily: (name: string) => SETS[name] };

const program = (family: XtFamily): string => (family === "ip" ? "iptables" : "ip6tables");

/** The words of a line as a shell sees them, as far as the fixtures need it. */
function shellWords(line: string): string[] {
  return splitWords(line);
}

const parse = ({ family, table, chain, given }: Case) =>
  parseCommand(["-t", table, "-A", chain, ...shellWords(given)], { family, world });

/** All that the tool said, in the form of the fixture. */
function answer(one: Case): { readonly lines: readonly string[]; readonly refused?: string } {
  const parsed = parse(one);
  if (!parsed.ok) {
    if (parsed.error.kind === "refused") return { lines: [], refused: parsed.error.message };
    const text = problemText(parsed.error, program(one.family)).replace(/\n+$/, "");
    return { lines: ["exit 2", ...text.split("\n").map((line) => `! ${line}`)] };
  }
  const { rules, warnings, jumpsTo } = parsed.value;
  if (jumpsTo !== undefined && !["X", "Y", "INPUT"].includes(jumpsTo)) {
    const problem = { kind: "parameter", message: `Chain '${jumpsTo}' does not exist` } as const;
    const text = problemText(problem, program(one.family)).trimEnd();
    return { lines: ["exit 2", ...text.split("\n").map((line) => `! ${line}`)] };
  }
  const lines = warnings.map((text) => `w ${text.trimEnd()}`);
  const list = (rule: XtRule, letter: string, numeric: boolean, verbose: boolean): string => {
    const info = { rule, counters: { packets: 0, bytes: 0 }, id: 0, by: { name: "" } };
    const format = { numeric, verbose, exact: false, lineNumbers: false };
    return `${letter} ${listLine(info, 1, one.family, format).replace(/\n$/, "")}`;
  };
  for (const rule of rules) lines.push(`> -A ${one.chain} ${saveRule(rule)}`.trimEnd());
  for (const rule of rules) lines.push(list(rule, "n", true, false));
  if (one.lines.some((line) => line.startsWith("v ")))
    for (const rule of rules) lines.push(list(rule, "v", true, true));
  for (const rule of rules) lines.push(list(rule, "l", false, false));
  return { lines };
}

/** Rules that the tool reads and the kernel refuses: no matter of text. */
const fromKernel = (one: Case): boolean => one.lines[0] === "exit 4";

/** Two tcp matches of one rule: the real tool makes one of them, since nftables has no matches but expressions. */
const DEPARTURES = ["-p tcp --dport 80 -m tcp --sport 90"];

describe.each(["ip", "ip6"] as const)("what the real tool printed, family %s", (family) => {
  const cases = casesOf(family).filter((one) => !fromKernel(one));

  test("the fixture is read", () => {
    expect(cases.length).toBeGreaterThan(100);
  });

  test.each(cases.map((one) => [`[${one.table}] ${one.given}`, one] as const))("%s", (_, one) => {
    const { lines, refused } = answer(one);
    if (DEPARTURES.includes(one.given)) expect(lines).not.toEqual(one.lines);
    else if (refused === undefined) expect(lines).toEqual(one.lines);
    else expect(one.lines[0]).toMatch(/^>|^w/);
  });

  test("what is printed is read again as the same rule", () => {
    for (const one of cases) {
      const parsed = parse(one);
      if (!parsed.ok || /weird character/.test(parsed.value.warnings.join(""))) continue;
      for (const rule of parsed.value.rules) {
        const again = parseCommand(["-A", one.chain, ...splitWords(saveRule(rule))], { family, world });
        expect(again.ok ? again.value.rules : again.error).toEqual([rule]);
      }
    }
  });

  test("what is refused", () => {
    const refused = cases.flatMap((one) => answer(one).refused ?? []);
    expect([...new Set(refused)].sort()).toMatchSnapshot();
  });
});
