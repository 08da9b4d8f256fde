import type { Task } from "../../../sim/task.ts";
import { flag, text } from "../flags.ts";
import { containerNamed, hostOf, podNamed } from "../pods.ts";
import { usage } from "../problem.ts";
import type { Command, Session } from "../session.ts";

function* run(session: Session): Task<number> {
  const { args } = session;
  const [word, positional] = args.operands;
  if (word === undefined)
    usage(
      "logs",
      "expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or TYPE/NAME is a required argument for the logs command",
    );
  yield* session.request();
  const pod = podNamed(session, word);
  const container = yield* containerNamed(session, pod, args.text("container") ?? positional);
  const { namespace = "", name } = pod.metadata;
  const tail = session.number("tail");
  return yield* session.runtime.logs(
    { namespace, pod: name, node: hostOf(pod), container: container.name },
    {
      follow: args.flag("follow"),
      previous: args.flag("previous"),
      timestamps: args.flag("timestamps"),
      ...(tail === undefined || tail < 0 ? {} : { tail }),
    },
    session.process,
  );
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
    flag("quiet", "q"),
  ],
  refused:
    "all-containers all-pods selector l since since-time prefix limit-bytes max-log-requests ignore-errors insecure-skip-tls-verify-backend",
  run,
};
