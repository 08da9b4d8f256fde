import { isRecord, type JsonRecord, sameJson, sortedJson } from "../../../formats/json.ts";
import type { Task } from "../../../sim/task.ts";
import { decode } from "../../api/decode.ts";
import { apiVersionOf } from "../../api/resources.ts";
import type { AnyObject } from "../../api/types.ts";
import { FILE_FLAGS, type FileObject, inNamespace, readFiles } from "../files.ts";
import { flag, optional, text } from "../flags.ts";
import { mergeTrees } from "../merge.ts";
import { parseOutput, printObjects } from "../output.ts";
import { die, plain, type Problem, refused } from "../problem.ts";
import { type Found, shownName } from "../resolve.ts";
import type { Command, Session } from "../session.ts";

const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

function metadataOf(tree: JsonRecord): JsonRecord {
  return isRecord(tree["metadata"]) ? tree["metadata"] : {};
}

/** The manifest as the annotation keeps it: without the annotation itself. */
function lastApplied(tree: JsonRecord): string {
  const metadata = metadataOf(tree);
  const { [LAST_APPLIED]: _, ...annotations } = isRecord(metadata["annotations"])
    ? metadata["annotations"]
    : {};
  return `${JSON.stringify(sortedJson({ ...tree, metadata: { ...metadata, annotations } }))}\n`;
}

function annotated(tree: JsonRecord): JsonRecord {
  const metadata = metadataOf(tree);
  const annotations = isRecord(metadata["annotations"]) ? metadata["annotations"] : {};
  return {
    ...tree,
    metadata: { ...metadata, annotations: { ...annotations, [LAST_APPLIED]: lastApplied(tree) } },
  };
}

function parsed(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    const tree: unknown = JSON.parse(text);
    return tree;
  } catch {
    return undefined;
  }
}

type Applied =
  | {
      readonly ok: true;
      readonly outcome: "created" | "configured" | "unchanged";
      readonly object: AnyObject;
    }
  | { readonly ok: false; readonly problem: Problem };

const fails = (problem: Problem): Applied => ({ ok: false, problem });

function create(session: Session, file: FileObject, tree: JsonRecord): Applied {
  const context = `error when creating "${file.source}": `;
  const draft = decode(file.resource, annotated(tree));
  if (!draft.ok) return fails(refused(draft.error, context));
  const made = session.store.create(session.client.actor, file.resource.id, draft.value);
  return made.ok ? { ok: true, outcome: "created", object: made.value } : fails(refused(made.error, context));
}

function patch(session: Session, file: FileObject, tree: JsonRecord, current: AnyObject): Applied {
  const { resource, source } = file;
  const modified = annotated(tree);
  const original = parsed(current.metadata.annotations?.[LAST_APPLIED]);
  const merged = mergeTrees(original, modified, current);
  const context =
    `error when applying patch:\n${JSON.stringify(sortedJson(modified))}\n` +
    `to:\nResource: "${apiVersionOf(resource)}, Resource=${resource.plural}", GroupVersionKind: "${apiVersionOf(resource)}, Kind=${resource.kind}"\n` +
    `Name: "${current.metadata.name}", Namespace: "${current.metadata.namespace ?? ""}"\n` +
    `for: "${source}": error when patching "${source}": `;
  const draft = decode(resource, isRecord(merged) ? merged : {});
  if (!draft.ok) return fails(refused(draft.error, context));
  const { labels, annotations, finalizers, ownerReferences } = draft.value.metadata;
  const metadata = {
    ...current.metadata,
    labels,
    annotations,
    finalizers,
    ownerReferences,
    resourceVersion: "",
  };
  const next: AnyObject = { ...draft.value, metadata };
  const written = session.store.update(session.client.actor, resource.id, next);
  if (!written.ok) return fails(refused(written.error, context));
  const same = sameJson(written.value, current);
  return { ok: true, outcome: same ? "unchanged" : "configured", object: written.value };
}

function* applyOne(session: Session, file: FileObject): Task<Applied> {
  const tree = inNamespace(session, file);
  const { name, namespace } = metadataOf(tree);
  if (name !== undefined && typeof name !== "string") return create(session, file, tree);
  if (name === undefined || name === "") {
    const generated = metadataOf(tree)["generateName"];
    return fails(
      plain(
        typeof generated === "string"
          ? `from ${generated}: cannot use generate name with apply`
          : `error when retrieving current configuration of:\nResource: "${apiVersionOf(file.resource)}, Resource=${file.resource.plural}", GroupVersionKind: "${apiVersionOf(file.resource)}, Kind=${file.resource.kind}"\nName: "", Namespace: "${session.namespace}"\nfrom server for: "${file.source}": resource name may not be empty`,
      ),
    );
  }
  yield* session.request();
  const current = session.store.get(file.resource.id, typeof namespace === "string" ? namespace : "", name);
  if (current === undefined) return create(session, file, tree);
  if (current.metadata.annotations?.[LAST_APPLIED] === undefined) {
    yield* session.warn(
      `resource ${file.resource.plural}/${name} is missing the ${LAST_APPLIED} annotation which is required by kubectl apply. ` +
        "kubectl apply should only be used on resources created declaratively by either kubectl create --save-config or kubectl apply. " +
        "The missing annotation will be patched automatically.",
    );
  }
  return patch(session, file, tree, current);
}

/** What is kept but does nothing here has to be said. */
export function* warnInert(session: Session, { resource }: FileObject): Task<void> {
  if (!resource.inert) return;
  yield* session.warn(`flannelgraph keeps ${resource.kind} objects, but nothing acts on them here`);
}

function* run(session: Session): Task<number> {
  if (!session.args.has("filename")) die("must specify one of -f and -k");
  if (session.args.operands.length > 0) {
    die(
      `Unexpected args: [${session.args.operands.join(" ")}]\nSee 'kubectl apply -h' for help and examples`,
    );
  }
  const output = parseOutput(session.args.text("output"));
  const { objects, problems } = yield* readFiles(session);
  const all: Problem[] = [...problems];
  if (objects.length === 0 && all.length === 0) die("no objects passed to apply");
  const applied: Found[] = [];
  for (const file of objects) {
    const result = yield* applyOne(session, file);
    if (!result.ok) {
      all.push(result.problem);
      continue;
    }
    const { resource, source } = file;
    applied.push({ resource, object: result.object, source });
    if (result.outcome === "created") yield* warnInert(session, file);
    if (output.kind === "table") {
      yield* session.print(`${shownName(resource, result.object.metadata.name)} ${result.outcome}\n`);
    }
  }
  if (output.kind !== "table") yield* session.print(printObjects(applied, applied.length === 1, output));
  return yield* session.finish(all);
}

export const apply: Command = {
  name: "apply",
  use: "apply (-f FILENAME | -k DIRECTORY)",
  short: "Apply a configuration to a resource by file name or stdin",
  flags: [
    ...FILE_FLAGS,
    text("output", "o"),
    text("selector", "l"),
    optional("validate", "strict"),
    flag("overwrite"),
    flag("openapi-patch"),
    text("field-manager"),
  ],
  refused:
    "kustomize k prune all server-side force-conflicts dry-run wait timeout force grace-period cascade subresource template prune-allowlist applyset concurrency show-managed-fields",
  run,
};
