import { isRecord } from "../../../formats/json.ts";
import { tabWrite } from "../../../formats/tabwriter.ts";
import { Signal, type Task } from "../../../sim/task.ts";
import { addTime, nanos, seconds } from "../../../sim/time.ts";
import { refuse } from "../../../userland/args/exit.ts";
import type { AnyObject } from "../../api/types.ts";
import { flag, text } from "../flags.ts";
import { die, plain, type Problem, refused } from "../problem.ts";
import { fetchSelection, type Found, missing, readSelection, shownName } from "../resolve.ts";
import { deploymentHistory, rollBack } from "../rollout-history.ts";
import { rolloutState } from "../rollout-status.ts";
import type { Command, Session } from "../session.ts";
import { treeOf, withAnnotation, withTemplate, writeTree } from "../write.ts";

const RESTARTED_AT = "kubectl.kubernetes.io/restartedAt";
const WEEK = seconds(7 * 24 * 3600);

function* selected(
  session: Session,
  words: readonly string[],
): Task<{ found: readonly Found[]; problems: Problem[] }> {
  if (words.length === 0 && !session.args.has("selector")) die("required resource not specified");
  yield* session.request();
  const { found, problems } = fetchSelection(session, readSelection(session, words));
  return { found, problems: [...problems] };
}

/** Says how far it is with every change of the object, until the rollout is done or has failed. */
function* follow(session: Session, found: Found): Task<Problem | undefined> {
  const { resource, object } = found;
  const { namespace = "", name } = object.metadata;
  const limit = session.duration("timeout", nanos(0));
  const deadline = addTime(session.now, limit === 0 ? WEEK : limit);
  const changed = new Signal<true>();
  const news: (AnyObject | undefined)[] = [];
  const stop = session.store.watch(resource.id, { namespace, name }, ({ type, object: now }) => {
    news.push(type === "DELETED" ? undefined : now);
    changed.fire(true);
  });
  try {
    for (;;) {
      if (news.length > 0) {
        const current = news.shift();
        if (current === undefined) return plain("object has been deleted");
        const state = rolloutState(resource, current);
        if ("failure" in state) return plain(state.failure);
        yield* session.print(state.text);
        if (state.done || !session.args.flag("watch", true)) return undefined;
        continue;
      }
      const left = deadline - session.now;
      if (left <= 0 || (yield* changed.waitAtMost(nanos(left))) === undefined)
        return plain("timed out waiting for the condition");
    }
  } finally {
    stop();
  }
}

function* status(session: Session, words: readonly string[]): Task<number> {
  const { found, problems } = yield* selected(session, words);
  for (const each of found) {
    const problem = yield* follow(session, each);
    if (problem !== undefined) problems.push(problem);
  }
  return yield* session.finish(problems);
}

const ROLLED = new Set(["Deployment", "DaemonSet", "StatefulSet"]);

function* restart(session: Session, words: readonly string[]): Task<number> {
  const { found, problems } = yield* selected(session, words);
  for (const { resource, object } of found) {
    if (!ROLLED.has(object.kind)) {
      problems.push(plain(`${resource.plural} "${object.metadata.name}" restarting is not supported`));
      continue;
    }
    const tree = treeOf(object);
    const spec = isRecord(tree["spec"]) ? tree["spec"] : {};
    if (spec["paused"] === true) {
      problems.push(
        plain(
          `${resource.plural} "${object.metadata.name}" can't restart paused deployment (run rollout resume first)`,
        ),
      );
      continue;
    }
    const next = withTemplate(object, (template) =>
      withAnnotation(template, RESTARTED_AT, session.store.timestamp()),
    );
    const written = writeTree(session, resource, object, next ?? tree);
    if (!written.ok) problems.push(refused(written.error));
    else yield* session.print(`${shownName(resource, object.metadata.name)} restarted\n`);
  }
  return yield* session.finish(problems);
}

function* pause(session: Session, words: readonly string[], paused: boolean): Task<number> {
  const verb = paused ? "pausing" : "resuming";
  const { found, problems } = yield* selected(session, words);
  for (const { resource, object } of found) {
    const { namespace = "", name } = object.metadata;
    const of = `${resource.plural}.${resource.group} "${name}"`;
    const deployment =
      object.kind === "Deployment" ? session.client.get("Deployment", namespace, name) : undefined;
    if (deployment === undefined) {
      problems.push(plain(`${of} ${verb} is not supported`));
    } else if ((deployment.spec.paused === true) === paused) {
      problems.push(plain(`${of} is ${paused ? "already paused" : "not paused"}`));
    } else {
      const done = session.client.modify("Deployment", namespace, name, (now) => {
        const { paused: _, ...spec } = now.spec;
        return { ...now, spec: paused ? { ...spec, paused } : spec };
      });
      if (!done.ok) problems.push(refused(done.error));
      else yield* session.print(`${shownName(resource, name)} ${paused ? "paused" : "resumed"}\n`);
    }
  }
  return yield* session.finish(problems);
}

function* history(session: Session, words: readonly string[]): Task<number> {
  if (session.args.has("revision")) refuse("kubectl rollout history --revision");
  const { found, problems } = yield* selected(session, words);
  for (const { resource, object } of found) {
    if (object.kind !== "Deployment") refuse(`kubectl rollout history of ${resource.plural}`);
    const deployment = session.client.get(
      "Deployment",
      object.metadata.namespace ?? "",
      object.metadata.name,
    );
    if (deployment === undefined) {
      problems.push(missing(resource, object.metadata.name));
      continue;
    }
    const rows = deploymentHistory(session.client, deployment);
    const table = [
      "REVISION\tCHANGE-CAUSE\n",
      ...rows.map(({ revision, cause }) => `${revision}\t${cause}\n`),
    ];
    const shown = tabWrite(table.join(""), { minWidth: 0, padding: 2 });
    yield* session.print(`${shownName(resource, object.metadata.name)} \n${shown}\n`);
  }
  return yield* session.finish(problems);
}

function* undo(session: Session, words: readonly string[]): Task<number> {
  const revision = session.number("to-revision") ?? 0;
  if (revision < 0) die("--to-revision must be greater than or equal to 0");
  const { found, problems } = yield* selected(session, words);
  for (const { resource, object } of found) {
    const { namespace = "", name } = object.metadata;
    if (object.kind !== "Deployment") refuse(`kubectl rollout undo of ${resource.plural}`);
    const outcome = rollBack(session.client, namespace, name, revision);
    if (!outcome.ok) problems.push(plain(outcome.error));
    else yield* session.print(`${shownName(resource, name)} ${outcome.value}\n`);
  }
  return yield* session.finish(problems);
}

function* run(session: Session): Task<number> {
  const [word = "", ...words] = session.args.operands;
  switch (word) {
    case "status":
      return yield* status(session, words);
    case "restart":
      return yield* restart(session, words);
    case "history":
      return yield* history(session, words);
    case "undo":
      return yield* undo(session, words);
    case "pause":
      return yield* pause(session, words, true);
    case "resume":
      return yield* pause(session, words, false);
    default:
      return word === ""
        ? die("a subcommand is required: history, pause, restart, resume, status, undo")
        : refuse(`kubectl rollout ${word}`);
  }
}

export const rollout: Command = {
  name: "rollout",
  use: "rollout SUBCOMMAND",
  short: "Manage the rollout of a resource",
  flags: [
    text("selector", "l"),
    text("timeout"),
    flag("watch", "w"),
    text("revision"),
    text("to-revision"),
    text("field-manager"),
  ],
  refused: "filename f recursive R kustomize k dry-run output o template show-managed-fields",
  run,
};
