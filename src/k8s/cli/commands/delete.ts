import { Signal, type Task } from "../../../sim/task.ts";
import { addTime, type Nanos, nanos, seconds } from "../../../sim/time.ts";
import { isRecord, jsonText } from "../../../formats/json.ts";
import type { DeleteOptions } from "../../api/index.ts";
import { FILE_FLAGS, inNamespace, readFiles } from "../files.ts";
import { flag, optional, text } from "../flags.ts";
import { die, plain, type Problem, refused } from "../problem.ts";
import { fetchSelection, type Found, missing, readSelection } from "../resolve.ts";
import type { Command, Session } from "../session.ts";

const WEEK = seconds(7 * 24 * 3600);

const PROPAGATION: Readonly<Record<string, NonNullable<DeleteOptions["propagation"]>>> = {
  background: "Background",
  foreground: "Foreground",
  orphan: "Orphan",
};

/** How the flags would have pods end. */
function* gracePeriod(session: Session): Task<number> {
  const force = session.args.flag("force");
  let grace = session.number("grace-period") ?? -1;
  if (session.args.flag("now")) {
    if (grace !== -1) die("--now and --grace-period cannot be specified together");
    grace = 1;
  }
  if (grace === 0 && !force) grace = 1;
  if (force && grace < 0) grace = 0;
  if (force && grace > 0) die("--force and --grace-period greater than 0 cannot be specified together");
  if (force) {
    yield* session.warn(
      "Immediate deletion does not wait for confirmation that the running resource has been terminated. The resource may continue to run on the cluster indefinitely.",
    );
  }
  return grace;
}

function* targets(session: Session): Task<{ found: readonly Found[]; problems: readonly Problem[] }> {
  if (session.args.has("filename")) {
    const { objects, problems } = yield* readFiles(session);
    const found: Found[] = [];
    const all: Problem[] = [...problems];
    for (const file of objects) {
      const tree = inNamespace(session, file);
      const metadata = isRecord(tree["metadata"]) ? tree["metadata"] : {};
      const [name, namespace] = [jsonText(metadata["name"]), jsonText(metadata["namespace"])];
      const object = session.store.get(file.resource.id, namespace, name);
      if (object !== undefined) found.push({ resource: file.resource, object, source: file.source });
      else all.push(missingFrom(file.source, missing(file.resource, name)));
    }
    return { found, problems: all };
  }
  const selection = readSelection(session, session.args.operands);
  const bounded =
    session.args.flag("all") || session.args.has("selector") || session.args.has("field-selector");
  if (selection.kind === "lists" && !bounded) die("resource(s) were provided, but no name was specified");
  return fetchSelection(session, selection);
}

function missingFrom(source: string, problem: Problem): Problem {
  const text = problem.among.replace(": ", `: error when deleting "${source}": `);
  return { ...problem, among: text, alone: text };
}

function line({ resource, object }: Found, forced: boolean, asName: boolean): string {
  const kind =
    resource.group === "" ? resource.kind.toLowerCase() : `${resource.kind.toLowerCase()}.${resource.group}`;
  const { name, namespace } = object.metadata;
  if (asName) return `${kind}/${name}\n`;
  const where = namespace === undefined ? "" : ` from ${namespace} namespace`;
  return `${kind} "${name}" ${forced ? "force deleted" : "deleted"}${where}\n`;
}

function* run(session: Session): Task<number> {
  const { args } = session;
  if (args.flag("all") && args.has("selector")) die("cannot set --all and --selector at the same time");
  const output = args.text("output") ?? "";
  if (output !== "" && output !== "name")
    die(`unexpected -o output mode: ${output}. We only support '-o name'`);
  const cascade = args.text("cascade") ?? "background";
  const propagation = PROPAGATION[cascade];
  if (propagation === undefined)
    die(`invalid cascade value (${cascade}). Must be "background", "foreground", or "orphan"`);
  const grace = yield* gracePeriod(session);
  yield* session.request();
  const { found, problems } = yield* targets(session);
  const quiet = args.flag("ignore-not-found", args.flag("all") || args.has("selector"));
  const all = problems.filter((problem) => !(quiet && problem.reason === "NotFound"));
  const options: DeleteOptions = { propagation, ...(grace >= 0 ? { gracePeriodSeconds: grace } : {}) };
  const deleted: Found[] = [];
  for (const each of found) {
    yield* session.request();
    const { namespace = "", name } = each.object.metadata;
    const result = session.store.delete(session.client.actor, each.resource.id, namespace, name, options);
    if (!result.ok) {
      if (!(quiet && result.error.reason === "NotFound")) all.push(refused(result.error));
      continue;
    }
    deleted.push(each);
    yield* session.print(line(each, grace === 0, output === "name"));
  }
  if (found.length === 0 && all.length === 0) yield* session.print("No resources found\n");
  if (args.flag("wait", true)) all.push(...(yield* awaitGone(session, deleted)));
  return yield* session.finish(all);
}

export function* awaitGone(session: Session, deleted: readonly Found[]): Task<readonly Problem[]> {
  const given = session.duration("timeout", nanos(0));
  const deadline = addTime(session.now, given === 0 ? WEEK : given);
  const problems: Problem[] = [];
  for (const each of deleted) {
    if (!(yield* gone(session, each, deadline))) {
      const { plural } = each.resource;
      problems.push(plain(`timed out waiting for the condition on ${plural}/${each.object.metadata.name}`));
    }
  }
  return problems;
}

/** Waits until the object, or at least this incarnation of it, is no longer there. */
export function* gone(session: Session, { resource, object }: Found, deadline: Nanos): Task<boolean> {
  const { namespace = "", name, uid } = object.metadata;
  const there = (): boolean => session.store.get(resource.id, namespace, name)?.metadata.uid === uid;
  if (!there()) return true;
  const changed = new Signal<true>();
  const stop = session.store.watch(resource.id, { namespace, name }, () => changed.fire(true));
  try {
    while (there()) {
      const left = deadline - session.now;
      if (left <= 0 || (yield* changed.waitAtMost(nanos(left))) === undefined) return !there();
    }
    return true;
  } finally {
    stop();
  }
}

export const remove: Command = {
  name: "delete",
  use: "delete ([-f FILENAME] | [-k DIRECTORY] | TYPE [(NAME | -l label | --all)])",
  short: "Delete resources by file names, stdin, resources and names, or by resources and label selector",
  flags: [
    ...FILE_FLAGS,
    text("selector", "l"),
    text("field-selector"),
    flag("all"),
    flag("all-namespaces", "A"),
    text("grace-period"),
    flag("now"),
    flag("force"),
    flag("wait"),
    text("timeout"),
    optional("cascade", "background"),
    flag("ignore-not-found"),
    text("output", "o"),
  ],
  refused: "kustomize k raw interactive i dry-run",
  run,
};
