import { isRecord } from "../../formats/json.ts";
import { matches, parseSelector, type Selector } from "../../formats/selector.ts";
import { apiVersionOf, type ResourceInfo } from "../api/resources.ts";
import type { AnyObject } from "../api/types.ts";
import { notFound } from "../api/errors.ts";
import { parseFieldSelector } from "./field-selector.ts";
import { die, plain, type Problem, refused } from "./problem.ts";
import type { Session } from "./session.ts";

/** An object with the resource that it belongs to. */
export interface Found {
  readonly resource: ResourceInfo;
  readonly object: AnyObject;
  /** The file that named it. */
  readonly source?: string;
}

/** What a command's operands name. */
export type Selection =
  | {
      readonly kind: "names";
      readonly items: readonly { readonly resource: ResourceInfo; readonly name: string }[];
    }
  | { readonly kind: "lists"; readonly resources: readonly ResourceInfo[] };

export const MISSING_RESOURCE =
  "You must provide one or more resources by argument or filename.\n" +
  "Example resource specifications include:\n   '-f rsrc.yaml'\n   '--filename=rsrc.json'\n   '<resource> <name>'\n   '<resource>'";

/** `po`, `pods`, `deployments.apps`, `deployments.v1.apps`, in any case. */
export function findResource(resources: readonly ResourceInfo[], word: string): ResourceInfo | undefined {
  const lower = word.toLowerCase();
  const exact = resources.find(
    (info) =>
      info.plural === lower ||
      info.singular === lower ||
      info.kind.toLowerCase() === lower ||
      info.shortNames.includes(lower),
  );
  if (exact !== undefined || !lower.includes(".")) return exact;
  const at = lower.indexOf(".");
  const [name, group] = [lower.slice(0, at), lower.slice(at + 1)];
  return resources.find(
    (info) =>
      (info.plural === name || info.singular === name) &&
      (info.group === group ||
        (info.group === "" ? group === info.version : group === `${info.version}.${info.group}`)),
  );
}

export function resourceNamed(session: Session, word: string): ResourceInfo {
  return (
    findResource(session.store.resources(), word) ?? die(`the server doesn't have a resource type "${word}"`)
  );
}

function resourcesNamed(session: Session, words: string): readonly ResourceInfo[] {
  return words.split(",").flatMap((word) => {
    if (word === "all") return allInOrder(session);
    return [resourceNamed(session, word)];
  });
}

/** `kubectl get all` lists by group: the core group first. */
function allInOrder(session: Session): readonly ResourceInfo[] {
  const order = [
    "Pod",
    "ReplicationController",
    "Service",
    "DaemonSet",
    "Deployment",
    "ReplicaSet",
    "StatefulSet",
  ];
  const rank = (info: ResourceInfo): number =>
    order.includes(info.id) ? order.indexOf(info.id) : order.length;
  return session.store
    .resources()
    .filter((info) => info.inAll)
    .toSorted((a, b) => rank(a) - rank(b));
}

/** Reads `TYPE [NAME ...]`, `TYPE,TYPE` or `TYPE/NAME ...`. Models: cli-runtime resource.Builder. */
export function readSelection(session: Session, operands: readonly string[]): Selection {
  const [first] = operands;
  if (first === undefined) die(MISSING_RESOURCE);
  if (operands.some((word) => word.includes("/")))
    return { kind: "names", items: operands.map((w) => pair(session, w)) };
  const resources = resourcesNamed(session, first);
  const names = operands.slice(1);
  if (names.length === 0) return { kind: "lists", resources };
  if (session.args.has("selector") || session.args.has("field-selector")) {
    die("name cannot be provided when a selector is specified");
  }
  if (session.allNamespaces) die("a resource cannot be retrieved by name across all namespaces");
  return { kind: "names", items: resources.flatMap((resource) => names.map((name) => ({ resource, name }))) };
}

function pair(session: Session, word: string): { resource: ResourceInfo; name: string } {
  const parts = word.split("/");
  if (parts.length === 1) {
    const base = `kubectl ${session.command}`;
    die(
      "there is no need to specify a resource type as a separate argument when passing arguments in resource/name form " +
        `(e.g. '${base} resource/<resource_name>' instead of '${base} resource resource/<resource_name>'`,
    );
  }
  if (parts.length > 2) die("arguments in resource/name form may not have more than one slash");
  const [type = "", name = ""] = parts;
  if (type === "" || name === "") die("arguments in resource/name form must have a single resource and name");
  if (session.allNamespaces) die("a resource cannot be retrieved by name across all namespaces");
  return { resource: resourceNamed(session, type), name };
}

/** -l, as kubectl parses it. */
export function labelSelector(session: Session): Selector | undefined {
  const text = session.args.text("selector");
  if (text === undefined) return undefined;
  const parsed = parseSelector(text);
  return parsed.ok
    ? parsed.value
    : die(`unable to parse requirement: ${parsed.error.replace("unable to parse requirement: ", "")}`);
}

/** Fetches what is selected: the objects, and what was not found. */
export function fetchSelection(
  session: Session,
  selection: Selection,
): { found: readonly Found[]; problems: readonly Problem[] } {
  const { store, namespace } = session;
  if (selection.kind === "lists") {
    return { found: selection.resources.flatMap((resource) => listOf(session, resource)), problems: [] };
  }
  const found: Found[] = [];
  const problems: Problem[] = [];
  for (const { resource, name } of selection.items) {
    const object = store.get(resource.id, resource.namespaced ? namespace : "", name);
    if (object !== undefined) found.push({ resource, object });
    else problems.push(missing(resource, name));
  }
  return { found, problems };
}

/** The server does not have it. */
export function missing(resource: ResourceInfo, name: string): Problem {
  const result = notFound(resource, name);
  return result.ok ? plain("") : refused(result.error);
}

function listOf(session: Session, resource: ResourceInfo): readonly Found[] {
  const labels = labelSelector(session);
  const where = fieldFilter(session, resource);
  const scope = resource.namespaced && !session.allNamespaces ? { namespace: session.namespace } : {};
  return session.store
    .list(resource.id, { ...scope, ...(where === undefined ? {} : { where }) })
    .filter((object) => labels === undefined || matches(labels, object.metadata.labels))
    .map((object) => ({ resource, object }));
}

export function fieldFilter(
  session: Session,
  resource: ResourceInfo,
): ((object: AnyObject) => boolean) | undefined {
  const text = session.args.text("field-selector");
  return text === undefined
    ? undefined
    : parseFieldSelector(text, resource, session.args.text("selector") ?? "");
}

/** `deployment.apps/frontend`: how kubectl names an object in what it prints. */
export function shownName(resource: ResourceInfo, name: string): string {
  const kind = resource.kind.toLowerCase();
  return `${resource.group === "" ? kind : `${kind}.${resource.group}`}/${name}`;
}

/** The resource that an apiVersion and a kind name; only the version that is served counts. */
export function resourceOf(
  resources: readonly ResourceInfo[],
  apiVersion: string,
  kind: string,
): ResourceInfo | undefined {
  return resources.find((info) => info.kind === kind && apiVersionOf(info) === apiVersion);
}

/** The value at a dotted path of an object. */
export function valueAt(object: unknown, path: string): unknown {
  return path.split(".").reduce<unknown>((value, key) => (isRecord(value) ? value[key] : undefined), object);
}
