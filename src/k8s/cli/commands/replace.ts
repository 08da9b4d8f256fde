import { isRecord } from "../../../formats/json.ts";
import type { Task } from "../../../sim/task.ts";
import { addTime, nanos, seconds } from "../../../sim/time.ts";
import { decode } from "../../api/decode.ts";
import { FILE_FLAGS, type FileObject, inNamespace, readFiles } from "../files.ts";
import { flag, optional, text } from "../flags.ts";
import { parseOutput, printObjects } from "../output.ts";
import { die, plain, type Problem, refused } from "../problem.ts";
import { type Found, shownName } from "../resolve.ts";
import type { Command, Session } from "../session.ts";
import { writeTree } from "../write.ts";
import { warnInert } from "./apply.ts";
import { gone } from "./delete.ts";

/** How long --force waits for what it deletes. Models: replace.go forceReplace. */
const FORCE_WAIT = seconds(300);

function currentOf(session: Session, file: FileObject): Found | undefined {
  const tree = inNamespace(session, file);
  const metadata = isRecord(tree["metadata"]) ? tree["metadata"] : {};
  const { name, namespace } = metadata;
  const object = session.store.get(
    file.resource.id,
    typeof namespace === "string" ? namespace : "",
    typeof name === "string" ? name : "",
  );
  return object === undefined ? undefined : { resource: file.resource, object, source: file.source };
}

function nameOf(file: FileObject): string {
  const metadata = isRecord(file.tree["metadata"]) ? file.tree["metadata"] : {};
  return typeof metadata["name"] === "string" ? metadata["name"] : "";
}

/** Puts the manifest in the object's place. */
function* replaceOne(session: Session, file: FileObject): Task<Found | Problem> {
  const context = `error when replacing "${file.source}": `;
  yield* session.request();
  const current = currentOf(session, file);
  if (current === undefined) {
    const { group, plural } = file.resource;
    const type = group === "" ? plural : `${plural}.${group}`;
    return refused({ reason: "NotFound", message: `${type} "${nameOf(file)}" not found` }, context);
  }
  const written = writeTree(session, file.resource, current.object, inNamespace(session, file));
  return written.ok ? { ...current, object: written.value } : refused(written.error, context);
}

/** Deletes first, waits, and creates anew. */
function* forceAll(session: Session, files: readonly FileObject[]): Task<readonly (Found | Problem)[]> {
  const { client } = session;
  const grace = session.number("grace-period");
  const deleted: Found[] = [];
  for (const file of files) {
    yield* session.request();
    const current = currentOf(session, file);
    if (current === undefined) continue;
    const { name, namespace = "" } = current.object.metadata;
    const options = grace === undefined ? {} : { gracePeriodSeconds: grace };
    session.store.delete(client.actor, current.resource.id, namespace, name, options);
    const where = current.resource.namespaced ? ` from ${namespace} namespace` : "";
    yield* session.print(`${shownName(current.resource, name).replace("/", ' "')}" deleted${where}\n`);
    deleted.push(current);
  }
  const deadline = addTime(session.now, session.duration("timeout", nanos(0)) || FORCE_WAIT);
  for (const each of deleted)
    if (!(yield* gone(session, each, deadline))) return [plain("timed out waiting for the condition")];
  const results: (Found | Problem)[] = [];
  for (const file of files) {
    yield* session.request();
    const context = `error when creating "${file.source}": `;
    const draft = decode(file.resource, inNamespace(session, file));
    const made = draft.ok ? session.store.create(client.actor, file.resource.id, draft.value) : draft;
    if (made.ok) yield* warnInert(session, file);
    results.push(
      made.ok
        ? { resource: file.resource, object: made.value, source: file.source }
        : refused(made.error, context),
    );
  }
  return results;
}

function* run(session: Session): Task<number> {
  if (!session.args.has("filename")) die("must specify --filename to replace");
  const output = parseOutput(session.args.text("output"));
  const { objects, problems } = yield* readFiles(session);
  const all: Problem[] = [...problems];
  if (objects.length === 0 && all.length === 0) die("no objects passed to replace");
  const results: (Found | Problem)[] = [];
  if (session.args.flag("force")) results.push(...(yield* forceAll(session, objects)));
  else for (const file of objects) results.push(yield* replaceOne(session, file));
  for (const result of results) {
    if (!("object" in result)) all.push(result);
    else if (output.kind === "table")
      yield* session.print(`${shownName(result.resource, result.object.metadata.name)} replaced\n`);
    else yield* session.print(printObjects([result], true, output));
  }
  return yield* session.finish(all);
}

export const replace: Command = {
  name: "replace",
  use: "replace -f FILENAME",
  short: "Replace a resource by file name or stdin",
  flags: [
    ...FILE_FLAGS,
    text("output", "o"),
    flag("force"),
    text("grace-period"),
    text("timeout"),
    text("field-manager"),
    optional("validate", "strict"),
  ],
  refused: "cascade dry-run kustomize k raw save-config show-managed-fields subresource template wait",
  run,
};
