import type { Task } from "../../../sim/task.ts";
import { NULL_FILE } from "../../../userland/os/io.ts";
import { flag, text } from "../flags.ts";
import { containerNamed, hostOf, podNamed } from "../pods.ts";
import { die, usage } from "../problem.ts";
import type { Command, Session } from "../session.ts";

function* run(session: Session): Task<number> {
  const { operands, dash } = session.args;
  const word = dash === 0 ? undefined : operands[0];
  if (dash < 0 && operands.length > 1) {
    usage("exec", "exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead");
  }
  const argv = dash < 0 ? [] : operands.slice(dash);
  if (word === undefined) die("pod, type/name or --filename must be specified");
  if (argv.length === 0) die("you must specify at least one command for the container");
  yield* session.request();
  const pod = podNamed(session, word);
  const phase = pod.status?.phase ?? "";
  if (phase === "Succeeded" || phase === "Failed") {
    die(`cannot exec into a container in a completed pod; current phase is ${phase}`);
  }
  const container = yield* containerNamed(session, pod, session.args.text("container"));
  const node = hostOf(pod);
  const { namespace = "", name } = pod.metadata;
  const target = { namespace, pod: name, node, container: container.name };
  if (!session.args.flag("stdin")) session.process.files.set(0, NULL_FILE);
  const status = yield* session.runtime.exec(target, argv, session.process);
  if (status < 0) return 1;
  if (status !== 0) yield* session.note(`command terminated with exit code ${status}\n`);
  return status;
}

export const exec: Command = {
  name: "exec",
  use: "exec (POD | TYPE/NAME) [-c CONTAINER] [flags] -- COMMAND [args...]",
  short: "Execute a command in a container",
  flags: [
    text("container", "c"),
    flag("stdin", "i"),
    flag("tty", "t"),
    flag("quiet", "q"),
    text("pod-running-timeout"),
  ],
  refused: "filename f",
  run,
};
