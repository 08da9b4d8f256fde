import { fail } from "../../userland/args/exit.ts";
import { isRecord, jsonText } from "../../formats/json.ts";
import type { ResourceInfo } from "../api/resources.ts";
import type { AnyObject } from "../api/types.ts";

/** The fields that a kind can be selected by. Models: each registry's GetAttrs. */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  Pod: [
    "spec.nodeName",
    "spec.restartPolicy",
    "spec.schedulerName",
    "spec.serviceAccountName",
    "spec.hostNetwork",
    "status.phase",
    "status.podIP",
    "status.nominatedNodeName",
  ],
  Node: ["spec.unschedulable"],
  Namespace: ["status.phase"],
  Secret: ["type"],
  Service: ["spec.clusterIP", "spec.type"],
  ReplicaSet: ["status.replicas"],
  ReplicationController: ["status.replicas"],
  Event: [
    "involvedObject.kind",
    "involvedObject.namespace",
    "involvedObject.name",
    "involvedObject.uid",
    "involvedObject.apiVersion",
    "involvedObject.resourceVersion",
    "involvedObject.fieldPath",
    "reason",
    "reportingComponent",
    "source",
    "type",
  ],
};

function at(object: unknown, path: string): string {
  const value = path
    .split(".")
    .reduce<unknown>((each, key) => (isRecord(each) ? each[key] : undefined), object);
  if (value === undefined || value === null)
    return path.endsWith("unschedulable") || path.endsWith("hostNetwork") ? "false" : "";
  return typeof value === "object" ? "" : jsonText(value);
}

/** `a.b=c,d!=e`: a filter; a field that the kind cannot be selected by is the server's refusal. */
export function parseFieldSelector(
  text: string,
  resource: ResourceInfo,
  labels: string,
): (object: AnyObject) => boolean {
  const terms = text.split(",").map((term) => {
    const m = /^\s*([\w.]+)\s*(==|=|!=)\s*(.*?)\s*$/.exec(term);
    if (m === null) fail(1, `error: invalid field selector: "${text}"; can't understand "${term}"\n`);
    return { path: m[1] ?? "", wanted: m[3] ?? "", equal: m[2] !== "!=" };
  });
  const known = [
    "metadata.name",
    ...(resource.namespaced ? ["metadata.namespace"] : []),
    ...(FIELDS[resource.id] ?? []),
  ];
  const foreign = terms.find((term) => !known.includes(term.path));
  if (foreign !== undefined) {
    const apiVersion = resource.group === "" ? resource.version : `${resource.group}/${resource.version}`;
    const what = `Unable to find "${apiVersion}, Resource=${resource.plural}" that match label selector "${labels}", field selector "${text}"`;
    fail(1, `Error from server (BadRequest): ${what}: field label not supported: ${foreign.path}\n`);
  }
  return (object) => terms.every(({ path, wanted, equal }) => (at(object, path) === wanted) === equal);
}
