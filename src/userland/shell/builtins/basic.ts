import { utf8Decode } from "../../../base/utf8.ts";
import type { Task } from "../../../sim/task.ts";
import { ByteText, writeEscaped } from "../../text/escapes.ts";
import { formatPrintf } from "../../text/printf.ts";
import { momentOf, strftime } from "../../text/strftime.ts";
import { evaluateTest, TestFault } from "../../text/test-expression.ts";
import { NANOS_PER_SECOND } from "../../../sim/time.ts";
import { strerror } from "../../os/errno.ts";
import { statFile } from "../../os/files.ts";
import { resolvePath } from "../../os/fs.ts";
import { assignElement, assignScalar, complainOfAssignment } from "../assign.ts";
import { backslashQuote } from "../quote.ts";
import type { Shell } from "../shell.ts";
import { EPOCH_SECONDS } from "../specials.ts";
import { testContext } from "../test.ts";
import { print, refuseOption, usage } from "./output.ts";
import { type BuiltinCall, STATUS_USAGE } from "./types.ts";

export function* succeed(): Task<number> {
  return 0;
}

export function* fail(): Task<number> {
  return 1;
}

export function* echo(shell: Shell, call: BuiltinCall): Task<number> {
  let newline = true;
  let escapes = shell.options.shopt("xpg_echo");
  let at = 0;
  for (; /^-[neE]+$/.test(call.words[at] ?? ""); at++) {
    for (const letter of call.words[at]!.slice(1)) {
      if (letter === "n") newline = false;
      else escapes = letter === "e";
    }
  }
  const text = call.words.slice(at).join(" ");
  if (!escapes) return yield* print(shell, "echo", newline ? `${text}\n` : text);
  const out = new ByteText();
  const { stopped } = writeEscaped(out, text, "zero");
  if (newline && !stopped) out.text("\n");
  return yield* print(shell, "echo", out.bytes());
}

export function* printf(shell: Shell, call: BuiltinCall): Task<number> {
  let { words } = call;
  let variable: string | undefined;
  if (words[0] === "-v" && words.length > 1) {
    variable = words[1]!;
    words = words.slice(2);
  } else if (words[0] !== undefined && /^-./.test(words[0]) && words[0] !== "--")
    return yield* refuseOption(shell, call, words[0].slice(0, 2));
  if (words[0] === "--") words = words.slice(1);
  if (words.length === 0) return yield* usage(shell, call);
  const { bytes, complaints } = formatPrintf(words[0]!, words.slice(1), {
    invalidNumber: (text) => `printf: ${text}: invalid number`,
    invalidFormat: (letter) =>
      letter === ""
        ? "printf: `%': missing format character"
        : `printf: \`${letter}': invalid format character`,
    quote: backslashQuote,
    time: (format, seconds) => {
      const now = EPOCH_SECONDS + Math.floor(shell.host.queue.now / NANOS_PER_SECOND);
      return strftime(format === "" ? "%X" : format, momentOf(seconds < 0 ? now : seconds));
    },
  });
  for (const complaint of complaints) yield* shell.complain(complaint);
  const status =
    variable === undefined ? yield* print(shell, "printf", bytes) : yield* store(shell, variable, bytes);
  return complaints.length > 0 ? 1 : status;
}

function* store(shell: Shell, name: string, bytes: Uint8Array): Task<number> {
  const text = utf8Decode(bytes);
  const element = /^([A-Za-z_]\w*)\[(.*)\]$/s.exec(name);
  if (element === null && !/^[A-Za-z_]\w*$/.test(name)) {
    yield* shell.complain(`printf: \`${name}': not a valid identifier`);
    return STATUS_USAGE;
  }
  try {
    if (element !== null) assignElement(shell, element[1]!, element[2]!, text);
    else assignScalar(shell, name, text);
    return 0;
  } catch (error) {
    yield* complainOfAssignment(shell, error);
    return 1;
  }
}

export function* test(shell: Shell, call: BuiltinCall): Task<number> {
  let { words } = call;
  if (call.name === "[") {
    if (words[words.length - 1] !== "]") {
      yield* shell.complain("[: missing `]'");
      return STATUS_USAGE;
    }
    words = words.slice(0, -1);
  }
  try {
    return evaluateTest(testContext(shell), words) ? 0 : 1;
  } catch (error) {
    if (!(error instanceof TestFault)) throw error;
    yield* shell.complain(`${call.name}: ${error.message}`);
    return STATUS_USAGE;
  }
}

export function* pwd(shell: Shell, call: BuiltinCall): Task<number> {
  const option = call.words.find((word) => word.startsWith("-") && !/^-[LP]+$/.test(word));
  if (option !== undefined) return yield* refuseOption(shell, call, option.slice(0, 2));
  return yield* print(shell, "pwd", `${shell.process.cwd}\n`);
}

export function* cd(shell: Shell, call: BuiltinCall): Task<number> {
  let { words } = call;
  while (/^-[LPe@]+$/.test(words[0] ?? "") || words[0] === "--") words = words.slice(1);
  const first = words[0];
  if (first !== undefined && first.length > 1 && first.startsWith("-"))
    return yield* refuseOption(shell, call, first.slice(0, 2));
  if (words.length > 1) return yield* failure(shell, "cd: too many arguments");
  const variable = first === undefined ? "HOME" : first === "-" ? "OLDPWD" : undefined;
  const target = variable === undefined ? first! : shell.variables.text(variable);
  if (target === undefined) return yield* failure(shell, `cd: ${variable!} not set`);
  if (target === "") return 0;
  const path = resolvePath(shell.process.cwd, target);
  const stat = statFile(shell.process, path);
  if (stat?.kind !== "directory")
    return yield* failure(shell, `cd: ${target}: ${strerror(stat === undefined ? "ENOENT" : "ENOTDIR")}`);
  shell.variables.set("OLDPWD", shell.process.cwd);
  shell.process.cwd = path;
  shell.variables.set("PWD", path);
  return first === "-" ? yield* print(shell, "cd", `${path}\n`) : 0;
}

function* failure(shell: Shell, message: string): Task<number> {
  yield* shell.complain(message);
  return 1;
}

export function* umask(shell: Shell, call: BuiltinCall): Task<number> {
  return call.words.length === 0 ? yield* print(shell, "umask", "0022\n") : 0;
}

export function* times(shell: Shell): Task<number> {
  return yield* print(shell, "times", "0m0.000s 0m0.000s\n0m0.000s 0m0.000s\n");
}
