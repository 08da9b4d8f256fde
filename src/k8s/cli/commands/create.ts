import type { Task } from "../../../sim/task.ts";
import { resolvePath } from "../../../userland/os/fs.ts";
import { utf8Decode } from "../../../base/utf8.ts";
import { refuse } from "../../../userland/args/exit.ts";
import { decode } from "../../api/decode.ts";
import type { AnyDraft } from "../../api/types.ts";
import { FILE_FLAGS, inNamespace, readFiles } from "../files.ts";
import { list, optional, text } from "../flags.ts";
import { die, type Problem, refused, usage } from "../problem.ts";
import { shownName } from "../resolve.ts";
import type { Command, Session } from "../session.ts";
import { warnInert } from "./apply.ts";
import { createToken, MORE_FLAGS, moreDraft } from "./create-more.ts";
import { ingressDraft } from "./create-ingress.ts";
import { jobDraft, SERVICE_TYPES, secretDraft, serviceDraft } from "./create-kinds.ts";
import { failedTo, submit, SUBMIT_FLAGS, type Wording } from "./submit.ts";

function* fromFiles(session: Session): Task<number> {
  const { objects, problems } = yield* readFiles(session);
  const all: Problem[] = [...problems];
  if (objects.length === 0 && all.length === 0) die("no objects passed to create");
  for (const file of objects) {
    const context = `error when creating "${file.source}": `;
    yield* session.request();
    const draft = decode(file.resource, inNamespace(session, file));
    const made = draft.ok ? session.store.create(session.client.actor, file.resource.id, draft.value) : draft;
    if (!made.ok) all.push(refused(made.error, context));
    else {
      yield* warnInert(session, file);
      yield* session.print(`${shownName(file.resource, made.value.metadata.name)} created\n`);
    }
  }
  return yield* session.finish(all);
}

function exactlyOne(session: Session, command: string): string {
  const { dash, operands } = session.args;
  const names = operands.slice(1, dash < 0 ? undefined : dash);
  const [name] = names;
  if (name === undefined || names.length > 1)
    usage(command, `exactly one NAME is required, got ${names.length}`);
  return name;
}

function configMapData(session: Session): Readonly<Record<string, string>> {
  const data: Record<string, string> = {};
  const put = (key: string, value: string): void => {
    if (Object.hasOwn(data, key))
      die(`cannot add key "${key}", another key by that name already exists in Data for ConfigMap`);
    data[key] = value;
  };
  for (const pair of session.args.list("from-literal")) {
    const at = pair.indexOf("=");
    if (at < 1) die(`invalid literal source ${pair}, expected key=value`);
    put(pair.slice(0, at), pair.slice(at + 1));
  }
  for (const source of session.args.list("from-file")) {
    const at = source.indexOf("=");
    const path = at < 0 ? source : source.slice(at + 1);
    const bytes = session.process.host.fs.read(resolvePath(session.process.cwd, path));
    if (!bytes.ok) die(`error reading ${path}: no such file or directory`);
    put(at < 0 ? (path.split("/").at(-1) ?? path) : source.slice(0, at), utf8Decode(bytes.value));
  }
  return data;
}

function draftFor(session: Session, kind: string): AnyDraft {
  const { namespace } = session;
  switch (kind) {
    case "namespace":
    case "ns":
      return {
        apiVersion: "v1",
        kind: "Namespace",
        metadata: { name: exactlyOne(session, "create namespace") },
      };
    case "serviceaccount":
    case "sa":
      return {
        apiVersion: "v1",
        kind: "ServiceAccount",
        metadata: { name: exactlyOne(session, "create serviceaccount"), namespace },
      };
    case "configmap":
    case "cm": {
      const data = configMapData(session);
      const draft: AnyDraft & { data?: typeof data } = {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name: exactlyOne(session, "create configmap"), namespace },
        ...(Object.keys(data).length > 0 ? { data } : {}),
      };
      return draft;
    }
    case "service":
    case "svc":
      return serviceDraft(session);
    case "secret":
      return secretDraft(session);
    case "ingress":
    case "ing":
      return ingressDraft(session, exactlyOne(session, "create ingress"));
    case "job":
      return jobDraft(session, exactlyOne(session, "create job"));
    case "deployment":
    case "deploy":
      return deployment(session, exactlyOne(session, "create deployment"));
    default:
      return (
        moreDraft(session, kind, (command) => exactlyOne(session, command)) ??
        refuse(`kubectl create ${kind}`)
      );
  }
}

function deployment(session: Session, name: string): AnyDraft & { spec: object } {
  const images = session.args.list("image");
  if (images.length === 0) die('required flag(s) "image" not set');
  const port = session.number("port");
  const { dash, operands } = session.args;
  const command = dash < 0 ? [] : operands.slice(dash);
  if (command.length > 0 && images.length > 1) die("cannot specify multiple --image options and command");
  const containers = images.map((image) => ({
    name: (image.split("/").at(-1) ?? image).replace(/[:@].*$/, ""),
    image,
    ...(command.length > 0 && { command }),
    ...(port === undefined ? {} : { ports: [{ containerPort: port }] }),
  }));
  const labels = { app: name };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace: session.namespace, labels },
    spec: {
      replicas: session.number("replicas") ?? 1,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers } },
    },
  };
}

const LONG: Readonly<Record<string, string>> = {
  cj: "cronjob",
  resourcequota: "quota",
  pdb: "poddisruptionbudget",
  pc: "priorityclass",
};

/** How a subcommand words a refusal. */
function wordingOf(draft: AnyDraft, kind: string, sub: string): Wording | undefined {
  switch (draft.kind) {
    case "Namespace":
      return undefined;
    case "Service":
      return failedTo(`create ${SERVICE_TYPES[sub] ?? sub} service`);
    case "Secret":
      return ({ message }) => `error: failed to create secret ${message}\n`;
    default:
      return failedTo(
        `create ${LONG[kind] !== undefined ? LONG[kind] : kind === "deploy" ? "deployment" : kind === "cm" ? "configmap" : kind === "sa" ? "serviceaccount" : kind === "ing" ? "ingress" : kind}`,
      );
  }
}

function* run(session: Session): Task<number> {
  if (session.args.has("filename")) return yield* fromFiles(session);
  const [kind, sub = ""] = session.args.operands;
  if (kind === undefined) die("must specify one of -f and -k");
  if (kind === "token") return yield* createToken(session, exactlyOne(session, "create token"));
  const draft = draftFor(session, kind);
  const wording = wordingOf(draft, kind, sub);
  yield* submit(session, draft, wording === undefined ? {} : { wording });
  return 0;
}

export const create: Command = {
  name: "create",
  use: "create -f FILENAME",
  short: "Create a resource from a file or from stdin",
  flags: [
    ...FILE_FLAGS,
    ...SUBMIT_FLAGS,
    list("tcp"),
    text("node-port"),
    text("clusterip"),
    text("external-name"),
    text("type"),
    { name: "from-literal", kind: "list", whole: true },
    list("from-file"),
    list("image"),
    text("replicas"),
    text("port"),
    text("cert"),
    text("key"),
    text("class"),
    text("default-backend"),
    { name: "rule", kind: "list", whole: true },
    { name: "annotation", kind: "list", whole: true },
    ...MORE_FLAGS,
    optional("validate", "strict"),
  ],
  refused:
    "kustomize k edit raw save-config windows-line-endings template show-managed-fields from-env-file append-hash",
  run,
};
