import type {
  ArithmeticCommand,
  ArithmeticFor,
  Case,
  CommandNode,
  CompoundCommand,
  For,
  If,
  Redirected as RedirectedNode,
  TestCommand,
  While,
} from "unbash";
import type { Task } from "../../sim/task.ts";
import { tryArithmetic } from "./arithmetic-expansion.ts";
import { assign } from "./assign.ts";
import { testCommand } from "./conditional.ts";
import { Discard, LoopJump } from "./errors.ts";
import { expandPattern, expandWord, expandWords } from "./expand.ts";
import { waitForeground } from "./foreground.ts";
import { matchPattern } from "./pattern.ts";
import { redirect } from "./redirect.ts";
import { runCondition, runList, settle } from "./run.ts";
import type { Shell } from "./shell.ts";
import { closeSubstitutions } from "./substitution.ts";
import { trace } from "./trace.ts";

type Compound = Exclude<CommandNode, { type: "Command" }>;

export function* runCompound(shell: Shell, node: Compound): Task<number> {
  switch (node.type) {
    case "Redirected":
      return yield* runRedirected(shell, node);
    case "Function":
      if (node.body.type === "CompoundList") return 2;
      return yield* defineFunction(shell, node.name.value, node.body);
    case "Coproc":
      yield* shell.complain("coproc: not modelled");
      return yield* settle(shell, 2);
    default:
      return yield* runBody(shell, node);
  }
}

function* defineFunction(shell: Shell, name: string, body: CompoundCommand | RedirectedNode): Task<number> {
  shell.functions.set(name, { name, body, unit: shell.unit });
  shell.status = 0;
  return 0;
}

export function* runRedirected(shell: Shell, node: RedirectedNode): Task<number> {
  const keep = shell.substitutions.length;
  const redirected = yield* redirect(shell, node.redirects);
  if (redirected === undefined) return yield* settle(shell, 1);
  try {
    return yield* runBody(shell, node.command);
  } finally {
    redirected.undo();
    closeSubstitutions(shell, keep);
  }
}

/** The body of a function, or what stands inside redirections. */
export function* runBody(shell: Shell, node: CompoundCommand): Task<number> {
  switch (node.type) {
    case "If":
      return yield* runIf(shell, node);
    case "For":
      return yield* runFor(shell, node);
    case "ArithmeticFor":
      return yield* runArithmeticFor(shell, node);
    case "While":
      return yield* runWhile(shell, node);
    case "Case":
      return yield* runCase(shell, node);
    case "BraceGroup":
      return yield* runList(shell, node.body);
    case "Subshell": {
      const child = shell.spawn((subshell) => runList(subshell, node.body));
      const statuses = yield* waitForeground(shell, [child], node);
      shell.line = shell.unit.lineOf(node.pos);
      return yield* settle(shell, statuses[0]!);
    }
    case "TestCommand":
      return yield* runTest(shell, node);
    case "ArithmeticCommand":
      return yield* runArithmetic(shell, node);
    case "Select":
      yield* shell.complain("select: not modelled");
      return yield* settle(shell, 2);
  }
}

function* runIf(shell: Shell, node: If): Task<number> {
  if ((yield* runCondition(shell, node.clause)) === 0) return yield* runList(shell, node.then);
  for (const branch of node.elif)
    if ((yield* runCondition(shell, branch.clause)) === 0) return yield* runList(shell, branch.then);
  if (node.else !== undefined) return yield* runList(shell, node.else);
  shell.status = 0;
  return 0;
}

/** One round of a loop; the answer says whether the loop goes on. */
function* round(shell: Shell, body: Task<number>, result: { status: number }): Task<boolean> {
  try {
    result.status = yield* body;
    return true;
  } catch (error) {
    if (!(error instanceof LoopJump)) throw error;
    result.status = 0;
    shell.status = 0;
    if (--error.levels > 0) throw error;
    return error.verb === "continue";
  }
}

function* inLoop(shell: Shell, loop: Task<number>): Task<number> {
  shell.loops++;
  try {
    return yield* loop;
  } finally {
    shell.loops--;
  }
}

function* runFor(shell: Shell, node: For): Task<number> {
  const line = shell.line;
  const words = node.wordlist === undefined ? shell.positional : yield* expandWords(shell, node.wordlist);
  const written = node.wordlist?.map((word) => word.text).join(" ") ?? '"$@"';
  return yield* inLoop(shell, forEach(shell, node, words, written, line));
}

function* forEach(
  shell: Shell,
  node: For,
  words: readonly string[],
  written: string,
  line: number,
): Task<number> {
  const result = { status: 0 };
  for (const word of words) {
    shell.line = line;
    yield* trace(shell, () => `for ${node.name.value} in ${written}`);
    if (!(yield* setLoopVariable(shell, node.name.value, word))) return yield* settle(shell, 1);
    if (!(yield* round(shell, runList(shell, node.body), result))) break;
  }
  shell.status = result.status;
  return result.status;
}

/** A read-only variable ends the loop, and no more than the loop. */
function* setLoopVariable(shell: Shell, name: string, value: string): Task<boolean> {
  try {
    yield* assign(shell, { name, index: undefined, append: false, value });
    return true;
  } catch (error) {
    if (error instanceof Discard) return false;
    throw error;
  }
}

function* runWhile(shell: Shell, node: While): Task<number> {
  return yield* inLoop(shell, whileTrue(shell, node));
}

function* whileTrue(shell: Shell, node: While): Task<number> {
  const result = { status: 0 };
  let more = true;
  while (more) {
    const condition = { status: 0 };
    if (!(yield* round(shell, runCondition(shell, node.clause), condition))) break;
    if ((condition.status === 0) !== (node.kind === "while")) break;
    more = yield* round(shell, runList(shell, node.body), result);
  }
  shell.status = result.status;
  return result.status;
}

function* runArithmeticFor(shell: Shell, node: ArithmeticFor): Task<number> {
  return yield* inLoop(shell, arithmeticFor(shell, node));
}

/** The three expressions as they stand in the script. */
function header(shell: Shell, node: ArithmeticFor): string[] {
  const text = shell.unit.text.slice(node.pos, node.body.pos);
  const inside = /^for\s*\(\(([\s\S]*)\)\)[\s;]*(?:do|\{)?\s*$/.exec(text)?.[1] ?? "";
  return inside.split(";").map((part) => part.trim());
}

function* arithmeticFor(shell: Shell, node: ArithmeticFor): Task<number> {
  const [start = "", test = "", step = ""] = header(shell, node);
  const result = { status: 0 };
  const line = shell.line;
  const evaluate = function* (expression: string): Task<bigint | undefined> {
    if (expression === "") return 1n;
    shell.line = line;
    yield* trace(shell, () => `(( ${expression} ))`);
    return yield* tryArithmetic(shell, expression, "((: ");
  };
  if ((yield* evaluate(start)) === undefined) return yield* settle(shell, 1);
  for (;;) {
    const value = yield* evaluate(test);
    if (value === undefined) return yield* settle(shell, 1);
    if (value === 0n || !(yield* round(shell, runList(shell, node.body), result))) break;
    if ((yield* evaluate(step)) === undefined) return yield* settle(shell, 1);
  }
  shell.status = result.status;
  return result.status;
}

function* runCase(shell: Shell, node: Case): Task<number> {
  yield* trace(shell, () => `case ${node.word.text} in`);
  const text = yield* expandWord(shell, node.word);
  const ignoreCase = shell.options.shopt("nocasematch");
  let status = 0;
  let fallThrough = false;
  for (const item of node.items) {
    let matched = fallThrough;
    for (const pattern of item.pattern) {
      if (matched) break;
      matched = matchPattern(yield* expandPattern(shell, pattern), text, { ignoreCase });
    }
    if (!matched) continue;
    shell.status = 0;
    status = yield* runList(shell, item.body);
    if (item.terminator === ";;" || item.terminator === undefined) return status;
    fallThrough = item.terminator === ";&";
  }
  shell.status = status;
  return status;
}

function* runTest(shell: Shell, node: TestCommand): Task<number> {
  const line = shell.line;
  const status = yield* testCommand(shell, node);
  shell.line = line;
  return yield* settle(shell, status);
}

function* runArithmetic(shell: Shell, node: ArithmeticCommand): Task<number> {
  yield* trace(shell, () => `(( ${node.body} ))`);
  const value = yield* tryArithmetic(shell, node.body.replace(/^\s+/, ""), "((: ");
  return yield* settle(shell, value === undefined || value === 0n ? 1 : 0);
}
