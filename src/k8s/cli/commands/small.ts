import type { Task } from "../../../sim/task.ts";
import { flag, text } from "../flags.ts";
import { die } from "../problem.ts";
import { findResource } from "../resolve.ts";
import type { Command, Session } from "../session.ts";

/** kind has no metrics-server. */
export const top: Command = {
  name: "top",
  use: "top",
  short: "Display resource (CPU/memory) usage",
  flags: [
    flag("containers"),
    flag("all-namespaces", "A"),
    text("selector", "l"),
    text("sort-by"),
    flag("no-headers"),
    flag("use-protocol-buffers"),
  ],
  *run(session: Session): Task<number> {
    yield* session.request();
    return die("Metrics API not available");
  },
};

/** Everyone is allowed here: the administrator of the cluster is who asks. */
function* can(session: Session): Task<number> {
  const [, verb, word] = session.args.operands;
  if (verb === undefined)
    die(
      "you must specify two arguments: verb resource or verb resource/resourceName.\nSee 'kubectl auth can-i -h' for help and examples.",
    );
  yield* session.request();
  const type = (word ?? "").split("/")[0] ?? "";
  if (type !== "" && type !== "*" && findResource(session.store.resources(), type) === undefined)
    yield* session.warn(`the server doesn't have a resource type '${type}'\n`.trimEnd());
  const as = session.args.text("as");
  const allowed = as === undefined || as === "kubernetes-admin";
  if (!session.args.flag("quiet")) yield* session.print(allowed ? "yes\n" : "no\n");
  return allowed ? 0 : 1;
}

export const auth: Command = {
  name: "auth",
  use: "auth",
  short: "Inspect authorization",
  flags: [flag("quiet", "q"), flag("all-namespaces", "A"), text("as"), text("subresource")],
  refused: "list no-headers as-group",
  *run(session: Session): Task<number> {
    const [sub] = session.args.operands;
    if (sub === "can-i") return yield* can(session);
    if (sub === "whoami") {
      yield* session.request();
      yield* session.print(
        "ATTRIBUTE                                           VALUE\n" +
          "Username                                            kubernetes-admin\n" +
          "Groups                                              [kubeadm:cluster-admins system:authenticated]\n",
      );
      return 0;
    }
    return die(`unknown command "${sub ?? ""}" for "kubectl auth"`);
  },
};
