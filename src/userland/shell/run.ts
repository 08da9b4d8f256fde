import type { AndOr, CommandNode, CompoundList, PipelineNode, Statement } from "unbash";
import { Coroutine, Interrupted, sleep, type Task } from "../../sim/task.ts";
import { millis, nanos } from "../../sim/time.ts";
import { startBackground } from "./background.ts";
import { runCompound } from "./compound.ts";
import { Discard, Exit } from "./errors.ts";
import { runErrorTrap, runTrapsNow } from "./interrupts.ts";
import { runPipeline } from "./pipeline.ts";
import type { Shell } from "./shell.ts";
import { runSimple } from "./simple.ts";
import { nestedFault, openHereDocuments, parseUnit, type SyntaxFault, type Unit } from "./unit.ts";

/** What a loop that never waits costs: a millisecond of virtual time for so many commands, so that others get their turn. */
const STEPS_PER_MILLI = 200;
const STATUS_SYNTAX_ERROR = 2;
/** Commands inside commands. */
const MAX_NESTING = 1000;
/** So many commands inside each other run on one JavaScript stack. */
const STACK_NESTING = 40;
const STATUS_TOO_DEEP = 254;

/** Runs a text line by line, as bash reads it. `label` is what messages about syntax call it besides the script's name. */
export function* runText(shell: Shell, unit: Unit, label = ""): Task<number> {
  const outer = shell.unit;
  const { groups, fault } = parseUnit(unit);
  shell.unit = unit;
  try {
    let status = 0;
    for (const statements of groups) {
      const nested = nestedFault(unit, statements);
      if (nested !== undefined) return yield* reportFault(shell, nested, label);
      for (const { line, wanted } of openHereDocuments(unit, statements)) {
        shell.line = unit.endLine - (unit.text.endsWith("\n") ? 0 : 1);
        yield* shell.complain(
          `warning: here-document at line ${line} delimited by end-of-file (wanted \`${wanted}')`,
        );
      }
      if (!shell.options.has("noexec")) status = yield* runGroup(shell, statements);
    }
    return fault === undefined ? status : yield* reportFault(shell, fault, label);
  } finally {
    shell.unit = outer;
  }
}

function* reportFault(shell: Shell, fault: SyntaxFault, label: string): Task<number> {
  const name = shell.unit.path === "" ? shell.name : shell.unit.path;
  const start = `${name}: ${label === "" ? "" : `${label}: `}line ${fault.line}: `;
  yield* shell.writeError(fault.messages.map((message) => `${start}${message}\n`).join(""));
  return (shell.status = STATUS_SYNTAX_ERROR);
}

/** The statements of one line: an error that drops the line ends here. */
function* runGroup(shell: Shell, statements: readonly Statement[]): Task<number> {
  try {
    return yield* runStatements(shell, statements);
  } catch (error) {
    if (!(error instanceof Discard) || shell.depth > 0) throw error;
    shell.status = error.status;
    shell.pipeStatus = [error.status];
    return error.status;
  }
}

export function* runStatements(shell: Shell, statements: readonly Statement[]): Task<number> {
  let status = 0;
  for (const statement of statements) {
    if (statement.background === true) status = yield* startBackground(shell, statement);
    else status = yield* runNode(shell, statement.command);
  }
  return status;
}

export function* runList(shell: Shell, list: CompoundList): Task<number> {
  return yield* runStatements(shell, list.commands);
}

/** A list whose failures `set -e` does not see: the condition of `if` and `while`. */
export function* runCondition(shell: Shell, list: CompoundList): Task<number> {
  shell.conditions++;
  try {
    return yield* runList(shell, list);
  } finally {
    shell.conditions--;
  }
}

export function* runNode(shell: Shell, node: PipelineNode | AndOr): Task<number> {
  switch (node.type) {
    case "AndOr":
      return yield* runAndOr(shell, node);
    case "Pipeline":
      return yield* runPipeline(shell, node);
    default:
      return yield* runCommand(shell, node);
  }
}

/** `inPlace`: the shell has nothing to do after this command, which may take over its process. */
export function* runCommand(shell: Shell, node: CommandNode, inPlace = false): Task<number> {
  if (shell.traps.pending.length > 0) yield* runTrapsNow(shell);
  if (++shell.steps >= STEPS_PER_MILLI) {
    shell.steps = 0;
    yield* sleep(millis(1));
  }
  shell.line = shell.unit.lineOf(node.pos);
  const command = node.type === "Command" ? runSimple(shell, node, inPlace) : runCompound(shell, node);
  const status = yield* nested(shell, command);
  if (shell.traps.pending.length > 0) yield* runTrapsNow(shell);
  return status;
}

/** bash recurses until its stack or the system's processes are used up; this shell has a limit that it can name. */
function* nested(shell: Shell, command: Task<number>): Task<number> {
  if (shell.nesting >= MAX_NESTING) {
    yield* shell.complain(`maximum nesting level exceeded (${MAX_NESTING})`);
    throw new Exit(STATUS_TOO_DEEP);
  }
  const { stackBase } = shell;
  const deep = shell.nesting - stackBase >= STACK_NESTING;
  if (deep) shell.stackBase = shell.nesting;
  shell.nesting++;
  try {
    return deep ? yield* onFreshStack(shell, command) : yield* command;
  } finally {
    shell.nesting--;
    shell.stackBase = stackBase;
  }
}

/** Runs a task as a coroutine that the event queue starts, so that what called it is not on JavaScript's stack. */
function* onFreshStack<T>(shell: Shell, task: Task<T>): Task<T> {
  const { queue } = shell.host;
  const coroutine = new Coroutine(queue, task);
  const start = queue.after(nanos(0), () => void coroutine.start());
  try {
    const outcome = yield* coroutine.join();
    if (outcome.kind === "returned") return outcome.value;
    if (outcome.kind === "threw") throw outcome.error;
    throw new Interrupted(outcome.signal);
  } finally {
    start.cancel();
    coroutine.kill("KILL");
  }
}

function* runAndOr(shell: Shell, node: AndOr): Task<number> {
  const last = node.commands.length - 1;
  let status = 0;
  for (const [i, command] of node.commands.entries()) {
    const operator = i === 0 ? undefined : node.operators[i - 1];
    if (operator !== undefined && (status === 0) !== (operator === "&&")) continue;
    if (i === last) return yield* runNode(shell, command);
    shell.conditions++;
    try {
      status = yield* runNode(shell, command);
    } finally {
      shell.conditions--;
    }
  }
  return status;
}

/** Notes a command's status, and does what `set -e` and the ERR trap ask for when it is a failure that counts. */
export function* settle(
  shell: Shell,
  status: number,
  pipeStatus: readonly number[] = [status],
): Task<number> {
  shell.status = status;
  shell.pipeStatus = pipeStatus;
  if (status === 0 || shell.conditions > 0) return status;
  yield* runErrorTrap(shell);
  if (shell.options.has("errexit")) throw new Exit(status);
  return status;
}
