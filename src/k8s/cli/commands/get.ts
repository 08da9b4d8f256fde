import { compareText, jsonText } from "../../../formats/json.ts";
import { compileJsonPath, relaxedJsonPath } from "../../../formats/jsonpath.ts";
import { matches } from "../../../formats/selector.ts";
import { Signal, type Task } from "../../../sim/task.ts";
import { fail } from "../../../userland/args/exit.ts";
import { type AnyObject, parseTimestamp } from "../../api/index.ts";
import type { ResourceInfo } from "../../api/resources.ts";
import { FILE_FLAGS, readFiles } from "../files.ts";
import { flag, list, optional, text } from "../flags.ts";
import { type Output, parseOutput, printObjects } from "../output.ts";
import { headerRow, layout, objectRow, printTables, type TableOptions } from "../print-table.ts";
import { die, type Problem } from "../problem.ts";
import {
  fetchSelection,
  fieldFilter,
  type Found,
  labelSelector,
  missing,
  readSelection,
  type Selection,
} from "../resolve.ts";
import type { Command, Session } from "../session.ts";
import { rawGet } from "./raw.ts";

const NOTHING_ASKED =
  'You must specify the type of resource to get. Use "kubectl api-resources" for a complete list of supported resources.\n\n' +
  "error: Required resource not specified.\n" +
  'Use "kubectl explain <resource>" for a detailed description of that resource (e.g. kubectl explain pods).\n' +
  "See 'kubectl get -h' for help and examples\n";

const ENDPOINTS_DEPRECATED = "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice";

function tableOptions(session: Session, wide: boolean, withKind: boolean): TableOptions {
  return {
    now: session.now,
    store: session.store,
    wide,
    withNamespace: session.allNamespaces,
    withKind: withKind || session.args.flag("show-kind"),
    headers: !session.args.flag("no-headers"),
    showLabels: session.args.flag("show-labels"),
    labelColumns: session.args.list("label-columns"),
  };
}

function* fetch(
  session: Session,
): Task<{ found: readonly Found[]; problems: readonly Problem[]; single: boolean }> {
  if (session.args.has("filename")) {
    const { objects, problems } = yield* readFiles(session);
    yield* session.request();
    const found: Found[] = [];
    const all: Problem[] = [...problems];
    for (const { resource, tree } of objects) {
      const { name, namespace } = identity(tree, session.namespace);
      const object = session.store.get(resource.id, resource.namespaced ? namespace : "", name);
      if (object === undefined) all.push(missing(resource, name));
      else found.push({ resource, object });
    }
    return { found, problems: all, single: objects.length === 1 };
  }
  if (session.args.operands.length === 0) fail(1, NOTHING_ASKED);
  const selection = readSelection(session, session.args.operands);
  yield* session.request();
  const asked =
    selection.kind === "lists" ? selection.resources : selection.items.map(({ resource }) => resource);
  if (asked.some(({ id }) => id === "Endpoints")) yield* session.warn(ENDPOINTS_DEPRECATED);
  const result = fetchSelection(session, selection);
  return { ...result, single: selection.kind === "names" && selection.items.length === 1 };
}

function identity(
  tree: Readonly<Record<string, unknown>>,
  otherwise: string,
): { name: string; namespace: string } {
  const metadata = tree["metadata"];
  const field = (key: "name" | "namespace"): unknown =>
    typeof metadata === "object" && metadata !== null && key in metadata
      ? Object.entries(metadata).find(([each]) => each === key)?.[1]
      : undefined;
  const [name, namespace] = [field("name"), field("namespace")];
  return {
    name: typeof name === "string" ? name : "",
    namespace: typeof namespace === "string" && namespace !== "" ? namespace : otherwise,
  };
}

/** --sort-by: by the value at a path, numbers as numbers, times as times; equal ones keep their order. */
function sorted(found: readonly Found[], by: string | undefined): readonly Found[] {
  if (by === undefined || by === "") return found;
  const path = compileJsonPath(relaxedJsonPath(by));
  if (!path.ok) die(path.error);
  const keyed = found.map((each) => {
    const values = path.value.find(each.object);
    return { each, value: values.ok ? values.value[0] : undefined };
  });
  if (found.length > 0 && keyed.every(({ value }) => value === undefined)) {
    die(`couldn't find any field with path "${relaxedJsonPath(by)}" in the list of objects`);
  }
  return keyed
    .toSorted((a, b) => {
      if (typeof a.value === "number" && typeof b.value === "number") return a.value - b.value;
      const [x, y] = [jsonText(a.value), jsonText(b.value)];
      const [atX, atY] = [parseTimestamp(x), parseTimestamp(y)];
      return atX !== undefined && atY !== undefined ? atX - atY : compareText(x, y);
    })
    .map(({ each }) => each);
}

function* run(session: Session): Task<number> {
  const raw = session.args.text("raw");
  if (raw !== undefined) {
    if (session.args.operands.length > 0) die("arguments may not be passed when --raw is specified");
    yield* session.request();
    const answer = rawGet(session.store, raw);
    if (!answer.ok) fail(1, answer.why);
    yield* session.print(answer.text);
    return 0;
  }
  const output = parseOutput(session.args.text("output"));
  if (session.args.flag("watch") || session.args.flag("watch-only")) return yield* watch(session, output);
  const { found, problems, single } = yield* fetch(session);
  const shown = sorted(found, session.args.text("sort-by"));
  const kept = session.args.flag("ignore-not-found")
    ? problems.filter((problem) => problem.reason !== "NotFound")
    : problems;
  if (output.kind !== "table") {
    if (kept.length === 0 || shown.length > 0) {
      const headers = !session.args.flag("no-headers");
      if (!(single && shown.length === 0)) yield* session.print(printObjects(shown, single, output, headers));
    }
    return yield* session.finish(kept);
  }
  const kinds = new Set(shown.map(({ resource }) => resource.id));
  yield* session.print(printTables(shown, tableOptions(session, output.wide, kinds.size > 1)));
  if (shown.length === 0 && kept.length === 0 && !session.args.flag("ignore-not-found")) {
    yield* session.note(emptyText(session));
  }
  return yield* session.finish(kept);
}

function emptyText(session: Session): string {
  const selection = readSelection(session, session.args.operands);
  const resources = selection.kind === "lists" ? selection.resources : [];
  const allNamespaced = resources.every(({ namespaced }) => namespaced);
  return session.allNamespaces || !allNamespaced
    ? "No resources found\n"
    : `No resources found in ${session.namespace} namespace.\n`;
}

/** -w: what is there, then every change until the program is ended. */
function* watch(session: Session, output: Output): Task<number> {
  const selection = readSelection(session, session.args.operands);
  const resource = onlyResource(selection);
  yield* session.request();
  const { found, problems } = fetchSelection(session, selection);
  if (problems.length > 0) return yield* session.finish(problems);
  const wide = output.kind === "table" && output.wide;
  const widths = new Ruler();
  const show = (objects: readonly AnyObject[], headers: boolean): string => {
    if (output.kind !== "table")
      return objects.map((object) => printObjects([{ resource, object }], true, output)).join("");
    const options = tableOptions(session, wide, false);
    const rows = objects.map((object) => objectRow(resource, object, options));
    return widths.layout(headers && options.headers ? [headerRow(resource, options), ...rows] : rows);
  };
  let first = true;
  const emit = function* (objects: readonly AnyObject[]): Task<void> {
    if (objects.length === 0) return;
    yield* session.print(show(objects, first));
    first = false;
  };
  if (!session.args.flag("watch-only")) yield* emit(found.map(({ object }) => object));
  const known = new Set(found.map(({ object }) => object.metadata.resourceVersion));
  const news: AnyObject[] = [];
  const arrived = new Signal();
  const stop = session.store.watch(resource.id, scopeOf(session, selection, resource), ({ object }) => {
    if (known.has(object.metadata.resourceVersion) || !wanted(session, resource, object)) return;
    news.push(object);
    arrived.fire();
  });
  try {
    for (;;) {
      while (news.length === 0) yield* arrived.wait();
      yield* emit(news.splice(0));
    }
  } finally {
    stop();
  }
}

function onlyResource(selection: Selection): ResourceInfo {
  const resources =
    selection.kind === "lists" ? selection.resources : selection.items.map(({ resource }) => resource);
  const [first] = resources;
  if (first === undefined || resources.length > 1) die("you may only specify a single resource type");
  return first;
}

function scopeOf(
  session: Session,
  selection: Selection,
  resource: ResourceInfo,
): { namespace?: string; name?: string } {
  const name = selection.kind === "names" ? selection.items[0]?.name : undefined;
  return {
    ...(resource.namespaced && !session.allNamespaces ? { namespace: session.namespace } : {}),
    ...(name === undefined ? {} : { name }),
  };
}

function wanted(session: Session, resource: ResourceInfo, object: AnyObject): boolean {
  const labels = labelSelector(session);
  const fields = fieldFilter(session, resource);
  return (labels === undefined || matches(labels, object.metadata.labels)) && (fields?.(object) ?? true);
}

/** Columns that grow but never shrink while rows keep coming. */
class Ruler {
  private widest: string[] = [];

  layout(rows: readonly (readonly string[])[]): string {
    for (const row of rows) {
      this.widest = row.map((cell, i) =>
        (this.widest[i] ?? "").length >= cell.length ? (this.widest[i] ?? "") : cell,
      );
    }
    return layout([this.widest, ...rows])
      .split("\n")
      .slice(1)
      .join("\n");
  }
}

export const get: Command = {
  name: "get",
  use: "get [TYPE[.VERSION][.GROUP] [NAME | -l label] | TYPE[.VERSION][.GROUP]/NAME ...]",
  short: "Display one or many resources",
  flags: [
    ...FILE_FLAGS,
    flag("all-namespaces", "A"),
    text("output", "o"),
    text("selector", "l"),
    text("field-selector"),
    flag("show-labels"),
    flag("show-kind"),
    list("label-columns", "L"),
    flag("no-headers"),
    text("sort-by"),
    flag("watch", "w"),
    flag("watch-only"),
    flag("ignore-not-found"),
    optional("allow-missing-template-keys", "true"),
    optional("show-managed-fields", "true"),
    optional("server-print", "true"),
    text("chunk-size"),
    text("raw"),
  ],
  refused: "subresource kustomize template output-watch-events",
  run,
};
