import type { Task } from "../../../sim/task.ts";
import { sameJson } from "../../../formats/json.ts";
import type { AnyObject } from "../../api/types.ts";
import { flag, text } from "../flags.ts";
import { die, plain, type Problem, refused } from "../problem.ts";
import { fetchSelection, readSelection, shownName } from "../resolve.ts";
import type { Command, Session } from "../session.ts";

type Texts = Readonly<Record<string, string>>;

interface Changes {
  readonly set: Texts;
  readonly removed: readonly string[];
  /** The operands that name objects. */
  readonly targets: readonly string[];
}

/** `key=value` sets, `key-` takes away; everything before the first of them names objects. */
function readChanges(operands: readonly string[], noun: string): Changes {
  const isChange = (word: string): boolean => word.includes("=") || (word.endsWith("-") && word.length > 1);
  const first = operands.findIndex(isChange);
  const words = first < 0 ? [] : operands.slice(first);
  const set: Record<string, string> = {};
  const removed: string[] = [];
  for (const word of words) {
    const at = word.indexOf("=");
    if (at > 0) set[word.slice(0, at)] = word.slice(at + 1);
    else if (word.endsWith("-")) removed.push(word.slice(0, -1));
    else die(`unexpected ${noun} format: "${word}"`);
  }
  const both = removed.find((key) => Object.hasOwn(set, key));
  if (both !== undefined)
    die(
      `can not both modify and remove ${noun === "label" ? "a label" : "an annotation"} in the same command`,
    );
  return { set, removed, targets: first < 0 ? operands : operands.slice(0, first) };
}

function changed(before: Texts | undefined, { set, removed }: Changes): Texts {
  const kept = Object.entries(before ?? {}).filter(([key]) => !removed.includes(key));
  return { ...Object.fromEntries(kept), ...set };
}

function outcome(
  field: "labels" | "annotations",
  before: Texts | undefined,
  after: Texts,
  removes: boolean,
): string {
  if (field === "annotations") return "annotated";
  if (sameJson(before ?? {}, after)) return "not labeled";
  return removes ? "unlabeled" : "labeled";
}

function* change(session: Session, field: "labels" | "annotations", noun: string): Task<number> {
  const changes = readChanges(session.args.operands, noun);
  if (changes.targets.length === 0)
    die("one or more resources must be specified as <resource> <name> or <resource>/<name>");
  if (Object.keys(changes.set).length + changes.removed.length === 0)
    die(`at least one ${noun} update is required`);
  yield* session.request();
  const selection = readSelection(session, changes.targets);
  if (selection.kind === "lists" && !session.args.flag("all") && !session.args.has("selector")) {
    die("resource(s) were provided, but no name was specified");
  }
  const { found, problems } = fetchSelection(session, selection);
  const all: Problem[] = [...problems];
  for (const { resource, object } of found) {
    const before = object.metadata[field];
    const taken = Object.keys(changes.set).find(
      (key) => before?.[key] !== undefined && before[key] !== changes.set[key],
    );
    if (taken !== undefined && !session.args.flag("overwrite")) {
      all.push(plain(conflictText(noun, taken, before?.[taken] ?? "")));
      continue;
    }
    const absent = changes.removed.filter((key) => before?.[key] === undefined);
    for (const key of absent) yield* session.print(`${noun} "${key}" not found.\n`);
    const after = changed(before, changes);
    const next: AnyObject = { ...object, metadata: { ...object.metadata, [field]: after } };
    const written = session.store.update(session.client.actor, resource.id, next);
    if (!written.ok) all.push(refused(written.error));
    else {
      const word = outcome(
        field,
        before,
        after,
        changes.removed.length > 0 && Object.keys(changes.set).length === 0,
      );
      yield* session.print(`${shownName(resource, object.metadata.name)} ${word}\n`);
    }
  }
  return yield* session.finish(all);
}

function conflictText(noun: string, key: string, value: string): string {
  return noun === "label"
    ? `'${key}' already has a value (${value}), and --overwrite is false`
    : `--overwrite is false but found the following declared annotation(s): '${key}' already has a value (${value})`;
}

const FLAGS = [
  flag("overwrite"),
  flag("all"),
  flag("all-namespaces", "A"),
  text("selector", "l"),
  text("field-selector"),
];
const REFUSED =
  "filename f list local output o resource-version dry-run recursive R kustomize k template show-managed-fields field-manager";

export const label: Command = {
  name: "label",
  use: "label [--overwrite] (-f FILENAME | TYPE NAME) KEY_1=VAL_1 ... KEY_N=VAL_N",
  short: "Update the labels on a resource",
  flags: FLAGS,
  refused: REFUSED,
  run: (session) => change(session, "labels", "label"),
};

export const annotate: Command = {
  name: "annotate",
  use: "annotate [--overwrite] (-f FILENAME | TYPE NAME) KEY_1=VAL_1 ... KEY_N=VAL_N",
  short: "Update the annotations on a resource",
  flags: FLAGS,
  refused: REFUSED,
  run: (session) => change(session, "annotations", "annotation"),
};
