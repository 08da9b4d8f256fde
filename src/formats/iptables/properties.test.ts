import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { XtFamily, XtMatch, XtRule, XtTarget } from "../../kernel/uapi/xtables.ts";
import { parseCommand } from "./command.ts";
import { describeProblem, problemText } from "./failure.ts";
import { listLine } from "./listing.ts";
import { saveRule } from "./save.ts";
import { quoteWord, splitWords } from "./words.ts";

/** Rules that the real tool printed, as seeds for others. */
function printed(family: XtFamily): string[] {
  const text = readFileSync(new URL(`fixtures/rules-${family}.txt`, import.meta.url), "utf8");
  return text.split("\n").flatMap((line) => (line.startsWith("> -A") ? [line.slice(2)] : []));
}

function rulesOf(family: XtFamily): XtRule[] {
  return printed(family).flatMap((line) => {
    const parsed = parseCommand(splitWords(line), { family });
    return parsed.ok ? parsed.value.rules : [];
  });
}

/** Matches that only stand behind their protocol. */
const BOUND: readonly XtMatch["kind"][] = ["tcp", "udp", "sctp", "icmp", "icmp6", "multiport"];
const NAT: readonly XtTarget["kind"][] = ["DNAT", "SNAT", "MASQUERADE", "REDIRECT"];

/** The parts of known rules, put together anew: matches in any number and order. */
function anyRule(family: XtFamily): fc.Arbitrary<XtRule> {
  const rules = rulesOf(family);
  const free = rules.flatMap(({ matches }) => matches.filter(({ kind }) => !BOUND.includes(kind)));
  const targets = rules.flatMap(({ target }) =>
    target === undefined || NAT.includes(target.kind) ? [] : [target],
  );
  return fc
    .record({
      head: fc.constantFrom(...rules),
      source: fc.constantFrom(...rules.map(({ source }) => source)),
      dest: fc.constantFrom(...rules.map(({ dest }) => dest)),
      more: fc.array(fc.constantFrom(...free), { maxLength: 4 }),
      target: fc.option(fc.constantFrom(...targets), { nil: undefined }),
    })
    .map(({ head, source, dest, more, target }) => {
      const { target: own, source: _source, dest: _dest, ...rest } = head;
      const to = target ?? own;
      return {
        ...rest,
        ...(source !== undefined && { source }),
        ...(dest !== undefined && { dest }),
        matches: [...head.matches, ...more],
        ...(to !== undefined && { target: to }),
      };
    });
}

describe.each(["ip", "ip6"] as const)("rules of family %s", (family) => {
  test("a rule that is printed is read as itself", () => {
    fc.assert(
      fc.property(anyRule(family), (rule) => {
        const words = splitWords(saveRule(rule));
        const parsed = parseCommand(["-A", "X", ...words], { family });
        if (!parsed.ok) throw new Error(`${saveRule(rule)}: ${describeProblem(parsed.error)}`);
        expect(parsed.value.rules).toEqual([rule]);
      }),
      { numRuns: 300 },
    );
  });

  test("every rule can be listed on one line", () => {
    fc.assert(
      fc.property(anyRule(family), fc.boolean(), fc.boolean(), (rule, numeric, verbose) => {
        const info = { rule, counters: { packets: 1, bytes: 2 }, id: 1, by: { name: "" } };
        const line = listLine(info, 1, family, { numeric, verbose, exact: false, lineNumbers: true });
        expect(line.match(/\n/g)).toHaveLength(1);
        expect(line).not.toMatch(/undefined|NaN|object/);
      }),
      { numRuns: 200 },
    );
  });
});

const ODD = [
  "!",
  "--",
  "-",
  "",
  "-A",
  "INPUT",
  "-x",
  "--=",
  "-j",
  "-m",
  "-p",
  "0x",
  "4294967296",
  "-1",
  "a b",
  "::/129",
  "1.2.3.4/33",
  "1.2.3.4-",
  "[",
  "[::1",
  ":",
  ",",
  ",,",
  "/",
  "1/0",
  "\u0000",
  "\ud800",
  "constructor",
  "__proto__",
];

test("any words are read or refused, with the word at fault", () => {
  const known = [...printed("ip"), ...printed("ip6")].flatMap((line) => splitWords(line));
  const word = fc.oneof(fc.constantFrom(...new Set(known)), fc.constantFrom(...ODD), fc.string());
  fc.assert(
    fc.property(
      fc.array(word, { maxLength: 12 }),
      fc.constantFrom<XtFamily>("ip", "ip6"),
      fc.boolean(),
      (words, family, append) => {
        const all = append ? ["-A", "X", ...words] : words;
        const parsed = parseCommand(all, { family });
        if (parsed.ok) return;
        const { error } = parsed;
        expect(problemText(error, "iptables")).toMatch(/^Try |\n/);
        expect(describeProblem(error)).not.toBe("");
        if (error.position !== undefined) expect(error.token).toBe(all[error.position] ?? error.token);
      },
    ),
    { numRuns: 3000 },
  );
});

test("a quoted word is one word", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(splitWords(`a ${quoteWord(text)} b`)).toEqual(["a", text, "b"]);
    }),
  );
});

test.each([
  ["-A X -p tcp --dport 70000", `invalid port/service \`70000' specified at "70000" of --dport, word 6`],
  ["-A X -m mark --mork 1", `unknown option "--mork" at "--mork", word 5`],
  ["-A X -j TEE --gateway 1.2.3.4", `iptables' target TEE is not modelled yet at "TEE" of -j, word 4`],
])("%s", (line, text) => {
  const parsed = parseCommand(splitWords(line), { family: "ip" });
  expect(parsed.ok ? "" : describeProblem(parsed.error)).toBe(text);
});
