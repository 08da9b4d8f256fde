import { isRecord } from "../../../formats/json.ts";
import type { Task } from "../../../sim/task.ts";
import type { AnyObject, Draft, PodSpec } from "../../api/index.ts";
import { isA } from "../../api/types.ts";
import { flag, list, text } from "../flags.ts";
import { die, usage } from "../problem.ts";
import { fetchSelection, readSelection } from "../resolve.ts";
import type { Command, Session } from "../session.ts";
import { submit, SUBMIT_FLAGS } from "./submit.ts";

type Texts = Readonly<Record<string, string>>;
type ServiceSpec = Draft<"Service">["spec"];
type ServicePorts = NonNullable<ServiceSpec["ports"]>;

/** `a=b,c=d`, as already split at the commas. */
export function pairs(session: Session, name: string): Texts | undefined {
  const given = session.args.list(name).filter((word) => word !== "");
  if (!session.args.has(name)) return undefined;
  return Object.fromEntries(
    given.map((word) => {
      const at = word.indexOf("=");
      if (at < 1) die(`unexpected label spec: ${word}`);
      return [word.slice(0, at), word.slice(at + 1)];
    }),
  );
}

/** The labels by which a Service finds the pods of an object. Models: polymorphichelpers mapBasedSelectorForObject. */
function selectorFrom(object: AnyObject): Texts {
  if (isA("Pod", object)) {
    const { labels = {} } = object.metadata;
    return Object.keys(labels).length > 0 ? labels : die("the pod has no labels and cannot be exposed");
  }
  if (isA("Service", object)) {
    return object.spec.selector ?? die("the service has no pod selector set");
  }
  if (isA("ReplicationController", object)) return object.spec.selector ?? {};
  if (isA("Deployment", object) || isA("ReplicaSet", object)) {
    const { matchExpressions = [], matchLabels = {} } = object.spec.selector;
    if (matchExpressions.length > 0) die("couldn't convert expressions to map-based selector format");
    return matchLabels;
  }
  return die(`cannot expose a ${kindOf(object)}`);
}

function kindOf({ apiVersion, kind }: AnyObject): string {
  const at = apiVersion.indexOf("/");
  return at < 0 ? kind : `${kind}.${apiVersion.slice(0, at)}`;
}

function podSpecOf(object: AnyObject): PodSpec | undefined {
  if (isA("Pod", object)) return object.spec;
  if (isA("Deployment", object) || isA("ReplicationController", object)) return object.spec.template.spec;
  if (isA("ReplicaSet", object)) return object.spec.template?.spec;
  return undefined;
}

interface Port {
  readonly port: number;
  readonly protocol: string;
}

/** What the object's containers, or the Service's ports, say. */
function portsOf(object: AnyObject): readonly Port[] {
  if (isA("Service", object))
    return (object.spec.ports ?? []).map(({ port, protocol = "TCP" }) => ({ port, protocol }));
  return (podSpecOf(object)?.containers ?? []).flatMap(({ ports = [] }) =>
    ports.map(({ containerPort, protocol = "TCP" }) => ({ port: containerPort, protocol })),
  );
}

function portNumber(word: string): number {
  return /^\d+$/.test(word) ? Number(word) : die(`strconv.Atoi: parsing "${word}": invalid syntax`);
}

function servicePorts(session: Session, object: AnyObject): ServicePorts {
  const { args } = session;
  const own = portsOf(object);
  const given = args.text("port")?.split(",").map(portNumber);
  const numbers = given ?? [...new Set(own.map(({ port }) => port))];
  if (numbers.length === 0) usage("expose", "couldn't find port via --port flag or introspection");
  const target = args.text("target-port");
  return numbers.flatMap((port, i) => {
    const protocols = [...new Set(own.filter((each) => each.port === port).map((each) => each.protocol))];
    const wanted = args.has("protocol")
      ? [args.text("protocol")!]
      : protocols.length > 0
        ? protocols
        : ["TCP"];
    return wanted.map((protocol, j) => {
      const name =
        numbers.length > 1
          ? `port-${i + 1}`
          : wanted.length > 1
            ? `port-${j + 1}-${protocol.toLowerCase()}`
            : "";
      return {
        ...(name === "" ? {} : { name }),
        protocol,
        port,
        targetPort: target === undefined ? port : /^\d+$/.test(target) ? Number(target) : target,
      };
    });
  });
}

function exposure(session: Session, object: AnyObject): Draft<"Service"> {
  const { args } = session;
  const name = args.text("name") ?? object.metadata.name.slice(0, 63);
  const labels = pairs(session, "labels") ?? object.metadata.labels;
  const externalIPs = args.list("external-ip").filter((ip) => ip !== "");
  const optionals: ServiceSpec = {
    ...(args.has("type") && { type: args.text("type") }),
    ...(args.has("cluster-ip") && { clusterIP: args.text("cluster-ip") }),
    ...(externalIPs.length > 0 && { externalIPs }),
    ...(args.has("load-balancer-ip") && { loadBalancerIP: args.text("load-balancer-ip") }),
    ...(args.has("session-affinity") && { sessionAffinity: args.text("session-affinity") }),
  };
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace: session.namespace, ...(labels === undefined ? {} : { labels }) },
    spec: {
      ports: servicePorts(session, object),
      selector: pairs(session, "selector") ?? selectorFrom(object),
      ...optionals,
    },
  };
}

/** The Service that `kubectl run --expose` makes beside the pod. */
export function serviceOfPod(session: Session, name: string, labels: Texts, port: number): Draft<"Service"> {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace: session.namespace },
    spec: { ports: [{ protocol: "TCP", port, targetPort: port }], selector: labels },
  };
}

function* run(session: Session): Task<number> {
  const { operands } = session.args;
  const own = session.args.has("selector");
  yield* session.request();
  const selection = readSelection(session, operands);
  if (selection.kind === "lists") die("resource(s) were provided, but no name was specified");
  const { found, problems } = fetchSelection(session, selection);
  if (problems.length > 0) return yield* session.finish(problems);
  for (const { object } of found) {
    if (!own || !isRecord(object)) selectorFrom(object);
    yield* submit(session, exposure(session, object), { verb: "exposed" });
  }
  return 0;
}

export const expose: Command = {
  name: "expose",
  use: "expose (-f FILENAME | TYPE NAME) [--port=port] [--protocol=TCP|UDP|SCTP] [--target-port=number-or-name] [--name=name] [--external-ip=external-ip-of-service] [--type=type]",
  short:
    "Take a replication controller, service, deployment or pod and expose it as a new Kubernetes service",
  flags: [
    ...SUBMIT_FLAGS,
    text("port"),
    text("protocol"),
    text("target-port"),
    text("name"),
    text("type"),
    text("cluster-ip"),
    list("external-ip"),
    text("load-balancer-ip"),
    text("session-affinity"),
    list("labels", "l"),
    list("selector"),
    flag("save-config"),
  ],
  refused: "filename f recursive R overrides override-type kustomize k template show-managed-fields",
  run,
};
