import { isList, isRecord, type JsonRecord } from "../../formats/json.ts";
import { ok } from "../../base/result.ts";
import type { ApiResult } from "../api/errors.ts";
import { decode } from "../api/decode.ts";
import type { ResourceInfo } from "../api/resources.ts";
import type { Verb } from "../api/store.ts";
import type { AnyObject } from "../api/types.ts";
import type { Session } from "./session.ts";

/** Writes a changed tree in an object's place, as a PATCH does: no conflict, the server's own metadata stays. */
export function writeTree(
  session: Session,
  resource: ResourceInfo,
  current: AnyObject,
  tree: JsonRecord,
  verb: Verb = "update",
): ApiResult<AnyObject> {
  const draft = decode(resource, tree);
  if (!draft.ok) return draft;
  const { labels, annotations, finalizers, ownerReferences } = draft.value.metadata;
  const metadata = {
    ...current.metadata,
    labels,
    annotations,
    finalizers,
    ownerReferences,
    resourceVersion: "",
  };
  const written = session.store.update(session.client.actor, resource.id, { ...draft.value, metadata }, verb);
  return written.ok ? ok(written.value) : written;
}

function child(tree: JsonRecord, key: string): JsonRecord {
  const value = tree[key];
  return isRecord(value) ? value : {};
}

/** The tree of an object. */
export function treeOf(object: AnyObject): JsonRecord {
  return { ...object };
}

/** An object with its pod template changed; a pod is its own template. Undefined when the kind has none. */
export function withTemplate(
  object: AnyObject,
  change: (template: JsonRecord) => JsonRecord,
): JsonRecord | undefined {
  const tree = treeOf(object);
  if (object.kind === "Pod") return change(tree);
  const spec = child(tree, "spec");
  if (!isRecord(spec["template"])) return undefined;
  return { ...tree, spec: { ...spec, template: change(spec["template"]) } };
}

/** A template with something in its metadata's annotations. */
export function withAnnotation(template: JsonRecord, key: string, value: string): JsonRecord {
  const metadata = child(template, "metadata");
  return {
    ...template,
    metadata: { ...metadata, annotations: { ...child(metadata, "annotations"), [key]: value } },
  };
}

/** A template with each of its containers, init ones too, passed through `change`. */
export function withContainers(
  template: JsonRecord,
  change: (container: JsonRecord) => JsonRecord,
): JsonRecord {
  const spec = child(template, "spec");
  const each = (list: unknown): unknown =>
    isList(list) ? list.map((item) => (isRecord(item) ? change(item) : item)) : list;
  return {
    ...template,
    spec: {
      ...spec,
      containers: each(spec["containers"]),
      ...(spec["initContainers"] !== undefined && { initContainers: each(spec["initContainers"]) }),
    },
  };
}
