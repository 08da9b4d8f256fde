import { err, ok, type Result } from "../../base/result.ts";
import { isList, isRecord, type JsonRecord, sameJson } from "../../formats/json.ts";
import { mergeKey } from "./merge.ts";

/** The three kinds of patch that the API server takes. */

/** Models: RFC 7386. */
export function mergePatch(current: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return patch;
  const now = isRecord(current) ? current : {};
  const changes = Object.entries(patch)
    .filter(([, value]) => value !== null)
    .map(([key, value]) => [key, mergePatch(now[key], value)] as const);
  return { ...without(now, patch, (value) => value === null), ...Object.fromEntries(changes) };
}

/** Lists whose items have a key are merged item by item; `$patch: delete` and `replace`. Models: apimachinery strategicpatch. */
export function strategicPatch(current: unknown, patch: unknown, name = ""): unknown {
  if (isRecord(patch)) return strategicRecord(isRecord(current) ? current : {}, patch);
  if (!isList(patch)) return patch;
  const replaces = patch.some((item) => isRecord(item) && item["$patch"] === "replace");
  const items = patch.filter((item) => !(isRecord(item) && item["$patch"] === "replace"));
  const now = isList(current) ? current : [];
  const key = replaces ? undefined : mergeKey(name, [...items, ...now]);
  if (key === undefined) {
    // finalizers and the like are merged as sets.
    return name === "finalizers" && !replaces ? [...new Set([...now, ...items])] : items;
  }
  return strategicItems(now, items, key);
}

function strategicRecord(current: JsonRecord, patch: JsonRecord): JsonRecord {
  if (patch["$patch"] === "replace") {
    const { $patch: _, ...rest } = patch;
    return rest;
  }
  const removes = (value: unknown): boolean =>
    value === null || (isRecord(value) && value["$patch"] === "delete");
  const changes = Object.entries(patch)
    .filter(([key, value]) => !key.startsWith("$") && !removes(value))
    .map(([key, value]) => [key, strategicPatch(current[key], value, key)] as const);
  return { ...without(current, patch, removes), ...Object.fromEntries(changes) };
}

/** The fields that a patch does not take away. */
function without(current: JsonRecord, patch: JsonRecord, removes: (value: unknown) => boolean): JsonRecord {
  return Object.fromEntries(
    Object.entries(current).filter(([key]) => !(Object.hasOwn(patch, key) && removes(patch[key]))),
  );
}

function strategicItems(
  current: readonly unknown[],
  patch: readonly unknown[],
  key: string,
): readonly unknown[] {
  const idOf = (item: unknown): unknown => (isRecord(item) ? item[key] : undefined);
  let out = [...current];
  const added: unknown[] = [];
  for (const item of patch) {
    const at = out.findIndex((each) => sameJson(idOf(each), idOf(item)));
    const removes = isRecord(item) && item["$patch"] === "delete";
    if (removes) out = out.filter((_, i) => i !== at);
    else if (at >= 0) out[at] = strategicPatch(out[at], item);
    else added.push(item);
  }
  // What is new stands in front, in the patch's order.
  return [...added, ...out];
}

const unescape = (part: string): string => part.replaceAll("~1", "/").replaceAll("~0", "~");

function step(tree: unknown, part: string): unknown {
  if (isList(tree)) return /^\d+$/.test(part) ? tree[Number(part)] : undefined;
  return isRecord(tree) ? tree[part] : undefined;
}

type Edit = { readonly op: "add" | "replace"; readonly value: unknown } | { readonly op: "remove" };

/** The tree with one place changed; undefined when there is no such place. */
function edited(tree: unknown, path: readonly string[], edit: Edit): { readonly tree: unknown } | undefined {
  const [part, ...rest] = path;
  if (part === undefined) return edit.op === "remove" ? undefined : { tree: edit.value };
  if (rest.length > 0) {
    const below = edited(step(tree, part), rest, edit);
    if (below === undefined) return undefined;
    if (isList(tree)) return { tree: tree.map((item, i) => (i === Number(part) ? below.tree : item)) };
    return isRecord(tree) ? { tree: { ...tree, [part]: below.tree } } : undefined;
  }
  if (isList(tree)) return editedList(tree, part, edit);
  if (!isRecord(tree)) return undefined;
  if (edit.op !== "add" && tree[part] === undefined) return undefined;
  const { [part]: _, ...others } = tree;
  return { tree: edit.op === "remove" ? others : { ...tree, [part]: edit.value } };
}

function editedList(
  list: readonly unknown[],
  part: string,
  edit: Edit,
): { readonly tree: unknown } | undefined {
  const at = part === "-" ? list.length : /^\d+$/.test(part) ? Number(part) : -1;
  if (at < 0 || at > list.length || (edit.op !== "add" && at >= list.length)) return undefined;
  if (edit.op === "add") return { tree: [...list.slice(0, at), edit.value, ...list.slice(at)] };
  if (edit.op === "remove") return { tree: list.filter((_, i) => i !== at) };
  return { tree: list.map((item, i) => (i === at ? edit.value : item)) };
}

function pointer(value: unknown): readonly string[] | undefined {
  if (typeof value !== "string" || (value !== "" && !value.startsWith("/"))) return undefined;
  return value === "" ? [] : value.slice(1).split("/").map(unescape);
}

const REJECTED = "the server rejected our request due to an error in our request";

/** Models: RFC 6902. The error is what the server says to any patch that cannot be carried out. */
export function jsonPatch(current: unknown, patch: unknown): Result<unknown, string> {
  if (!isList(patch)) return err(REJECTED);
  let tree = current;
  for (const operation of patch) {
    const next = isRecord(operation) ? oneOperation(tree, operation) : undefined;
    if (next === undefined) return err(REJECTED);
    ({ tree } = next);
  }
  return ok(tree);
}

function oneOperation(tree: unknown, operation: JsonRecord): { readonly tree: unknown } | undefined {
  const path = pointer(operation["path"]);
  if (path === undefined) return undefined;
  const { op, value } = operation;
  switch (op) {
    case "add":
    case "replace":
      return edited(tree, path, { op, value });
    case "remove":
      return edited(tree, path, { op });
    case "test":
      return sameJson(path.reduce(step, tree), value) ? { tree } : undefined;
    case "move":
    case "copy": {
      const from = pointer(operation["from"]);
      const moved = from?.reduce(step, tree);
      if (from === undefined || moved === undefined) return undefined;
      const without = op === "move" ? edited(tree, from, { op: "remove" }) : { tree };
      return without === undefined ? undefined : edited(without.tree, path, { op: "add", value: moved });
    }
    default:
      return undefined;
  }
}
