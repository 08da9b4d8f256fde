import type { CommandExpansionPart, ProcessSubstitutionPart, Script } from "unbash";
import { utf8Decode } from "../../base/utf8.ts";
import type { Task } from "../../sim/task.ts";
import { readFile } from "../os/files.ts";
import { strerror } from "../os/errno.ts";
import { Pipe, readAllText } from "../os/io.ts";
import type { Process } from "../os/process.ts";
import { expandWord } from "./expand.ts";
import { runStatements } from "./run.ts";
import type { Shell } from "./shell.ts";
import { Unit } from "./unit.ts";

const FIRST_DESCRIPTOR = 63;

/** `$(...)` and backquotes: what the commands write, without the newlines at its end and without NUL bytes. */
export function* substituteCommand(shell: Shell, part: CommandExpansionPart): Task<string> {
  const script = part.script;
  if (script === undefined) return "";
  const file = fileOnly(script);
  if (file !== undefined) {
    const path = yield* expandWord(shell, file);
    const bytes = readFile(shell.process, path);
    ended(shell, bytes.ok ? 0 : 1);
    if (bytes.ok) return trim(utf8Decode(bytes.value));
    yield* shell.complain(`${path}: ${strerror(bytes.error)}`);
    return "";
  }
  const pipe = new Pipe();
  const files = new Map(shell.process.files).set(1, pipe.writer);
  const child = shell.spawn((subshell) => body(subshell, shell, part, script), files);
  pipe.writer.close();
  const text = yield* readAllText(pipe.reader);
  pipe.reader.close();
  ended(shell, yield* child.wait());
  return trim(text);
}

/** What stands behind it in the same command sees its status already: `"$(false) $?"`. */
function ended(shell: Shell, status: number): void {
  shell.substitutionStatus = status;
  shell.status = status;
}

function trim(text: string): string {
  return text.replace(/\n+$/, "").replaceAll("\0", "");
}

/** The word of `$(< file)`. */
function fileOnly(script: Script): Parameters<typeof expandWord>[1] | undefined {
  const command = script.commands.length === 1 ? script.commands[0]!.command : undefined;
  if (command?.type !== "Command" || command.name !== undefined || command.prefix.length !== 1)
    return undefined;
  const redirect = command.prefix[0]!;
  if (redirect.type !== "Redirect" || redirect.operator !== "<" || redirect.descriptor !== undefined)
    return undefined;
  return command.suffix.length === 0 ? redirect.target : undefined;
}

function* body(subshell: Shell, shell: Shell, part: { readonly pos: number }, script: Script): Task<number> {
  if (!shell.options.shopt("inherit_errexit")) subshell.options.set("errexit", false);
  subshell.traceLevel++;
  if (script.source !== undefined)
    subshell.unit = new Unit(script.source, shell.unit.path, shell.unit.lineOf(part.pos));
  return yield* runStatements(subshell, script.commands);
}

/** `<(...)` and `>(...)`: the path of a descriptor that the commands write to or read from. */
export function* substituteProcess(shell: Shell, part: ProcessSubstitutionPart): Task<string> {
  const script = part.script;
  if (script === undefined) return "";
  let descriptor = FIRST_DESCRIPTOR;
  while (shell.process.files.has(descriptor)) descriptor--;
  const pipe = new Pipe();
  const [ours, theirs, their] =
    part.operator === "<" ? [pipe.reader, pipe.writer, 1] : [pipe.writer, pipe.reader, 0];
  const child: Process = shell.spawn(
    (subshell) => body(subshell, shell, part, script),
    new Map(shell.process.files).set(their, theirs),
  );
  theirs.close();
  shell.lastBackground = child.pid;
  shell.process.files.set(descriptor, ours);
  shell.substitutions.push(descriptor);
  return `/dev/fd/${descriptor}`;
}

/** Closes the descriptors of the process substitutions of a command that is over, down to the count before it. */
export function closeSubstitutions(shell: Shell, keep: number): void {
  for (const descriptor of shell.substitutions.splice(keep)) {
    shell.process.files.get(descriptor)?.close();
    shell.process.files.delete(descriptor);
  }
}
