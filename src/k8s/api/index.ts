/** The API server's door: objects, the store, and the client through which every component reads and writes. */
export { ApiClient } from "./client.ts";
export { ApiStore, type DeleteOptions, keyOf, type ListScope, type StoreChange, type Verb } from "./store.ts";
export type { WatchEvent, WatchScope } from "./watch.ts";
export type { ApiError, ApiReason, ApiResult } from "./errors.ts";
export type { ContainerRuntimeAccess, ContainerTarget, LogOptions, PodTarget } from "./runtime.ts";
export { age, humanDuration, parseTimestamp, timestamp } from "./time.ts";
export { EventRecorder, type EventNote, type EventSubject, eventsAbout } from "./events.ts";
export { isA } from "./types.ts";
export type {
  AnyDraft,
  AnyObject,
  ApiEvent,
  Condition,
  ConfigMap,
  Container,
  ContainerPort,
  ContainerState,
  ContainerStatus,
  CustomResourceDefinition,
  DaemonSet,
  Deployment,
  Draft,
  Endpoint,
  EndpointSlice,
  Endpoints,
  EnvVar,
  Job,
  Kind,
  LabelSelector,
  Lease,
  Namespace,
  Node,
  NodeSelectorTerm,
  ObjectMeta,
  ObjectOf,
  OwnerReference,
  Pod,
  PodSpec,
  PodStatus,
  PodTemplate,
  Probe,
  ReplicaSet,
  ReplicationController,
  Secret,
  Service,
  ServiceAccount,
  ServicePort,
  StatefulSet,
  Taint,
  Toleration,
  Volume,
  VolumeMount,
} from "./types.ts";
