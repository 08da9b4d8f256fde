import type { Task } from "../../../sim/task.ts";
import type { ApiClient } from "../../api/index.ts";
import { isKind } from "../../api/resources.ts";
import { type AnyObject, isA, type Kind, type ObjectOf } from "../../api/types.ts";
import { describeAny } from "../describe/generic.ts";
import { describeIngress, describeIngressClass } from "../describe/ingress.ts";
import { describeNetworkPolicy } from "../describe/network-policy.ts";
import { describeNode } from "../describe/node.ts";
import { describePod } from "../describe/pod.ts";
import { describeService } from "../describe/service.ts";
import { describeDaemonSet, describeDeployment, describeReplicaSet } from "../describe/workloads.ts";
import { flag, text } from "../flags.ts";
import { usage } from "../problem.ts";
import { fetchSelection, type Found, type Selection, readSelection } from "../resolve.ts";
import type { Command, Session } from "../session.ts";

/** The kinds with a description of their own; one entry each. */
const DESCRIBERS: { readonly [K in Kind]?: (object: ObjectOf<K>, client: ApiClient) => string } = {
  Pod: describePod,
  Node: describeNode,
  Service: describeService,
  Ingress: describeIngress,
  IngressClass: describeIngressClass,
  NetworkPolicy: (object) => describeNetworkPolicy(object),
  Deployment: describeDeployment,
  ReplicaSet: describeReplicaSet,
  DaemonSet: describeDaemonSet,
};

function describeKind<K extends Kind>(kind: K, object: AnyObject, client: ApiClient): string {
  const describer = DESCRIBERS[kind];
  return describer !== undefined && isA(kind, object)
    ? describer(object, client)
    : describeAny(object, client);
}

/** A name that nothing has may be the beginning of several. */
function withPrefixes(session: Session, selection: Selection): readonly Found[] {
  if (selection.kind === "lists") return [];
  return selection.items.flatMap(({ resource, name }) =>
    session.store
      .list(resource.id, resource.namespaced ? { namespace: session.namespace } : {})
      .filter((object) => object.metadata.name.startsWith(name))
      .map((object) => ({ resource, object })),
  );
}

function* run(session: Session): Task<number> {
  if (session.args.operands.length === 0) {
    usage(
      "describe",
      'You must specify the type of resource to describe. Use "kubectl api-resources" for a complete list of supported resources.',
    );
  }
  const selection = readSelection(session, session.args.operands);
  yield* session.request();
  const { found, problems } = fetchSelection(session, selection);
  const similar = found.length === 0 && problems.length > 0 ? withPrefixes(session, selection) : [];
  const shown = similar.length > 0 ? similar : found;
  const texts = shown.map(({ resource, object }) =>
    isKind(resource.id)
      ? describeKind(resource.id, object, session.client)
      : describeAny(object, session.client),
  );
  yield* session.print(texts.join("\n\n"));
  if (texts.length === 0 && problems.length === 0) {
    yield* session.note(
      session.allNamespaces
        ? "No resources found\n"
        : `No resources found in ${session.namespace} namespace.\n`,
    );
  }
  return yield* session.finish(similar.length > 0 ? [] : problems);
}

export const describe: Command = {
  name: "describe",
  use: "describe (-f FILENAME | TYPE [NAME_PREFIX | -l label] | TYPE/NAME)",
  short: "Show details of a specific resource or group of resources",
  flags: [flag("all-namespaces", "A"), text("selector", "l"), flag("show-events")],
  refused: "filename f kustomize k recursive R chunk-size",
  run,
};
