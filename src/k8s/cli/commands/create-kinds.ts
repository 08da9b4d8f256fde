import { base64Encode } from "../../../formats/base64.ts";
import { utf8Decode, utf8Encode } from "../../../base/utf8.ts";
import { resolvePath } from "../../../userland/os/fs.ts";
import { refuse } from "../../../userland/args/exit.ts";
import type { AnyDraft, Draft } from "../../api/types.ts";
import { jobFrom } from "./create-more.ts";
import { die, usage } from "../problem.ts";
import type { Session } from "../session.ts";

/** `kubectl create service|secret|job`. */

/** The types as `failed to create ClusterIP service` names them. */
export const SERVICE_TYPES: Readonly<Record<string, string>> = {
  clusterip: "ClusterIP",
  nodeport: "NodePort",
  loadbalancer: "LoadBalancer",
  externalname: "ExternalName",
};

function nameBehind(session: Session, command: string): string {
  const { operands, dash } = session.args;
  const names = operands.slice(2, dash < 0 ? undefined : dash);
  const [name] = names;
  return name !== undefined && names.length === 1
    ? name
    : usage(command, `exactly one NAME is required, got ${names.length}`);
}

interface Ports {
  readonly port: number;
  readonly target: number | string;
}

function portOf(text: string): number {
  if (!/^\d+$/.test(text)) die(`strconv.ParseInt: parsing "${text}": invalid syntax`);
  const port = Number(text);
  return port >= 1 && port <= 65_535 ? port : die("must be between 1 and 65535, inclusive");
}

/** `80`, `80:8080`, `80:http`. Models: create_service.go parsePorts. */
function parsePorts(text: string): Ports {
  const [port = "", target] = text.split(/:(.*)/s);
  if (target === undefined) return { port: portOf(port), target: portOf(port) };
  return { port: portOf(port), target: /^\d+$/.test(target) ? portOf(target) : target };
}

export function serviceDraft(session: Session): Draft<"Service"> {
  const { args } = session;
  const word = args.operands[1] ?? "";
  const type = SERVICE_TYPES[word];
  if (type === undefined) refuse(`kubectl create service ${word}`.trimEnd());
  const name = nameBehind(session, `create service ${word}`);
  const headless = args.text("clusterip") === "None";
  const tcp = args.list("tcp");
  if (headless && tcp.length > 0) die("can not map ports with clusterip=None");
  if (!headless && tcp.length === 0 && type !== "ExternalName")
    die("at least one tcp port specifier must be provided");
  if (type === "ExternalName" && !args.has("external-name")) die('required flag(s) "external-name" not set');
  const nodePort = session.number("node-port");
  const ports = tcp.map((each) => {
    const { port, target } = parsePorts(each);
    return {
      name: each.replaceAll(":", "-"),
      port,
      protocol: "TCP",
      targetPort: target,
      ...(nodePort === undefined || nodePort === 0 ? {} : { nodePort }),
    };
  });
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace: session.namespace, labels: { app: name } },
    spec: {
      ...(ports.length > 0 && { ports }),
      selector: { app: name },
      type,
      ...(args.has("clusterip") && { clusterIP: args.text("clusterip") }),
      ...(type === "ExternalName" && { externalName: args.text("external-name") }),
    },
  };
}

export function secretDraft(session: Session): AnyDraft {
  const word = session.args.operands[1] ?? "";
  if (word === "tls") return tlsSecret(session);
  if (word !== "generic") refuse(`kubectl create secret ${word}`.trimEnd());
  if (session.args.has("from-file")) refuse("kubectl create secret generic --from-file");
  const name = nameBehind(session, "create secret generic");
  const data: Record<string, string> = {};
  for (const pair of session.args.list("from-literal")) {
    const at = pair.indexOf("=");
    if (at < 1) die(`invalid literal source ${pair}, expected key=value`);
    data[pair.slice(0, at)] = base64Encode(utf8Encode(pair.slice(at + 1)));
  }
  const draft: Draft<"Secret"> = {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name, namespace: session.namespace },
    ...(Object.keys(data).length > 0 && { data }),
    ...(session.args.has("type") && { type: session.args.text("type") }),
  };
  return draft;
}

/** A certificate with its key. Models: create_secret_tls.go; whether the two belong together is not looked at. */
function tlsSecret(session: Session): Draft<"Secret"> {
  const name = nameBehind(session, "create secret tls");
  const read = (flag: string, what: string, block: RegExp): string => {
    const path = session.args.text(flag) ?? die("key and cert must be specified");
    const bytes = session.process.host.fs.read(resolvePath(session.process.cwd, path));
    if (!bytes.ok) die(`open ${path}: no such file or directory`);
    if (!block.test(utf8Decode(bytes.value))) die(`tls: failed to find any PEM data in ${what} input`);
    return base64Encode(bytes.value);
  };
  const data = {
    "tls.crt": read("cert", "certificate", /-----BEGIN CERTIFICATE-----/),
    "tls.key": read("key", "key", /-----BEGIN [A-Z ]*PRIVATE KEY-----/),
  };
  const metadata = { name, namespace: session.namespace };
  return { apiVersion: "v1", kind: "Secret", metadata, data, type: "kubernetes.io/tls" };
}

export function jobDraft(session: Session, name: string): AnyDraft {
  const { args } = session;
  const [image] = args.list("image");
  const from = args.text("from");
  if (from !== undefined) {
    if (image !== undefined) die("either --image or --from must be specified");
    return jobFrom(session, name, from);
  }
  if (image === undefined) die("either --image or --from must be specified");
  const command = args.dash < 0 ? [] : args.operands.slice(args.dash);
  const container = { name, image, ...(command.length > 0 && { command }) };
  const draft: AnyDraft & { spec: unknown } = {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name, namespace: session.namespace },
    spec: { template: { spec: { containers: [container], restartPolicy: "Never" } } },
  };
  return draft;
}
