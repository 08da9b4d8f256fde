import { Signal, type Task } from "../../../sim/task.ts";
import { addTime, type Nanos, nanos, seconds } from "../../../sim/time.ts";
import { matches, parseSelector } from "../../../formats/selector.ts";
import { fail } from "../../../userland/args/exit.ts";
import type { Pod } from "../../api/index.ts";
import { evictPod } from "../../api/eviction.ts";
import { controllerOf, hasEnded } from "../../api/pods.ts";
import { flag, text } from "../flags.ts";
import { die, plain, type Problem, usage } from "../problem.ts";
import type { Command, Session } from "../session.ts";
import { cordonNodes } from "./nodes.ts";

const WEEK = seconds(7 * 24 * 3600);

const TEXTS = {
  daemon: {
    fatal: "DaemonSet-managed Pods (use --ignore-daemonsets to ignore)",
    warning: "ignoring DaemonSet-managed Pods",
  },
  storage: {
    fatal: "Pods with local storage (use --delete-emptydir-data to override)",
    warning: "deleting Pods with local storage",
  },
  unmanaged: {
    // The doubled words are kubectl's own.
    fatal: "cannot delete Pods that declare no controller (use --force to override)",
    warning: "deleting Pods that declare no controller",
  },
} as const;

interface Verdict {
  readonly removes: boolean;
  readonly fatal?: string;
  readonly warning?: string;
}

/** What draining does with a pod. Models: kubectl pkg/drain/filters.go. */
function verdict(session: Session, pod: Pod): Verdict {
  const { args } = session;
  const owner = controllerOf(pod);
  if (owner?.kind === "DaemonSet") {
    return args.flag("ignore-daemonsets")
      ? { removes: false, warning: TEXTS.daemon.warning }
      : { removes: false, fatal: TEXTS.daemon.fatal };
  }
  if (pod.metadata.annotations?.["kubernetes.io/config.mirror"] !== undefined) return { removes: false };
  if (hasEnded(pod)) return { removes: true };
  if (pod.spec.volumes?.some((volume) => "emptyDir" in volume && volume.emptyDir !== undefined) === true) {
    if (!args.flag("delete-emptydir-data")) return { removes: false, fatal: TEXTS.storage.fatal };
    if (owner !== undefined) return { removes: true, warning: TEXTS.storage.warning };
  }
  if (owner !== undefined) return { removes: true };
  return args.flag("force")
    ? { removes: true, warning: TEXTS.unmanaged.warning }
    : { removes: false, fatal: TEXTS.unmanaged.fatal };
}

const shown = ({ metadata }: Pod): string => `${metadata.namespace ?? "default"}/${metadata.name}`;

/** `text: pod, pod` for each text, in the order of the texts. */
function grouped(entries: readonly (readonly [string, Pod])[]): readonly string[] {
  const groups = new Map<string, string[]>();
  for (const [key, pod] of entries) groups.set(key, [...(groups.get(key) ?? []), shown(pod)]);
  return [...groups]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, pods]) => `${key}: ${pods.join(", ")}`);
}

interface Plan {
  readonly pods: readonly Pod[];
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
}

function plan(session: Session, node: string): Plan {
  const given = session.args.text("pod-selector");
  const selector = given === undefined ? undefined : parseSelector(given);
  if (selector?.ok === false) die("--pod-selector=<pod_selector> must be a valid label selector");
  const all = session.client
    .list("Pod", { nodeName: node })
    .filter((pod) => selector === undefined || matches(selector.value, pod.metadata.labels))
    .map((pod) => ({ pod, verdict: verdict(session, pod) }));
  const pick = (key: "fatal" | "warning"): readonly string[] =>
    grouped(
      all.flatMap(({ pod, verdict: found }) => {
        const message = found[key];
        return message === undefined ? [] : [[message, pod] as const];
      }),
    );
  return {
    pods: all.flatMap(({ pod, verdict: { removes } }) => (removes ? [pod] : [])),
    errors: pick("fatal").map((message) => `cannot delete ${message}`),
    warnings: pick("warning"),
  };
}

/** How long kubectl waits before it asks again for what a budget holds up. */
const RETRY = seconds(5);

/** Pods on their way out: asked for, held up by a budget, and gone at last. */
class Evictions {
  private readonly session: Session;
  private readonly options: { readonly gracePeriodSeconds?: number };
  private readonly verb: "deleted" | "evicted";
  private readonly leaving = new Map<string, Pod>();
  private held: { readonly pod: Pod; readonly at: Nanos }[] = [];

  constructor(session: Session) {
    this.session = session;
    const grace = session.number("grace-period") ?? -1;
    this.options = grace < 0 ? {} : { gracePeriodSeconds: grace };
    this.verb = session.args.flag("disable-eviction") ? "deleted" : "evicted";
  }

  get rest(): readonly Pod[] {
    return [...this.leaving.values(), ...this.held.map(({ pod }) => pod)];
  }

  /** When the next one that is held up is asked for again. */
  get next(): Nanos | undefined {
    return this.held[0]?.at;
  }

  *begin(pods: readonly Pod[]): Task<string | undefined> {
    if (this.verb === "evicted")
      for (const pod of pods) yield* this.session.print(`evicting pod ${shown(pod)}\n`);
    for (const pod of pods) {
      const failure = yield* this.ask(pod);
      if (failure !== undefined) return failure;
    }
    return undefined;
  }

  *again(): Task<string | undefined> {
    const { session } = this;
    const due = this.held.filter(({ at }) => at <= session.now);
    this.held = this.held.filter(({ at }) => at > session.now);
    for (const { pod } of due) {
      yield* session.print(`evicting pod ${shown(pod)}\n`);
      const failure = yield* this.ask(pod);
      if (failure !== undefined) return failure;
    }
    return undefined;
  }

  *sayGone(): Task<void> {
    for (const [uid, pod] of this.leaving) {
      const { namespace = "", name } = pod.metadata;
      if (this.session.client.get("Pod", namespace, name)?.metadata.uid === uid) continue;
      this.leaving.delete(uid);
      yield* this.session.print(`pod/${name} ${this.verb}\n`);
    }
  }

  private *ask(pod: Pod): Task<string | undefined> {
    const { session } = this;
    yield* session.request();
    const { namespace = "", name, uid } = pod.metadata;
    if (this.verb === "deleted") session.client.delete("Pod", namespace, name, this.options);
    else {
      const current = session.client.get("Pod", namespace, name);
      const answer = evictPod(session.client, current ?? pod, this.options);
      if (answer.kind === "refused")
        return `error when evicting pods/"${name}" -n "${namespace}": ${answer.message}`;
      if (answer.kind === "later") {
        yield* session.note(
          `error when evicting pods/"${name}" -n "${namespace}" (will retry after 5s): ${answer.message}\n`,
        );
        this.held.push({ pod, at: addTime(session.now, RETRY) });
        return undefined;
      }
    }
    this.leaving.set(uid, pod);
    return undefined;
  }
}

function* evict(session: Session, pods: readonly Pod[]): Task<string | undefined> {
  const evictions = new Evictions(session);
  let failure = yield* evictions.begin(pods);
  const limit = session.duration("timeout", nanos(0));
  const deadline = addTime(session.now, limit === 0 ? WEEK : limit);
  const changed = new Signal<true>();
  const stop = session.store.watch("Pod", {}, () => changed.fire(true));
  try {
    while (failure === undefined) {
      yield* evictions.sayGone();
      const [first] = evictions.rest;
      if (first === undefined) return undefined;
      if (session.now >= deadline)
        return `error when waiting for pod "${first.metadata.name}" in namespace "${first.metadata.namespace ?? ""}" to terminate: global timeout reached: ${session.args.text("timeout") ?? ""}`;
      const until = Math.min(deadline, evictions.next ?? deadline);
      if (until > session.now) yield* changed.waitAtMost(nanos(until - session.now));
      failure = yield* evictions.again();
    }
    return failure;
  } finally {
    stop();
  }
}

/** The nodes' own problem, or undefined when everything left. */
function* drainOne(session: Session, node: string): Task<string | undefined> {
  const { pods, errors, warnings } = plan(session, node);
  if (errors.length > 0) return errors.length === 1 ? errors[0] : `[${errors.join(", ")}]`;
  if (warnings.length > 0) yield* session.warn(warnings.join("; "));
  return yield* evict(session, pods);
}

function* run(session: Session): Task<number> {
  const { args } = session;
  if (args.operands.length === 0 && !args.has("selector")) usage("drain", "USAGE: drain NODE [flags]");
  if (args.operands.length > 0 && args.has("selector"))
    usage("drain", "error: cannot specify both a node name and a --selector option");
  const { nodes, problems } = yield* cordonNodes(session, true);
  if (problems.length > 0) return yield* session.finish(problems);
  const pending: string[] = [];
  const failures: Problem[] = [];
  for (const { metadata } of nodes) {
    const failure = yield* drainOne(session, metadata.name);
    if (failure === undefined) {
      yield* session.print(`node/${metadata.name} drained\n`);
      continue;
    }
    yield* session.note(
      `error: unable to drain node "${metadata.name}" due to error: ${failure}, continuing command...\n`,
    );
    failures.push(plain(failure));
    pending.push(metadata.name);
  }
  if (pending.length === 0) return 0;
  yield* session.note(
    `There are pending nodes to be drained:\n${pending.map((name) => ` ${name}\n`).join("")}`,
  );
  fail(
    1,
    `${failures.map(({ among }) => among.replace(/^\[(.*)\]$/, (_, list: string) => list.replaceAll(", cannot", "\ncannot"))).join("\n")}\n`,
  );
}

export const drain: Command = {
  name: "drain",
  use: "drain NODE",
  short: "Drain node in preparation for maintenance",
  flags: [
    flag("ignore-daemonsets"),
    flag("delete-emptydir-data"),
    flag("force"),
    flag("disable-eviction"),
    text("grace-period"),
    text("timeout"),
    text("selector", "l"),
    text("pod-selector"),
  ],
  refused: "dry-run chunk-size skip-wait-for-delete-timeout",
  run,
};
