import { compileJsonPath, type JsonPath, relaxedJsonPath } from "../../../formats/jsonpath.ts";
import { isRecord } from "../../../formats/json.ts";
import { Signal, sleep, type Task } from "../../../sim/task.ts";
import { addTime, millis, type Nanos, nanos, seconds } from "../../../sim/time.ts";
import type { AnyObject } from "../../api/types.ts";
import { FILE_FLAGS } from "../files.ts";
import { flag, type FlagSpec, text } from "../flags.ts";
import { die, plain, type Problem } from "../problem.ts";
import { fetchSelection, type Found, missing, readSelection, shownName } from "../resolve.ts";
import type { Command, Session } from "../session.ts";
import { gone } from "./delete.ts";

const WEEK = seconds(7 * 24 * 3600);

/** What --for asks of one object. */
type Goal =
  | { readonly kind: "delete" | "create" }
  | { readonly kind: "condition"; readonly type: string; readonly status: string }
  | { readonly kind: "jsonpath"; readonly path: JsonPath; readonly value: string | undefined };

function jsonPathGoal(input: string): Goal {
  // A single = separates path and value; == belongs to a filter.
  const parts = input.split(/(?<!=)=(?!=)/);
  if (parts.length > 2) {
    die(
      "jsonpath wait format must be --for=jsonpath='{.status.readyReplicas}'=3 or --for=jsonpath='{.status.readyReplicas}'",
    );
  }
  const [expression = "", value] = parts;
  const path = compileJsonPath(/^\{/.test(expression) ? expression : relaxedJsonPath(expression));
  if (!path.ok) die(path.error);
  const wanted = value?.replace(/^['"]|['"]$/g, "");
  if (wanted === "") {
    die(
      "jsonpath wait has to have a value after equal sign, like --for=jsonpath='{.status.readyReplicas}'=3",
    );
  }
  return { kind: "jsonpath", path: path.value, value: wanted };
}

function parseGoal(given: string): Goal {
  const lower = given.toLowerCase();
  if (lower === "delete" || lower === "create") return { kind: lower };
  if (given.startsWith("condition=")) {
    const [type = "", status = "true"] = given.slice("condition=".length).split("=");
    return { kind: "condition", type, status };
  }
  if (given.startsWith("jsonpath=")) return jsonPathGoal(given.slice("jsonpath=".length));
  die(`unrecognized condition: "${given}"`);
}

function statusOf(object: AnyObject): Readonly<Record<string, unknown>> {
  return "status" in object && isRecord(object.status) ? object.status : {};
}

function holds(goal: Goal, object: AnyObject): boolean {
  switch (goal.kind) {
    case "condition":
      return conditionHolds(goal.type, goal.status, object);
    case "jsonpath": {
      const found = goal.path.find(object);
      if (!found.ok || found.value.length === 0) return false;
      return goal.value === undefined || (found.value.length === 1 && String(found.value[0]) === goal.value);
    }
    case "create":
      return true;
    case "delete":
      return false;
  }
}

/** A condition that speaks of an older generation does not count. */
function conditionHolds(type: string, status: string, object: AnyObject): boolean {
  const { conditions, observedGeneration } = statusOf(object);
  const list: readonly unknown[] = Array.isArray(conditions) ? conditions : [];
  const condition = list.find(
    (each) => isRecord(each) && String(each["type"]).toLowerCase() === type.toLowerCase(),
  );
  if (!isRecord(condition)) return false;
  const observed = condition["observedGeneration"] ?? observedGeneration;
  const { generation } = object.metadata;
  if (generation !== undefined && typeof observed === "number" && observed < generation) return false;
  return String(condition["status"]).toLowerCase() === status.toLowerCase();
}

const timedOut = ({ resource, object }: Found): Problem =>
  plain(`timed out waiting for the condition on ${resource.plural}/${object.metadata.name}`);

/** Waits for one object; undefined when it got there. */
function* reach(
  session: Session,
  goal: Goal,
  found: Found,
  deadline: Nanos,
  once: boolean,
): Task<Problem | undefined> {
  const { resource, object } = found;
  const { namespace = "", name } = object.metadata;
  if (goal.kind === "delete") return (yield* gone(session, found, deadline)) ? undefined : timedOut(found);
  const now = (): AnyObject | undefined => session.store.get(resource.id, namespace, name);
  const changed = new Signal<true>();
  const stop = session.store.watch(resource.id, { namespace, name }, () => changed.fire(true));
  try {
    for (;;) {
      const current = now();
      if (current === undefined) return missing(resource, name);
      if (holds(goal, current)) return undefined;
      if (once) return plain(`condition not met for ${resource.plural}/${name}`);
      const left = deadline - session.now;
      if (left <= 0 || (yield* changed.waitAtMost(nanos(left))) === undefined) {
        const last = now();
        return last !== undefined && holds(goal, last) ? undefined : timedOut(found);
      }
    }
  } finally {
    stop();
  }
}

/** --for=create: looks twice a second until the objects are there. */
function* untilCreated(session: Session, deadline: Nanos): Task<void> {
  for (;;) {
    const { found, problems } = fetchSelection(session, readSelection(session, session.args.operands));
    if (found.length > 0 && problems.length === 0) return;
    if (session.now >= deadline) die("timed out waiting for the condition");
    yield* sleep(millis(500));
  }
}

function* run(session: Session): Task<number> {
  const given = session.args.list("for");
  if (given.length === 0) die("unrecognized condition: []");
  const goals = given.map(parseGoal);
  const timeout = session.duration("timeout", seconds(30));
  const deadline = addTime(session.now, timeout < 0 ? WEEK : timeout);
  if (goals.some(({ kind }) => kind === "create")) yield* untilCreated(session, deadline);
  yield* session.request();
  const selection = readSelection(session, session.args.operands);
  const bounded =
    session.args.flag("all") || session.args.has("selector") || session.args.has("field-selector");
  if (selection.kind === "lists" && !bounded) die("resource(s) were provided, but no name was specified");
  const { found, problems } = fetchSelection(session, selection);
  const forDelete = goals.some(({ kind }) => kind === "delete");
  const all: Problem[] = problems.filter((problem) => !(forDelete && problem.reason === "NotFound"));
  if (found.length === 0 && all.length === 0 && !forDelete) die("no matching resources found");
  for (const each of found) {
    for (const goal of goals) {
      const problem = yield* reach(session, goal, each, deadline, timeout === 0);
      if (problem !== undefined) {
        all.push(problem);
        break;
      }
      yield* session.print(`${shownName(each.resource, each.object.metadata.name)} condition met\n`);
    }
  }
  return yield* session.finish(all);
}

/** --for may hold commas, so it is not a list to be split. */
const forFlag: FlagSpec = { name: "for", kind: "list", whole: true };

export const wait: Command = {
  name: "wait",
  use: "wait ([-f FILENAME] | resource.group/resource.name | resource.group [(-l label | --all)]) [--for=create|--for=delete|--for condition=available|--for=jsonpath='{}'[=value]]",
  short: "Wait for a specific condition on one or many resources",
  flags: [
    forFlag,
    text("timeout"),
    flag("all"),
    flag("all-namespaces", "A"),
    text("selector", "l"),
    text("field-selector"),
    ...FILE_FLAGS.slice(1),
  ],
  refused: "filename f local output o template show-managed-fields",
  run,
};
