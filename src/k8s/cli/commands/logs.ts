import { Coroutine, type Task } from "../../../sim/task.ts";
import { nanos } from "../../../sim/time.ts";
import type { LogOptions, Pod } from "../../api/index.ts";
import { isReady } from "../../api/pods.ts";
import { isA } from "../../api/types.ts";
import { flag, text } from "../flags.ts";
import { containerNamed, hostOf, podsNamed } from "../pods.ts";
import { die, usage } from "../problem.ts";
import { fetchSelection } from "../resolve.ts";
import type { Command, Session } from "../session.ts";

/** With a selector, so many lines of each unless --tail says otherwise. */
const SELECTOR_TAIL = 10;
const MAX_FOLLOWED = 5;

interface Source {
  readonly pod: Pod;
  readonly container: string;
}

function* podsMeant(session: Session): Task<readonly Pod[]> {
  const { args } = session;
  const [word] = args.operands;
  if (args.has("selector")) {
    if (word !== undefined) usage("logs", "only a selector (-l) or a POD name is allowed");
    const resources = [session.store.resource("Pod")];
    const { found } = fetchSelection(session, { kind: "lists", resources });
    return found.flatMap(({ object }) => (isA("Pod", object) ? [object] : []));
  }
  if (word === undefined)
    usage(
      "logs",
      "expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or TYPE/NAME is a required argument for the logs command",
    );
  const pods = podsNamed(session, word, true);
  const [first] = pods.toSorted((a, b) => Number(isReady(b)) - Number(isReady(a)));
  if (first === undefined) die(`cannot get a pod of ${word}: timed out waiting for the condition`);
  if (pods.length > 1) yield* session.note(`Found ${pods.length} pods, using pod/${first.metadata.name}\n`);
  return [first];
}

function* sourcesOf(session: Session, pods: readonly Pod[]): Task<readonly Source[]> {
  const { args } = session;
  const out: Source[] = [];
  for (const pod of pods) {
    if (args.flag("all-containers")) {
      const all = [...(pod.spec.initContainers ?? []), ...pod.spec.containers];
      out.push(...all.map(({ name }) => ({ pod, container: name })));
      continue;
    }
    const wanted = args.text("container") ?? (args.has("selector") ? undefined : args.operands[1]);
    out.push({ pod, container: (yield* containerNamed(session, pod, wanted)).name });
  }
  return out;
}

function optionsOf(session: Session): LogOptions {
  const { args } = session;
  const given = session.number("tail") ?? (args.has("selector") ? SELECTOR_TAIL : undefined);
  const since = args.has("since") ? session.duration("since", nanos(0)) : undefined;
  return {
    follow: args.flag("follow"),
    previous: args.flag("previous"),
    timestamps: args.flag("timestamps"),
    ...(given === undefined || given < 0 ? {} : { tail: given }),
    ...(since === undefined ? {} : { since: nanos(session.now - since) }),
  };
}

function* show(session: Session, source: Source, options: LogOptions): Task<number> {
  const { pod, container } = source;
  const { namespace = "", name } = pod.metadata;
  const target = { namespace, pod: name, node: hostOf(pod), container };
  const prefix = session.args.flag("prefix") ? { prefix: `[pod/${name}/${container}] ` } : {};
  return yield* session.runtime.logs(target, { ...options, ...prefix }, session.process);
}

function* run(session: Session): Task<number> {
  yield* session.request();
  const pods = yield* podsMeant(session);
  if (pods.length === 0) {
    yield* session.note(`No resources found in ${session.namespace} namespace.\n`);
    return 0;
  }
  const sources = yield* sourcesOf(session, pods);
  const options = optionsOf(session);
  const limit = session.number("max-log-requests") ?? MAX_FOLLOWED;
  if (options.follow && sources.length > limit)
    die(
      `you are attempting to follow ${sources.length} log streams, but maximum allowed concurrency is ${limit}, use --max-log-requests to increase the limit`,
    );
  let status = 0;
  if (!options.follow || sources.length === 1) {
    for (const source of sources) {
      status = yield* show(session, source, options);
      if (status !== 0) return status;
    }
    return status;
  }
  const { queue } = session.process.host;
  const tasks = sources.map((source) => new Coroutine(queue, show(session, source, options)).start());
  try {
    for (const task of tasks) {
      const outcome = yield* task.join();
      if (outcome.kind === "returned" && outcome.value !== 0) status = outcome.value;
    }
  } finally {
    for (const task of tasks) task.kill("KILL");
  }
  return status;
}

export const logs: Command = {
  name: "logs",
  use: "logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]",
  short: "Print the logs for a container in a pod",
  flags: [
    text("container", "c"),
    flag("follow", "f"),
    flag("previous", "p"),
    flag("timestamps"),
    text("tail"),
    text("selector", "l"),
    text("since"),
    flag("all-containers"),
    flag("prefix"),
    flag("ignore-errors"),
    text("max-log-requests"),
    flag("quiet", "q"),
  ],
  refused: "all-pods since-time limit-bytes insecure-skip-tls-verify-backend",
  run,
};
