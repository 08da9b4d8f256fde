import type { Task } from "../../../sim/task.ts";
import type { ApiResult } from "../../api/errors.ts";
import type { AnyObject } from "../../api/types.ts";
import { flag, text } from "../flags.ts";
import { die, plain, type Problem, refused } from "../problem.ts";
import { fetchSelection, type Found, readSelection, shownName } from "../resolve.ts";
import type { Command, Session } from "../session.ts";

function setReplicas(
  session: Session,
  { object }: Found,
  replicas: number,
): ApiResult<AnyObject> | undefined {
  const { client } = session;
  const { namespace = "", name } = object.metadata;
  switch (object.kind) {
    case "Deployment":
      return client.modify("Deployment", namespace, name, (now) => ({
        ...now,
        spec: { ...now.spec, replicas },
      }));
    case "ReplicaSet":
      return client.modify("ReplicaSet", namespace, name, (now) => ({
        ...now,
        spec: { ...now.spec, replicas },
      }));
    case "StatefulSet":
      return client.modify("StatefulSet", namespace, name, (now) => ({
        ...now,
        spec: { ...now.spec, replicas },
      }));
    case "ReplicationController":
      return client.modify("ReplicationController", namespace, name, (now) => ({
        ...now,
        spec: { ...now.spec, replicas },
      }));
    default:
      return undefined;
  }
}

function replicasOf(object: AnyObject): number | undefined {
  const spec = "spec" in object ? object.spec : undefined;
  return typeof spec === "object" && spec !== null && "replicas" in spec && typeof spec.replicas === "number"
    ? spec.replicas
    : undefined;
}

function* run(session: Session): Task<number> {
  const replicas = session.number("replicas");
  if (replicas === undefined) die('required flag(s) "replicas" not set');
  if (replicas < 0)
    die("The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0");
  yield* session.request();
  const selection = readSelection(session, session.args.operands);
  const bounded = session.args.flag("all") || session.args.has("selector");
  if (selection.kind === "lists" && !bounded) die("resource(s) were provided, but no name was specified");
  const { found, problems } = fetchSelection(session, selection);
  const all: Problem[] = [...problems];
  const expected = session.number("current-replicas") ?? -1;
  if (found.length === 0 && all.length === 0) die("no objects passed to scale");
  for (const each of found) {
    const { resource, object } = each;
    const current = replicasOf(object);
    if (expected >= 0 && current !== expected) {
      all.push(plain(`Expected replicas to be ${expected}, was ${current ?? 0}`));
      continue;
    }
    const result = setReplicas(session, each, replicas);
    if (result === undefined) {
      all.push(refused({ reason: "NotFound", message: "the server could not find the requested resource" }));
    } else if (!result.ok) all.push(refused(result.error));
    else yield* session.print(`${shownName(resource, object.metadata.name)} scaled\n`);
  }
  return yield* session.finish(all);
}

export const scale: Command = {
  name: "scale",
  use: "scale [--resource-version=version] [--current-replicas=count] --replicas=COUNT (-f FILENAME | TYPE NAME)",
  short: "Set a new size for a deployment, replica set, or replication controller",
  flags: [text("replicas"), text("current-replicas"), flag("all"), text("selector", "l")],
  refused:
    "filename f resource-version timeout output o dry-run recursive R kustomize k template show-managed-fields",
  run,
};
