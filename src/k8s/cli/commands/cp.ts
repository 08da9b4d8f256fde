import { concat } from "../../../base/bytes.ts";
import type { Task } from "../../../sim/task.ts";
import { refuse } from "../../../userland/args/exit.ts";
import { resolvePath } from "../../../userland/os/fs.ts";
import type { OpenFile } from "../../../userland/os/io.ts";
import { flag, text } from "../flags.ts";
import { containerNamed, hostOf, podNamed } from "../pods.ts";
import { die } from "../problem.ts";
import type { Command, Session } from "../session.ts";

interface Place {
  readonly namespace: string | undefined;
  /** Undefined: on this machine. */
  readonly pod: string | undefined;
  readonly path: string;
}

/** `[[NAMESPACE/]POD:]PATH`. */
function placeOf(word: string): Place {
  const at = word.indexOf(":");
  if (at < 0) return { namespace: undefined, pod: undefined, path: word };
  if (at === 0) die("filespec must match the canonical format: [[namespace/]pod:]file/path");
  const [first = "", second] = word.slice(0, at).split("/");
  const path = word.slice(at + 1);
  return second === undefined
    ? { namespace: undefined, pod: first, path }
    : { namespace: first, pod: second, path };
}

/** A file in memory: what is read from it, or written to it. */
class Memory implements OpenFile {
  readonly isTerminal = false;
  readonly parts: Uint8Array[] = [];
  private rest: Uint8Array | null;

  constructor(content: Uint8Array | null) {
    this.rest = content;
  }

  *read(): Task<Uint8Array | null> {
    const { rest } = this;
    this.rest = null;
    return rest === null || rest.length === 0 ? null : rest;
  }

  *write(bytes: Uint8Array): Task<void> {
    this.parts.push(bytes.slice());
  }

  retain(): this {
    return this;
  }

  close(): void {
    // Nobody else holds it.
  }
}

/** Runs a command in the pod with this input; what it wrote, or undefined when it failed. */
function* within(
  session: Session,
  { namespace, pod: name }: Place,
  argv: readonly string[],
  input: Uint8Array | null,
): Task<Uint8Array | undefined> {
  if (namespace !== undefined) session.args.set("namespace", namespace);
  const pod = podNamed(session, name ?? "");
  const container = yield* containerNamed(session, pod, session.args.text("container"));
  const target = {
    namespace: pod.metadata.namespace ?? "",
    pod: pod.metadata.name,
    node: hostOf(pod),
    container: container.name,
  };
  const { files } = session.process;
  const kept = [files.get(0), files.get(1)] as const;
  const output = new Memory(null);
  files.set(0, new Memory(input));
  files.set(1, output);
  try {
    const status = yield* session.runtime.exec(target, argv, session.process);
    return status === 0 ? concat(output.parts) : undefined;
  } finally {
    for (const [fd, file] of kept.entries()) if (file !== undefined) files.set(fd, file);
  }
}

const quoted = (path: string): string => `'${path.replaceAll("'", `'\\''`)}'`;
const baseOf = (path: string): string => path.replace(/\/+$/, "").replace(/^.*\//, "");

function* upload(session: Session, from: Place, to: Place): Task<number> {
  const { fs } = session.process.host;
  const path = resolvePath(session.process.cwd, from.path);
  const stat = fs.stat(path);
  if (stat === undefined) die(`${from.path} doesn't exist in local filesystem`);
  if (stat.kind === "directory") refuse("kubectl cp of a directory");
  const bytes = fs.read(path);
  if (!bytes.ok) die(`open ${from.path}: permission denied`);
  const target = quoted(to.path);
  const inside = quoted(`${to.path.replace(/\/+$/, "")}/${baseOf(from.path)}`);
  const script = `if [ -d ${target} ]; then cat > ${inside}; else cat > ${target}; fi`;
  return (yield* within(session, to, ["sh", "-c", script], bytes.value)) === undefined ? 1 : 0;
}

function* download(session: Session, from: Place, to: Place): Task<number> {
  const { fs } = session.process.host;
  const bytes = yield* within(session, from, ["cat", from.path], null);
  if (bytes === undefined) return 1;
  if (from.path.startsWith("/")) yield* session.note("tar: Removing leading `/' from member names\n");
  let path = resolvePath(session.process.cwd, to.path);
  if (fs.stat(path)?.kind === "directory") path = `${path}/${baseOf(from.path)}`;
  const written = fs.write(path, bytes, "truncate");
  return written.ok ? 0 : die(`open ${to.path}: no such file or directory`);
}

function* run(session: Session): Task<number> {
  const [source, target, ...more] = session.args.operands;
  if (source === undefined || target === undefined || more.length > 0)
    die("source and destination are required");
  const [from, to] = [placeOf(source), placeOf(target)];
  if (from.pod !== undefined && to.pod !== undefined)
    die("one of src or dest must be a local file specification");
  if (from.pod === undefined && to.pod === undefined)
    die("one of src or dest must be a remote file specification");
  if (from.path === "" || to.path === "") die("filepath can not be empty");
  yield* session.request();
  return from.pod === undefined ? yield* upload(session, from, to) : yield* download(session, from, to);
}

/** One file at a time. Models: kubectl pkg/cmd/cp, without tar. */
export const copy: Command = {
  name: "cp",
  use: "cp <file-spec-src> <file-spec-dest>",
  short: "Copy files and directories to and from containers",
  flags: [text("container", "c"), flag("no-preserve"), text("retries")],
  run,
};
