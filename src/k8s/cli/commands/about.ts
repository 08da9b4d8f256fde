import { serverAddress } from "../server.ts";
import type { Task } from "../../../sim/task.ts";
import { refuse } from "../../../userland/args/exit.ts";
import { apiVersionOf } from "../../api/resources.ts";
import { KUBERNETES_VERSION } from "../../kind/manifests.ts";
import { flag, text } from "../flags.ts";
import { printYaml } from "../../../formats/yaml-print.ts";
import { parseOutput, printJsonPath } from "../output.ts";
import { layout } from "../print-table.ts";
import { die } from "../problem.ts";
import type { Command, Session } from "../session.ts";

const KUSTOMIZE_VERSION = "v5.8.1";

export const version: Command = {
  name: "version",
  use: "version",
  short: "Print the client and server version information",
  flags: [flag("client")],
  refused: "output o",
  *run(session): Task<number> {
    yield* session.print(`Client Version: ${KUBERNETES_VERSION}\nKustomize Version: ${KUSTOMIZE_VERSION}\n`);
    if (!session.args.flag("client")) yield* session.print(`Server Version: ${KUBERNETES_VERSION}\n`);
    return 0;
  },
};

export const clusterInfo: Command = {
  name: "cluster-info",
  use: "cluster-info",
  short: "Display cluster information",
  flags: [],
  *run(session): Task<number> {
    if (session.args.operands.length > 0) refuse(`kubectl cluster-info ${session.args.operands[0] ?? ""}`);
    yield* session.request();
    const server = serverAddress(session.client);
    const dns = session.client.get("Service", "kube-system", "kube-dns");
    yield* session.print(`Kubernetes control plane is running at ${server}\n`);
    if (dns !== undefined) {
      yield* session.print(
        `CoreDNS is running at ${server}/api/v1/namespaces/kube-system/services/kube-dns:dns/proxy\n`,
      );
    }
    yield* session.print(
      "\nTo further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.\n",
    );
    return 0;
  },
};

export const apiVersions: Command = {
  name: "api-versions",
  use: "api-versions",
  short: 'Print the supported API versions on the server, in the form of "group/version"',
  flags: [],
  *run(session): Task<number> {
    yield* session.request();
    const versions = [...new Set(session.store.resources().map(apiVersionOf))].toSorted();
    yield* session.print(versions.map((each) => `${each}\n`).join(""));
    return 0;
  },
};

export const apiResources: Command = {
  name: "api-resources",
  use: "api-resources",
  short: "Print the supported API resources on the server",
  flags: [flag("no-headers"), text("output", "o"), text("api-group"), flag("namespaced")],
  refused: "cached categories sort-by verbs show-managed-fields",
  *run(session): Task<number> {
    const { args } = session;
    const output = args.text("output") ?? "";
    if (output !== "" && output !== "name") die(`--output ${output} is not available`);
    yield* session.request();
    const group = args.text("api-group");
    const chosen = session.store
      .resources()
      .filter((info) => group === undefined || info.group === group)
      .filter((info) => !args.has("namespaced") || info.namespaced === args.flag("namespaced"));
    if (output === "name") {
      yield* session.print(
        chosen.map(({ plural, group: g }) => `${g === "" ? plural : `${plural}.${g}`}\n`).join(""),
      );
      return 0;
    }
    const rows = chosen.map((info) => [
      info.plural,
      info.shortNames.join(","),
      apiVersionOf(info),
      String(info.namespaced),
      info.kind,
    ]);
    const header = ["NAME", "SHORTNAMES", "APIVERSION", "NAMESPACED", "KIND"];
    yield* session.print(layout(args.flag("no-headers") ? rows : [header, ...rows]));
    return 0;
  },
};

/** Only the current context's namespace can be set. */
function* setContext(session: Session, context: string): Task<number> {
  const { args } = session;
  const [, name] = args.operands;
  if (name !== undefined && args.flag("current")) die("cannot specify both a context name and --current");
  if (name === undefined && !args.flag("current"))
    die("you must specify a non-empty context name or --current");
  if (name !== undefined && name !== context) refuse("kubectl config set-context of another context");
  if (args.has("namespace")) session.context.namespace = args.text("namespace") ?? "";
  yield* session.print(`Context "${context}" modified.\n`);
  return 0;
}

function* view(session: Session, context: string): Task<number> {
  const { namespace } = session.context;
  const within = namespace === "" ? {} : { namespace };
  const tree = {
    apiVersion: "v1",
    clusters: [
      {
        cluster: { "certificate-authority-data": "DATA+OMITTED", server: serverAddress(session.client) },
        name: context,
      },
    ],
    contexts: [{ context: { cluster: context, ...within, user: context }, name: context }],
    "current-context": context,
    kind: "Config",
    users: [
      {
        name: context,
        user: { "client-certificate-data": "DATA+OMITTED", "client-key-data": "DATA+OMITTED" },
      },
    ],
  };
  const output = parseOutput(session.args.text("output") ?? "yaml");
  if (output.kind === "jsonpath") yield* session.print(printJsonPath(tree, output.template, output.asJson));
  else if (output.kind === "json") yield* session.print(`${JSON.stringify(tree, null, 4)}\n`);
  else if (output.kind === "yaml") yield* session.print(printYaml(tree));
  else refuse(`kubectl config view -o ${session.args.text("output") ?? ""}`);
  return 0;
}

export const config: Command = {
  name: "config",
  use: "config SUBCOMMAND",
  short: "Show the context in use",
  flags: [
    flag("no-headers"),
    text("output", "o"),
    flag("current"),
    flag("minify"),
    flag("flatten"),
    flag("raw"),
  ],
  *run(session): Task<number> {
    const context = `kind-${session.cluster}`;
    const [word = ""] = session.args.operands;
    switch (word) {
      case "current-context":
        yield* session.print(`${context}\n`);
        return 0;
      case "get-contexts": {
        const rows = [["*", context, context, context, session.context.namespace]];
        const header = ["CURRENT", "NAME", "CLUSTER", "AUTHINFO", "NAMESPACE"];
        yield* session.print(layout(session.args.flag("no-headers") ? rows : [header, ...rows]));
        return 0;
      }
      case "get-clusters":
        yield* session.print(`NAME\n${context}\n`);
        return 0;
      case "use-context":
        if (session.args.operands[1] !== context)
          die(`no context exists with the name: "${session.args.operands[1] ?? ""}"`);
        yield* session.print(`Switched to context "${context}".\n`);
        return 0;
      case "set-context":
        return yield* setContext(session, context);
      case "view":
        return yield* view(session, context);
      default:
        refuse(`kubectl config ${word}`);
    }
  },
};
