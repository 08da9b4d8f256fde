import { Signal, type Task } from "../../../sim/task.ts";
import { nanos, seconds } from "../../../sim/time.ts";
import { fail } from "../../../userland/args/exit.ts";
import type { Container, Draft, Pod } from "../../api/index.ts";
import { hasEnded } from "../../api/pods.ts";
import { flag, list, text } from "../flags.ts";
import { containerNamed, hostOf } from "../pods.ts";
import { die, usage } from "../problem.ts";
import type { Command, Session } from "../session.ts";
import { awaitGone } from "./delete.ts";
import { pairs, serviceOfPod } from "./expose.ts";
import { submit, SUBMIT_FLAGS } from "./submit.ts";

const ATTACHED =
  "All commands and output from this session will be recorded in container logs, including credentials and sensitive " +
  "information passed through the command prompt.\nIf you don't see a command prompt, try pressing enter.\n";
const RESTARTS = ["Always", "OnFailure", "Never"];

function environment(session: Session): Container["env"] {
  return session.args.list("env").map((word) => {
    const at = word.indexOf("=");
    return at < 1 ? die(`invalid env: ${word}`) : { name: word.slice(0, at), value: word.slice(at + 1) };
  });
}

/** Models: kubectl generate run BasicPod. */
function podOf(session: Session, name: string, words: readonly string[]): Draft<"Pod"> {
  const { args } = session;
  const restartPolicy = args.text("restart") ?? "Always";
  if (!RESTARTS.includes(restartPolicy)) usage("run", `invalid restart policy: ${restartPolicy}`);
  const port = session.number("port");
  const env = environment(session) ?? [];
  const annotations = args.list("annotations").map((word): [string, string] => {
    const at = word.indexOf("=");
    return at < 1 ? die(`invalid annotation format: ${word}`) : [word.slice(0, at), word.slice(at + 1)];
  });
  const container: Container = {
    ...(words.length > 0 && { [args.flag("command") ? "command" : "args"]: words }),
    image: args.text("image") ?? "",
    ...(args.has("image-pull-policy") && { imagePullPolicy: args.text("image-pull-policy") }),
    name,
    ...(env.length > 0 && { env }),
    ...(port !== undefined && { ports: [{ containerPort: port }] }),
    ...(args.flag("stdin") && { stdin: true, stdinOnce: !args.flag("leave-stdin-open") }),
    ...(args.flag("tty") && { tty: true }),
    ...(args.flag("privileged") && { securityContext: { privileged: true } }),
    resources: {},
  };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name,
      namespace: session.namespace,
      labels: pairs(session, "labels") ?? { run: name },
      ...(annotations.length > 0 && { annotations: Object.fromEntries(annotations) }),
    },
    spec: { containers: [container], dnsPolicy: "ClusterFirst", restartPolicy },
  };
}

/** Waits until the pod passes a test, or is gone, or the deadline is over. */
function* podThat(session: Session, pod: Pod, test: (pod: Pod) => boolean, limit: number): Task<Pod> {
  const { namespace = "default", name } = pod.metadata;
  const changed = new Signal<true>();
  const stop = session.store.watch("Pod", { namespace, name }, () => changed.fire(true));
  const deadline = session.now + limit;
  try {
    for (;;) {
      const current = session.client.get("Pod", namespace, name);
      if (current === undefined) fail(1, `Error from server (NotFound): pods "${name}" not found\n`);
      if (test(current)) return current;
      const left = deadline - session.now;
      if (left <= 0 || (yield* changed.waitAtMost(nanos(left))) === undefined)
        die("timed out waiting for the condition");
    }
  } finally {
    stop();
  }
}

const WEEK = seconds(7 * 24 * 3600);

/** What the pod prints, from the beginning to its end; then its exit status when it is not to be started again. */
function* attach(session: Session, made: Pod): Task<number> {
  const started = (pod: Pod): boolean => pod.status?.phase === "Running" || hasEnded(pod);
  const limit = session.duration("pod-running-timeout", seconds(60));
  const pod = yield* podThat(session, made, started, limit);
  const container = yield* containerNamed(session, pod, undefined);
  const { namespace = "default", name } = pod.metadata;
  const target = { namespace, pod: name, node: hostOf(pod), container: container.name };
  yield* session.runtime.logs(target, { follow: true, previous: false, timestamps: false }, session.process);
  if (pod.spec.restartPolicy === "Always") return 0;
  const ended = yield* podThat(session, pod, hasEnded, WEEK);
  if (ended.status?.phase === "Succeeded") return 0;
  const last = ended.status?.containerStatuses?.[0]?.state?.terminated;
  if (last === undefined || last.exitCode === 0)
    die(`pod ${namespace}/${name} failed with unknown exit code`);
  yield* session.note(
    `pod ${namespace}/${name} terminated (${last.reason ?? ""})\n${last.message ?? ""}`.replace(/\n*$/, "\n"),
  );
  return last.exitCode;
}

function* removeIt(session: Session, pod: Pod): Task<void> {
  const { namespace = "default", name } = pod.metadata;
  const resource = session.store.resource("Pod");
  const gone = session.store.delete(session.client.actor, "Pod", namespace, name);
  if (!gone.ok) return;
  yield* session.print(`pod "${name}" deleted from ${namespace} namespace\n`);
  yield* awaitGone(session, [{ resource, object: pod }]);
}

function check(session: Session, names: readonly string[]): string {
  const { args } = session;
  if (!args.has("image")) die('required flag(s) "image" not set');
  const [name] = names;
  if (name === undefined) usage("run", "NAME is required for run");
  if (/\s/.test(args.text("image") ?? "") || args.text("image") === "")
    die(`Invalid image name "${args.text("image") ?? ""}": invalid reference format`);
  if (args.flag("rm") && !attached(session)) die("--rm should only be used for attached containers");
  if (args.flag("rm") && (args.text("dry-run") ?? "none") !== "none")
    die("--rm should only be used for attached containers");
  if (args.flag("expose") && !args.has("port")) die("--port must be set when exposing a service");
  if (args.flag("tty") && !args.flag("stdin")) usage("run", "stdin is required for containers with -t/--tty");
  return name;
}

/** -i attaches, unless --attach says otherwise. */
function attached(session: Session): boolean {
  return session.args.flag("attach", session.args.flag("stdin"));
}

function* run(session: Session): Task<number> {
  const { args } = session;
  const names = args.dash < 0 ? args.operands.slice(0, 1) : args.operands.slice(0, args.dash);
  const words = args.dash < 0 ? args.operands.slice(1) : args.operands.slice(args.dash);
  const name = check(session, names);
  const draft = podOf(session, name, [...names.slice(1), ...words]);
  if (!attached(session) || args.text("dry-run") === "client") {
    // kubectl makes the pod, then the Service, and names the Service first.
    if (args.flag("expose")) {
      const port = session.number("port") ?? 0;
      yield* submit(session, serviceOfPod(session, name, draft.metadata.labels ?? {}, port));
    }
    yield* submit(session, draft);
    return 0;
  }
  yield* session.request();
  const made = session.client.create("Pod", draft);
  if (!made.ok) fail(1, `Error from server (${made.error.reason}): ${made.error.message}\n`);
  if (args.flag("tty") && !args.flag("quiet"))
    yield* session.note("Unable to use a TTY - input is not a terminal or the right kind of file\n");
  if (!args.flag("quiet") && args.flag("stdin")) yield* session.note(ATTACHED);
  let status = 1;
  try {
    status = yield* attach(session, made.value);
  } finally {
    if (args.flag("rm")) yield* removeIt(session, made.value);
  }
  return status;
}

export const runPod: Command = {
  name: "run",
  use: 'run NAME --image=image [--env="key=value"] [--port=port] [--dry-run=server|client] [--overrides=inline-json] [--command] -- [COMMAND] [args...]',
  short: "Run a particular image on the cluster",
  flags: [
    ...SUBMIT_FLAGS,
    text("image"),
    text("image-pull-policy"),
    text("port"),
    text("restart"),
    list("labels", "l"),
    { name: "env", kind: "list", whole: true },
    { name: "annotations", kind: "list", whole: true },
    flag("command"),
    flag("expose"),
    flag("stdin", "i"),
    flag("tty", "t"),
    flag("rm"),
    flag("attach"),
    flag("quiet", "q"),
    flag("privileged"),
    flag("leave-stdin-open"),
    flag("wait"),
    flag("save-config"),
    text("pod-running-timeout"),
  ],
  refused:
    "overrides override-type filename f recursive R kustomize k template show-managed-fields cascade force grace-period now timeout detach-keys",
  run,
};
