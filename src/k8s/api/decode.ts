import * as v from "valibot";
import { ok, type Result } from "../../base/result.ts";
import { isList, isRecord, type JsonRecord } from "../../formats/json.ts";
import { type ApiError, badRequest, invalid, requiredField } from "./errors.ts";
import { draftMeta } from "./kinds/meta.ts";
import { isKind, type ResourceInfo } from "./resources.ts";
import { type AnyDraft, KIND_SCHEMAS } from "./types.ts";

const customSchema = v.looseObject({ apiVersion: v.string(), kind: v.string(), metadata: draftMeta });

/**
 * Reads a manifest's tree as an object of its kind, as the API server decodes a request: wrong types and unknown
 * fields are refused in its words. Models: fieldValidation=Strict.
 */
export function decode(resource: ResourceInfo, tree: JsonRecord): Result<AnyDraft, ApiError> {
  const schema = isKind(resource.id) ? KIND_SCHEMAS[resource.id] : customSchema;
  const prefix = `${resource.kind} in version "${resource.version}" cannot be handled as a ${resource.kind}: `;
  const withMeta = { metadata: {}, ...tree };
  const read = v.safeParse(schema, withMeta);
  if (!read.success) {
    const wrong = read.issues.find((issue) => issue.received !== "undefined");
    if (wrong !== undefined) return badRequest(prefix + mistyped(schema, wrong));
    const metadata = isRecord(tree["metadata"]) ? tree["metadata"] : {};
    const name = typeof metadata["name"] === "string" ? metadata["name"] : "";
    const fields = read.issues.map((issue) => requiredField(readable(pathOf(issue))));
    return invalid(resource.kind, resource.group, name, fields);
  }
  const unknown = isKind(resource.id) ? unknownFields(schema, withMeta, "") : [];
  if (unknown.length > 0) {
    const list = unknown.map((path) => `unknown field "${path}"`).join(", ");
    return badRequest(`${prefix}strict decoding error: ${list}`);
  }
  return ok(isKind(resource.id) ? read.output : custom(read.output, withMeta));
}

/** A custom object keeps everything that its manifest says. */
function custom(draft: AnyDraft, tree: JsonRecord): AnyDraft {
  return { ...tree, ...draft };
}

/** Only the fields of the schema that lead on: what a path step may go through. */
type Step = v.GenericSchema | undefined;

function unwrapped(schema: Step): Step {
  return schema !== undefined && "wrapped" in schema ? unwrapped(asSchema(schema.wrapped)) : schema;
}

function asSchema(value: unknown): Step {
  return isSchema(value) ? value : undefined;
}

function isSchema(value: unknown): value is v.GenericSchema {
  return typeof value === "object" && value !== null && "~standard" in value;
}

function entriesOf(schema: Step): JsonRecord | undefined {
  return schema !== undefined && "entries" in schema && isRecord(schema.entries) ? schema.entries : undefined;
}

function itemOf(schema: Step): Step {
  return schema !== undefined && "item" in schema ? asSchema(schema.item) : undefined;
}

function valueOf(schema: Step): Step {
  return schema?.type === "record" && "value" in schema ? asSchema(schema.value) : undefined;
}

/** The paths of fields that the kind does not have: `spec.foo`, `spec.containers[0].bar`. */
function unknownFields(given: Step, value: unknown, path: string): string[] {
  const schema = unwrapped(given);
  const item = itemOf(schema);
  if (item !== undefined && isList(value))
    return value.flatMap((each, i) => unknownFields(item, each, `${path}[${i}]`));
  if (!isRecord(value)) return [];
  const each = valueOf(schema);
  if (each !== undefined)
    return Object.entries(value).flatMap(([key, inner]) => unknownFields(each, inner, join(path, key)));
  const entries = entriesOf(schema);
  if (entries === undefined) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    Object.hasOwn(entries, key)
      ? unknownFields(asSchema(entries[key]), inner, join(path, key))
      : [join(path, key)],
  );
}

function join(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`;
}

type Issue = v.BaseIssue<unknown>;

function pathOf(issue: Issue): readonly unknown[] {
  return (issue.path ?? []).map((item) => item.key);
}

function readable(path: readonly unknown[]): string {
  return path.reduce<string>(
    (text, key) => (typeof key === "number" ? `${text}[${key}]` : join(text, String(key))),
    "",
  );
}

const GO_TYPES: Readonly<Record<string, string>> = {
  string: "string",
  number: "int32",
  integer: "int32",
  boolean: "bool",
  union: "intstr.IntOrString",
  array: "[]interface {}",
  record: "map[string]string",
};

/** `json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32`. */
function mistyped(root: v.GenericSchema, issue: Issue): string {
  const fields: string[] = [];
  let holder = "";
  let at: Step = unwrapped(root);
  for (const key of pathOf(issue)) {
    const entries = entriesOf(at);
    if (entries !== undefined) {
      holder = goNameOf(at);
      fields.push(String(key));
      at = unwrapped(asSchema(entries[String(key)]));
    } else at = unwrapped(itemOf(at) ?? valueOf(at));
  }
  const goName = goNameOf(at);
  const type = goName === "" ? (GO_TYPES[at?.type ?? ""] ?? "string") : `v1.${goName}`;
  return `json: cannot unmarshal ${jsonType(issue.input)} into Go struct field ${holder}.${fields.join(".")} of type ${type}`;
}

function goNameOf(schema: Step): string {
  if (schema === undefined || !("pipe" in schema) || !isList(schema.pipe)) return "";
  const title = schema.pipe.find((item) => isRecord(item) && item["type"] === "title");
  return isRecord(title) && typeof title["title"] === "string" ? title["title"] : "";
}

function jsonType(value: unknown): string {
  if (Array.isArray(value)) return "array";
  if (typeof value === "boolean") return "bool";
  return typeof value;
}
