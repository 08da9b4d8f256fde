import type { HereDoc, Redirect, Redirection, Word } from "unbash";
import { err, type Result } from "../../base/result.ts";
import type { Errno } from "../../kernel/uapi/index.ts";
import { utf8Encode } from "../../base/utf8.ts";
import type { Task } from "../../sim/task.ts";
import { strerror } from "../os/errno.ts";
import { openFile, type OpenMode, statFile } from "../os/files.ts";
import { type OpenFile, sourceFile } from "../os/io.ts";
import { isNetworkFile, openNetworkFile } from "../stream/file.ts";
import { assignScalar } from "./assign.ts";
import { expandQuotedParts, expandWord, expandWords } from "./expand.ts";
import type { Shell } from "./shell.ts";

/** What the descriptors were before some redirections: undefined for one that was closed. */
type Saved = Map<number, OpenFile | undefined>;

const FIRST_FREE_DESCRIPTOR = 10;

/** Redirections that are in force; `undo` puts the descriptors back, `keep` leaves them as they are. */
export class Redirected {
  private readonly shell: Shell;
  private readonly saved: Saved;

  constructor(shell: Shell, saved: Saved) {
    this.shell = shell;
    this.saved = saved;
  }

  undo(): void {
    const { files } = this.shell.process;
    for (const [descriptor, old] of this.saved) {
      files.get(descriptor)?.close();
      if (old === undefined) files.delete(descriptor);
      else files.set(descriptor, old);
    }
    this.saved.clear();
  }

  /** `exec >file`: the old files are closed for good. */
  keep(): void {
    for (const old of this.saved.values()) old?.close();
    this.saved.clear();
  }
}

/** Carries redirections out from left to right. When one fails its message is written, all are undone, and the answer is undefined. */
export function* redirect(shell: Shell, redirections: readonly Redirection[]): Task<Redirected | undefined> {
  const saved: Saved = new Map();
  const done = new Redirected(shell, saved);
  let complete = false;
  try {
    for (const each of redirections) {
      const error = yield* one(shell, each, saved);
      if (error === undefined) continue;
      yield* shell.complain(error);
      return undefined;
    }
    complete = true;
    return done;
  } finally {
    if (!complete) done.undo();
  }
}

/** Puts a file, owned by the table from now on, at a descriptor. */
function install(shell: Shell, descriptor: number, file: OpenFile | undefined, saved: Saved): void {
  const { files } = shell.process;
  const old = files.get(descriptor);
  if (saved.has(descriptor)) old?.close();
  else saved.set(descriptor, old);
  if (file === undefined) files.delete(descriptor);
  else files.set(descriptor, file);
}

/** `{name}>file`: a free descriptor from 10 on, kept in the variable and open after the command. */
function* variableDescriptor(shell: Shell, node: Redirection, name: string): Task<number> {
  const { files } = shell.process;
  if (node.type === "Redirect" && node.target?.value === "-") return Number(shell.variables.text(name) ?? -1);
  let descriptor = FIRST_FREE_DESCRIPTOR;
  while (files.has(descriptor)) descriptor++;
  assignScalar(shell, name, String(descriptor));
  return descriptor;
}

function* one(shell: Shell, node: Redirection, saved: Saved): Task<string | undefined> {
  const named = node.descriptor?.type === "FileDescriptorVariable" ? node.descriptor.name : undefined;
  const given = node.descriptor?.type === "FileDescriptor" ? node.descriptor.value : undefined;
  const descriptor = named === undefined ? given : yield* variableDescriptor(shell, node, named);
  // A descriptor kept in a variable outlives the command: nothing is saved for it.
  const kept: Saved = named === undefined ? saved : new Map<number, OpenFile | undefined>();
  switch (node.type) {
    case "HereDoc":
      install(shell, descriptor ?? 0, sourceFile(utf8Encode(yield* hereDocument(shell, node))), kept);
      return undefined;
    case "HereString": {
      const text = node.target === undefined ? "" : yield* expandWord(shell, node.target, "none");
      install(shell, descriptor ?? 0, sourceFile(utf8Encode(`${text}\n`)), kept);
      return undefined;
    }
    case "Redirect":
      return yield* toFile(shell, node, descriptor, kept);
  }
}

function* hereDocument(shell: Shell, node: HereDoc): Task<string> {
  const { body } = node;
  const strip = node.operator === "<<-";
  if (body.parts === undefined) return strip ? body.text.replace(/^\t+/gm, "") : body.text;
  if (!strip) return yield* expandQuotedParts(shell, body.parts);
  // Only the document's own tabs go, not those that an expansion brings.
  let start = true;
  const parts = body.parts.map((part) => {
    if (part.type !== "Literal") {
      start = false;
      return part;
    }
    const value = part.value.replace(/\n\t+/g, "\n");
    const stripped = start ? value.replace(/^\t+/, "") : value;
    start = false;
    return { ...part, value: stripped };
  });
  return yield* expandQuotedParts(shell, parts);
}

/** The one word that a redirection's target must expand to. */
function* target(shell: Shell, word: Word): Task<{ path: string } | { error: string }> {
  const words = yield* expandWords(shell, [word]);
  if (words.length === 1) return { path: words[0]! };
  return { error: `${word.text}: ambiguous redirect` };
}

function* toFile(
  shell: Shell,
  node: Redirect,
  descriptor: number | undefined,
  saved: Saved,
): Task<string | undefined> {
  if (node.target === undefined) return "syntax error: missing redirection target";
  const found = yield* target(shell, node.target);
  if ("error" in found) return found.error;
  const { path } = found;
  const { operator } = node;
  if (operator === "<&" || operator === ">&") {
    if (/^\d+-?$|^-$/.test(path))
      return duplicate(shell, descriptor ?? (operator === "<&" ? 0 : 1), path, saved);
    if (operator === "<&" || descriptor !== undefined) return `${node.target.text}: ambiguous redirect`;
  }
  const both = operator === "&>" || operator === "&>>" || operator === ">&";
  const mode = modeOf(operator);
  if (mode === "write" && operator !== ">|" && shell.options.has("noclobber"))
    if (statFile(shell.process, path)?.kind === "file") return `${path}: cannot overwrite existing file`;
  const opened = isNetworkFile(path) ? yield* connected(shell, path) : openFile(shell.process, path, mode);
  if (!opened.ok) return `${path}: ${strerror(opened.error)}`;
  const file = opened.value;
  install(shell, descriptor ?? (mode === "read" || mode === "readwrite" ? 0 : 1), file, saved);
  if (both) install(shell, 2, file.retain(), saved);
  return undefined;
}

/** `/dev/tcp/HOST/PORT`; bash complains of the connection before it does of the redirection. */
function* connected(shell: Shell, path: string): Task<Result<OpenFile, Errno>> {
  const opened = yield* openNetworkFile(shell.process, path);
  if (opened.ok) return opened;
  const { error } = opened;
  if (error.kind === "name") {
    yield* shell.complain(error.text);
    return err("EINVAL");
  }
  const name = shell.unit.path === "" ? shell.name : shell.unit.path;
  yield* shell.writeError(`${name}: connect: ${strerror(error.errno)}\n`);
  return err(error.errno);
}

function modeOf(operator: Redirect["operator"]): OpenMode {
  switch (operator) {
    case "<":
    case "<&":
      return "read";
    case "<>":
      return "readwrite";
    case ">>":
    case "&>>":
      return "append";
    default:
      return "write";
  }
}

/** `2>&1`, `3<&0-`, `4>&-`. */
function duplicate(shell: Shell, descriptor: number, source: string, saved: Saved): string | undefined {
  if (source === "-") {
    install(shell, descriptor, undefined, saved);
    return undefined;
  }
  const from = parseInt(source, 10);
  const file = shell.process.files.get(from);
  if (file === undefined) return `${from}: Bad file descriptor`;
  install(shell, descriptor, file.retain(), saved);
  if (source.endsWith("-") && from !== descriptor) install(shell, from, undefined, saved);
  return undefined;
}
