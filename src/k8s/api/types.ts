import type * as v from "valibot";
import { controllerRevision, daemonSet, deployment, job, replicaSet, statefulSet } from "./kinds/apps.ts";
import {
  configMap,
  endpoints,
  event,
  namespace,
  node,
  replicationController,
  secret,
  service,
  serviceAccount,
  stored,
} from "./kinds/core.ts";
import type { DraftMeta, ObjectMeta } from "./kinds/meta.ts";
import { endpointSlice, ingress, ingressClass, networkPolicy, serviceCidr } from "./kinds/networking.ts";
import { pod } from "./kinds/pod.ts";
import {
  clusterRole,
  clusterRoleBinding,
  customResourceDefinition,
  lease,
  priorityClass,
  role,
  roleBinding,
  webhookConfiguration,
} from "./kinds/policy.ts";
import { cronJob, horizontalPodAutoscaler, podDisruptionBudget } from "./kinds/scaling.ts";
import { persistentVolume, persistentVolumeClaim, storageClass } from "./kinds/storage.ts";
import type { Described } from "./schema.ts";

/** Every kind that the server knows from the start, and what its manifests may hold. Custom kinds come on top. */
export const KIND_SCHEMAS = {
  Pod: pod,
  Node: node,
  Namespace: namespace,
  Service: service,
  Endpoints: endpoints,
  ConfigMap: configMap,
  Secret: secret,
  ServiceAccount: serviceAccount,
  ReplicationController: replicationController,
  Event: event,
  PersistentVolume: persistentVolume,
  PersistentVolumeClaim: persistentVolumeClaim,
  LimitRange: stored("LimitRange"),
  ResourceQuota: stored("ResourceQuota"),
  Deployment: deployment,
  ReplicaSet: replicaSet,
  DaemonSet: daemonSet,
  StatefulSet: statefulSet,
  ControllerRevision: controllerRevision,
  Job: job,
  CronJob: cronJob,
  HorizontalPodAutoscaler: horizontalPodAutoscaler,
  PodDisruptionBudget: podDisruptionBudget,
  Ingress: ingress,
  IngressClass: ingressClass,
  NetworkPolicy: networkPolicy,
  ServiceCIDR: serviceCidr,
  EndpointSlice: endpointSlice,
  Role: role,
  ClusterRole: clusterRole,
  RoleBinding: roleBinding,
  ClusterRoleBinding: clusterRoleBinding,
  PriorityClass: priorityClass,
  StorageClass: storageClass,
  Lease: lease,
  CustomResourceDefinition: customResourceDefinition,
  APIService: stored("APIService"),
  MutatingWebhookConfiguration: webhookConfiguration("MutatingWebhookConfiguration"),
  ValidatingWebhookConfiguration: webhookConfiguration("ValidatingWebhookConfiguration"),
} satisfies Readonly<Record<string, v.GenericSchema>>;

export type Kind = keyof typeof KIND_SCHEMAS;

/** An object as a manifest or a controller offers it to the server. */
export type Draft<K extends Kind> = Described<(typeof KIND_SCHEMAS)[K]>;

/** An object as the server holds it. Never changed in place: a write puts a new object in its stead. */
export type ObjectOf<K extends Kind> = Omit<Draft<K>, "metadata"> & { readonly metadata: ObjectMeta };

/** What is common to the objects of all kinds, custom ones included. */
export interface AnyObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
}

export interface AnyDraft {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: DraftMeta;
}

/** Whether a stored object is of this kind. What is stored under a known kind was checked against its description. */
export function isA<K extends Kind>(kind: K, object: AnyObject): object is AnyObject & ObjectOf<K> {
  return object.kind === kind;
}

export type Pod = ObjectOf<"Pod">;
export type Node = ObjectOf<"Node">;
export type Namespace = ObjectOf<"Namespace">;
export type Service = ObjectOf<"Service">;
export type Endpoints = ObjectOf<"Endpoints">;
export type EndpointSlice = ObjectOf<"EndpointSlice">;
export type ConfigMap = ObjectOf<"ConfigMap">;
export type Secret = ObjectOf<"Secret">;
export type ServiceAccount = ObjectOf<"ServiceAccount">;
export type ReplicationController = ObjectOf<"ReplicationController">;
export type ApiEvent = ObjectOf<"Event">;
export type Deployment = ObjectOf<"Deployment">;
export type ReplicaSet = ObjectOf<"ReplicaSet">;
export type DaemonSet = ObjectOf<"DaemonSet">;
export type StatefulSet = ObjectOf<"StatefulSet">;
export type Job = ObjectOf<"Job">;
export type CronJob = ObjectOf<"CronJob">;
export type PersistentVolumeClaim = ObjectOf<"PersistentVolumeClaim">;
export type PersistentVolume = ObjectOf<"PersistentVolume">;
export type PodDisruptionBudget = ObjectOf<"PodDisruptionBudget">;
export type HorizontalPodAutoscaler = ObjectOf<"HorizontalPodAutoscaler">;
export type Ingress = ObjectOf<"Ingress">;
export type IngressClass = ObjectOf<"IngressClass">;
export type Lease = ObjectOf<"Lease">;
export type CustomResourceDefinition = ObjectOf<"CustomResourceDefinition">;

export type { Condition, DraftMeta, LabelSelector, ObjectMeta, OwnerReference } from "./kinds/meta.ts";
export type {
  Container,
  ContainerPort,
  ContainerState,
  ContainerStatus,
  DownwardFile,
  EnvVar,
  KeyToPath,
  LifecycleHandler,
  NodeSelectorTerm,
  PodSpec,
  PodStatus,
  PodTemplate,
  Probe,
  ResourceField,
  Toleration,
  Volume,
  VolumeMount,
  VolumeProjection,
} from "./kinds/pod.ts";
export type { ServicePort, Taint } from "./kinds/core.ts";
export type { ClaimTemplate } from "./kinds/storage.ts";
export type { Endpoint } from "./kinds/networking.ts";
