import { type AnyObject, isA, type Kind } from "../../api/types.ts";
import { isKind, type ResourceInfo } from "../../api/resources.ts";
import {
  configMapTable,
  endpointsTable,
  endpointSliceTable,
  eventTable,
  namespaceTable,
  nodeTable,
  secretTable,
  serviceTable,
} from "./core.ts";
import {
  clusterRoleBindingTable,
  ingressClassTable,
  ingressTable,
  leaseTable,
  networkPolicyTable,
  priorityClassTable,
  roleBindingTable,
  serviceCidrTable,
  storageClassTable,
} from "./others.ts";
import { podTable } from "./pod.ts";
import { autoscalerTable, budgetTable, claimTable, cronJobTable, volumeTable } from "./scaling.ts";
import { CREATED_AT_TABLE, PLAIN_TABLE, type RowContext, type Table, type TableOf } from "./table.ts";
import {
  controllerRevisionTable,
  daemonSetTable,
  deploymentTable,
  jobTable,
  replicaSetTable,
  replicationControllerTable,
  statefulSetTable,
} from "./workloads.ts";

/** The kinds with columns of their own; one entry each. Models: pkg/printers/internalversion. */
const TABLES: { readonly [K in Kind]?: TableOf<K> } = {
  Pod: podTable,
  Node: nodeTable,
  Namespace: namespaceTable,
  Service: serviceTable,
  Endpoints: endpointsTable,
  EndpointSlice: endpointSliceTable,
  ConfigMap: configMapTable,
  Secret: secretTable,
  Event: eventTable,
  Deployment: deploymentTable,
  ReplicaSet: replicaSetTable,
  ReplicationController: replicationControllerTable,
  DaemonSet: daemonSetTable,
  StatefulSet: statefulSetTable,
  Job: jobTable,
  ControllerRevision: controllerRevisionTable,
  Ingress: ingressTable,
  IngressClass: ingressClassTable,
  NetworkPolicy: networkPolicyTable,
  Lease: leaseTable,
  RoleBinding: roleBindingTable,
  ClusterRoleBinding: clusterRoleBindingTable,
  PriorityClass: priorityClassTable,
  ServiceCIDR: serviceCidrTable,
  StorageClass: storageClassTable,
  CronJob: cronJobTable,
  HorizontalPodAutoscaler: autoscalerTable,
  PodDisruptionBudget: budgetTable,
  PersistentVolumeClaim: claimTable,
  PersistentVolume: volumeTable,
  Role: CREATED_AT_TABLE,
  ClusterRole: CREATED_AT_TABLE,
  CustomResourceDefinition: CREATED_AT_TABLE,
};

function headersOf<T>(table: Table<T>, wide: boolean): readonly string[] {
  return wide ? [...table.columns, ...(table.wide ?? [])] : table.columns;
}

export function tableHeaders(resource: ResourceInfo, wide: boolean): readonly string[] {
  return headersOf<never>((isKind(resource.id) ? TABLES[resource.id] : undefined) ?? PLAIN_TABLE, wide);
}

export function tableRow(resource: ResourceInfo, object: AnyObject, context: RowContext): readonly string[] {
  const cells = isKind(resource.id)
    ? cellsOf(resource.id, object, context)
    : PLAIN_TABLE.row(object, context);
  return cells.slice(0, tableHeaders(resource, context.wide).length).map(String);
}

function cellsOf<K extends Kind>(
  kind: K,
  object: AnyObject,
  context: RowContext,
): readonly (string | number)[] {
  const table = TABLES[kind];
  return table !== undefined && isA(kind, object)
    ? table.row(object, context)
    : PLAIN_TABLE.row(object, context);
}
