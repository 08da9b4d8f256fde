import fc from "fast-check";
import { expect, test } from "vitest";
import { runShell } from "../../testkit/shellWorld.ts";

/** Words that scripts are made of, so that random text gets past the parser. */
const WORDS = [
  ..."if then else fi for in do done while until case esac { } ( ) (( )) [[ ]] ! && || ; & | |& ;; \n".split(
    " ",
  ),
  ..."echo cat read set local export unset trap exit return break continue shift eval exec wait kill printf let test [ ] declare".split(
    " ",
  ),
  ...'x=1 y+=2 a=(1 2) a[1]=3 $x ${x} ${x:-y} ${x#*} ${x%%?} ${x/a/b} ${!x} ${#a[@]} ${a[@]} $1 $@ "$@" $* $? $! $$ $# $- ${x:1:2} ${x^^}'.split(
    " ",
  ),
  ..."\"$x\" 'q' $(echo s) `echo b` $((1+x)) $((x++)) {1..3} {a,b} ~ * ? [a-z]* \\ \" ' $ ` > >> < <<< 2>&1 >&- <(echo) /dev/null file".split(
    " ",
  ),
  ..."f() { echo in; } f -e -u +e -x -n -- 0 1 -1 99999999999999999999 = == =~ -eq -lt -f sleep 0.1 sed s/a/b/ grep awk {print} xargs head -1 sort tr timeout".split(
    " ",
  ),
];

const script = fc.array(
  fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...WORDS) }, { weight: 1, arbitrary: fc.string() }),
  {
    maxLength: 25,
  },
);

/** Commands that parse, for the executor's sake. */
const { command } = fc.letrec<{ command: string; simple: string }>((tie) => {
  const word = fc.constantFrom(
    ...WORDS.filter(
      (each) =>
        !/^(?:[;&|(){}!]+|[)'"`\\$]|if|then|else|fi|for|in|do|done|while|until|case|esac|\[\[|\]\]|\(\(|\)\)|[<>]+|f\(\)|\n|echo|a=\(.*)$/.test(
          each,
        ),
    ),
  );
  const c = tie("command");
  return {
    simple: fc
      .tuple(
        fc.constantFrom(
          "echo",
          "printf",
          "f",
          "local",
          "declare",
          "read",
          "set",
          "[",
          "test",
          "x=$(echo 1)",
          ":",
          "cat",
          "trap",
          "wait",
          "kill",
          "unset",
          "shift",
          "eval",
          "let",
          "return",
          "exit",
        ),
        fc.array(word, { maxLength: 4 }),
      )
      .map(([name, words]) => [name, ...words].join(" ")),
    command: fc.oneof(
      { maxDepth: 4, depthIdentifier: "command" },
      tie("simple"),
      fc.tuple(c, c).map(([a, b]) => `if ${a}; then ${b}; else ${a}; fi`),
      fc.tuple(word, c).map(([w, a]) => `for x in ${w} b; do ${a}; done`),
      fc.tuple(c, c).map(([a, b]) => `${a} | ${b}`),
      fc.tuple(c, c).map(([a, b]) => `${a} && ${b} || ${a}`),
      c.map((a) => `( ${a} )`),
      c.map((a) => `{ ${a}; } > file 2>&1`),
      c.map((a) => `{ ${a}; } & wait $!`),
      c.map((a) => `f() { ${a}; }; f 1 2`),
      c.map((a) => `y=$( ${a} )`),
      fc.tuple(word, c).map(([w, a]) => `case ${w} in ${w}) ${a};; *) ${a};; esac`),
      c.map((a) => `while ${a}; do break; done`),
      c.map((a) => `! ${a}`),
    ),
  };
});

/** Steps of the event queue after which a script counts as one that goes on for ever; bash would, too. */
const STEPS = 1000;

test("no script makes the shell throw", () => {
  fc.assert(
    fc.property(script, (words) => {
      const run = runShell(words.join(" "), { steps: STEPS });
      expect(run.status === undefined || (run.status >= 0 && run.status <= 255)).toBe(true);
    }),
    { numRuns: 400 },
  );
});

test("no program makes the shell throw", () => {
  fc.assert(
    fc.property(fc.array(command, { maxLength: 6 }), (lines) => {
      const run = runShell(lines.join("\n"), { steps: STEPS });
      expect(run.status === undefined || (run.status >= 0 && run.status <= 255)).toBe(true);
    }),
    { numRuns: 400 },
  );
});

test("no pattern, expression or format makes a tool throw", () => {
  const tool = fc.constantFrom(
    "grep -E",
    "grep",
    "grep -P",
    "sed",
    "sed -n",
    "awk",
    "printf",
    "expr a :",
    "tr -d",
    "cut -f",
    "sort -k",
    "date",
    "seq",
    "[",
    "xargs",
    "column -s",
    "head -n",
    "tail -n",
  );
  const text = fc.oneof(
    fc.string(),
    fc
      .array(
        fc.constantFrom(
          ..."\\ ( ) [ ] { } * + ? . ^ $ | / s/ p d a b & 1 , ; : ! ~ %d %s %5 - = == x NR $1 print BEGIN{ } if( ++ \n".split(
            " ",
          ),
        ),
        {
          maxLength: 12,
        },
      )
      .map((parts) => parts.join("")),
  );
  fc.assert(
    fc.property(tool, text, (name, argument) => {
      const quoted = `'${argument.replaceAll("'", "'\\''").replaceAll("\0", "")}'`;
      const run = runShell(`printf 'a b 1\\nc,d 2\\n' | timeout 5 ${name} ${quoted} 2>&1 | head -c 2000`, {
        steps: STEPS,
      });
      expect(run.status).not.toBe(255);
    }),
    { numRuns: 600 },
  );
});
