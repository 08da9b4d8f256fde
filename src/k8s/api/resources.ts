import { KIND_SCHEMAS, type Kind } from "./types.ts";

/** One line of `kubectl api-resources`, and what the server must know to serve the kind. */
export interface ResourceInfo {
  /** The name under which the store keeps the kind: the kind's own, or `Kind.group` for a custom one. */
  readonly id: string;
  readonly kind: string;
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly namespaced: boolean;
  /** In `kubectl get all`. */
  readonly inAll: boolean;
  /** metadata.generation counts the changes of its spec. */
  readonly counted: boolean;
  /** Said as a warning when one is created: the object is kept, but nobody acts on it here. */
  readonly inert: boolean;
}

/** The kinds whose registries keep a generation. */
const COUNTED: ReadonlySet<Kind> = new Set<Kind>([
  "Pod",
  "ReplicationController",
  "Deployment",
  "ReplicaSet",
  "DaemonSet",
  "StatefulSet",
  "Job",
  "CronJob",
  "Ingress",
  "IngressClass",
  "NetworkPolicy",
  "EndpointSlice",
  "PodDisruptionBudget",
  "PriorityClass",
  "CustomResourceDefinition",
  "MutatingWebhookConfiguration",
  "ValidatingWebhookConfiguration",
]);

interface Row {
  readonly group: string;
  readonly version?: string;
  readonly plural?: string;
  readonly short?: string;
  readonly cluster?: true;
  readonly all?: true;
  readonly inert?: true;
}

/** Models: the resources of a v1.36 API server that kubectl users meet. */
const ROWS: { readonly [K in Kind]: Row } = {
  ConfigMap: { group: "", short: "cm" },
  Endpoints: { group: "", plural: "endpoints", short: "ep" },
  Event: { group: "", short: "ev" },
  LimitRange: { group: "", short: "limits", inert: true },
  Namespace: { group: "", short: "ns", cluster: true },
  Node: { group: "", short: "no", cluster: true },
  PersistentVolumeClaim: { group: "", short: "pvc" },
  PersistentVolume: { group: "", short: "pv", cluster: true },
  Pod: { group: "", short: "po", all: true },
  ReplicationController: { group: "", short: "rc", all: true },
  ResourceQuota: { group: "", short: "quota", inert: true },
  Secret: { group: "" },
  ServiceAccount: { group: "", short: "sa" },
  Service: { group: "", short: "svc", all: true },
  MutatingWebhookConfiguration: { group: "admissionregistration.k8s.io", cluster: true, inert: true },
  ValidatingWebhookConfiguration: { group: "admissionregistration.k8s.io", cluster: true, inert: true },
  CustomResourceDefinition: { group: "apiextensions.k8s.io", short: "crd,crds", cluster: true },
  APIService: { group: "apiregistration.k8s.io", cluster: true, inert: true },
  ControllerRevision: { group: "apps" },
  DaemonSet: { group: "apps", short: "ds", all: true },
  Deployment: { group: "apps", short: "deploy", all: true },
  ReplicaSet: { group: "apps", short: "rs", all: true },
  StatefulSet: { group: "apps", short: "sts", all: true },
  HorizontalPodAutoscaler: { group: "autoscaling", version: "v2", short: "hpa", all: true },
  CronJob: { group: "batch", short: "cj", all: true },
  Job: { group: "batch", all: true },
  Lease: { group: "coordination.k8s.io" },
  EndpointSlice: { group: "discovery.k8s.io" },
  IngressClass: { group: "networking.k8s.io", plural: "ingressclasses", cluster: true },
  Ingress: { group: "networking.k8s.io", plural: "ingresses", short: "ing" },
  NetworkPolicy: { group: "networking.k8s.io", plural: "networkpolicies", short: "netpol" },
  ServiceCIDR: { group: "networking.k8s.io", cluster: true },
  PodDisruptionBudget: { group: "policy", short: "pdb" },
  ClusterRoleBinding: { group: "rbac.authorization.k8s.io", cluster: true },
  ClusterRole: { group: "rbac.authorization.k8s.io", cluster: true },
  RoleBinding: { group: "rbac.authorization.k8s.io" },
  Role: { group: "rbac.authorization.k8s.io" },
  PriorityClass: { group: "scheduling.k8s.io", plural: "priorityclasses", short: "pc", cluster: true },
  StorageClass: { group: "storage.k8s.io", plural: "storageclasses", short: "sc", cluster: true },
};

export function isKind(name: string): name is Kind {
  return Object.hasOwn(KIND_SCHEMAS, name);
}

function info(kind: Kind, row: Row): ResourceInfo {
  const lower = kind.toLowerCase();
  return {
    id: kind,
    kind,
    group: row.group,
    version: row.version ?? "v1",
    plural: row.plural ?? `${lower}s`,
    singular: lower,
    shortNames: row.short?.split(",") ?? [],
    namespaced: row.cluster !== true,
    inAll: row.all === true,
    counted: COUNTED.has(kind),
    inert: row.inert === true,
  };
}

/** In the order of `kubectl api-resources`: by group, then by name. */
export const BUILT_IN_RESOURCES: readonly ResourceInfo[] = Object.keys(ROWS)
  .filter(isKind)
  .map((kind) => info(kind, ROWS[kind]))
  .toSorted((a, b) => (a.group === b.group ? order(a.plural, b.plural) : order(a.group, b.group)));

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

export function apiVersionOf(resource: ResourceInfo): string {
  return resource.group === "" ? resource.version : `${resource.group}/${resource.version}`;
}
