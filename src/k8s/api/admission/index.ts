import { err, ok } from "../../../base/result.ts";
import type { ApiResult } from "../errors.ts";
import { invalid } from "../errors.ts";
import type { ResourceInfo } from "../resources.ts";
import { isKind } from "../resources.ts";
import type { Verb } from "../store.ts";
import { type AnyDraft, type AnyObject, type Draft, isA, type Kind } from "../types.ts";
import { labelProblems, objectNameProblems } from "./names.ts";
import { podStrategy } from "./pod.ts";
import { serviceStrategy } from "./service.ts";
import { endpointSliceProblems, endpointsProblems } from "./service-rules.ts";
import { ingressClassStrategy, ingressStrategy } from "./ingress.ts";
import { networkPolicyStrategy } from "./network-policy.ts";
import { cronJobStrategy, hpaStrategy } from "./scaling.ts";
import { claimStrategy, persistentVolumeStrategy, storageClassStrategy } from "./storage.ts";
import {
  customResourceDefinitionStrategy,
  namespaceStrategy,
  nodeStrategy,
  secretStrategy,
} from "./simple.ts";
import type { Registry, Strategy } from "./strategy.ts";
import {
  daemonSetStrategy,
  deploymentStrategy,
  replicaSetStrategy,
  replicationControllerStrategy,
  jobStrategy,
  statefulSetStrategy,
} from "./workloads.ts";

/** The kinds with rules of their own; one entry each. */
const STRATEGIES: { readonly [K in Kind]?: Strategy<K> } = {
  Pod: podStrategy,
  Node: nodeStrategy,
  Namespace: namespaceStrategy,
  Service: serviceStrategy,
  Endpoints: { validate: endpointsProblems },
  EndpointSlice: { validate: endpointSliceProblems },
  Secret: secretStrategy,
  ReplicationController: replicationControllerStrategy,
  Deployment: deploymentStrategy,
  ReplicaSet: replicaSetStrategy,
  DaemonSet: daemonSetStrategy,
  StatefulSet: statefulSetStrategy,
  Job: jobStrategy,
  NetworkPolicy: networkPolicyStrategy,
  Ingress: ingressStrategy,
  IngressClass: ingressClassStrategy,
  CronJob: cronJobStrategy,
  HorizontalPodAutoscaler: hpaStrategy,
  PersistentVolume: persistentVolumeStrategy,
  PersistentVolumeClaim: claimStrategy,
  StorageClass: storageClassStrategy,
  CustomResourceDefinition: customResourceDefinitionStrategy,
};

function isDraftOf<K extends Kind>(kind: K, draft: AnyDraft): draft is AnyDraft & Draft<K> {
  return draft.kind === kind;
}

/** What the server does to a new object before it is stored: refuse it, or complete it. */
export function admitCreate(
  registry: Registry,
  resource: ResourceInfo,
  draft: AnyDraft,
): ApiResult<AnyDraft> {
  const { namespace } = draft.metadata;
  if (namespace !== undefined) {
    const home = registry.get("Namespace", "", namespace);
    if (home === undefined) {
      return err({ reason: "NotFound", message: `namespaces "${namespace}" not found` });
    }
    if (home.metadata.deletionTimestamp !== undefined) {
      const name = resource.group === "" ? resource.plural : `${resource.plural}.${resource.group}`;
      const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
      return err({
        reason: "Forbidden",
        message: `${name} "${draft.metadata.name ?? ""}" is forbidden: ${why}`,
      });
    }
  }
  const { name = "", labels } = draft.metadata;
  const problems = [...objectNameProblems(resource.kind, name), ...labelProblems("metadata.labels", labels)];
  if (problems.length > 0) return invalid(resource.kind, resource.group, name, problems);
  return isKind(resource.id) ? create(resource.id, draft, registry, resource) : ok(draft);
}

function create<K extends Kind>(
  kind: K,
  draft: AnyDraft,
  registry: Registry,
  resource: ResourceInfo,
): ApiResult<AnyDraft> {
  const strategy = STRATEGIES[kind];
  if (strategy === undefined || !isDraftOf(kind, draft)) return ok(draft);
  const completed = strategy.create?.(draft, registry) ?? ok(draft);
  if (!completed.ok) return completed;
  const problems = strategy.validate?.(completed.value, undefined) ?? [];
  return problems.length === 0
    ? ok(completed.value)
    : invalid(resource.kind, resource.group, draft.metadata.name ?? "", problems);
}

/** The same for a new version of an object. Status writes are trusted: controllers and kubelets make them. */
export function admitUpdate(
  registry: Registry,
  resource: ResourceInfo,
  next: AnyObject,
  current: AnyObject,
  verb: Verb,
): ApiResult<AnyObject> {
  if (verb !== "update") return ok(next);
  const { name, labels } = next.metadata;
  const problems = labelProblems("metadata.labels", labels);
  if (problems.length > 0) return invalid(resource.kind, resource.group, name, problems);
  if (!isKind(resource.id)) return ok(next);
  return update(resource.id, next, current, registry, resource);
}

function update<K extends Kind>(
  kind: K,
  next: AnyObject,
  current: AnyObject,
  registry: Registry,
  resource: ResourceInfo,
): ApiResult<AnyObject> {
  const strategy = STRATEGIES[kind];
  if (strategy === undefined || !isA(kind, next) || !isA(kind, current)) return ok(next);
  const completed = strategy.update?.(next, current, registry) ?? ok(next);
  if (!completed.ok) return completed;
  const problems = strategy.validate?.(completed.value, current) ?? [];
  return problems.length === 0
    ? ok(completed.value)
    : invalid(resource.kind, resource.group, next.metadata.name, problems);
}
