import {
  type Described,
  flag,
  int,
  intOrText,
  list,
  map,
  may,
  opaque,
  quantity,
  struct,
  text,
  texts,
  unread,
} from "../schema.ts";
import { condition, typeMeta } from "./meta.ts";
import { podTemplate } from "./pod.ts";

const taint = struct("Taint", { key: text, value: may(text), effect: text, timeAdded: may(text) });

export const node = struct("Node", {
  ...typeMeta,
  spec: may(
    struct("NodeSpec", {
      podCIDR: may(text),
      podCIDRs: may(list(text)),
      providerID: may(text),
      taints: may(list(taint)),
      unschedulable: may(flag),
      ...unread(["configSource", "externalID"]),
    }),
  ),
  status: may(
    struct("NodeStatus", {
      addresses: may(list(struct("NodeAddress", { type: text, address: text }))),
      capacity: may(map(quantity)),
      allocatable: may(map(quantity)),
      conditions: may(list(condition)),
      daemonEndpoints: may(opaque),
      images: may(opaque),
      nodeInfo: may(
        struct("NodeSystemInfo", {
          architecture: text,
          bootID: text,
          containerRuntimeVersion: text,
          kernelVersion: text,
          kubeProxyVersion: text,
          kubeletVersion: text,
          machineID: text,
          operatingSystem: text,
          osImage: text,
          systemUUID: text,
          ...unread(["swap"]),
        }),
      ),
      ...unread([
        "config",
        "features",
        "phase",
        "runtimeHandlers",
        "volumesAttached",
        "volumesInUse",
        "declaredFeatures",
      ]),
    }),
  ),
});

export const namespace = struct("Namespace", {
  ...typeMeta,
  spec: may(struct("NamespaceSpec", { finalizers: may(list(text)) })),
  status: may(struct("NamespaceStatus", { phase: may(text), conditions: may(list(condition)) })),
});

const servicePort = struct("ServicePort", {
  name: may(text),
  protocol: may(text),
  appProtocol: may(text),
  port: int,
  targetPort: may(intOrText),
  nodePort: may(int),
});

const ingressPoint = struct("LoadBalancerIngress", {
  ip: may(text),
  hostname: may(text),
  ipMode: may(text),
  ...unread(["ports"]),
});

export const loadBalancerStatus = struct("LoadBalancerStatus", { ingress: may(list(ingressPoint)) });

export const service = struct("Service", {
  ...typeMeta,
  spec: struct("ServiceSpec", {
    type: may(text),
    clusterIP: may(text),
    clusterIPs: may(list(text)),
    ports: may(list(servicePort)),
    selector: may(texts),
    externalIPs: may(list(text)),
    externalName: may(text),
    externalTrafficPolicy: may(text),
    internalTrafficPolicy: may(text),
    healthCheckNodePort: may(int),
    ipFamilies: may(list(text)),
    ipFamilyPolicy: may(text),
    loadBalancerIP: may(text),
    loadBalancerClass: may(text),
    loadBalancerSourceRanges: may(list(text)),
    allocateLoadBalancerNodePorts: may(flag),
    publishNotReadyAddresses: may(flag),
    sessionAffinity: may(text),
    sessionAffinityConfig: may(
      struct("SessionAffinityConfig", {
        clientIP: may(struct("ClientIPConfig", { timeoutSeconds: may(int) })),
      }),
    ),
    trafficDistribution: may(text),
  }),
  status: may(
    struct("ServiceStatus", { loadBalancer: may(loadBalancerStatus), conditions: may(list(condition)) }),
  ),
});

export const objectReference = struct("ObjectReference", {
  apiVersion: may(text),
  kind: may(text),
  name: may(text),
  namespace: may(text),
  uid: may(text),
  resourceVersion: may(text),
  fieldPath: may(text),
});

const endpointAddress = struct("EndpointAddress", {
  ip: text,
  hostname: may(text),
  nodeName: may(text),
  targetRef: may(objectReference),
});

export const endpoints = struct("Endpoints", {
  ...typeMeta,
  subsets: may(
    list(
      struct("EndpointSubset", {
        addresses: may(list(endpointAddress)),
        notReadyAddresses: may(list(endpointAddress)),
        ports: may(
          list(
            struct("EndpointPort", {
              name: may(text),
              port: int,
              protocol: may(text),
              appProtocol: may(text),
            }),
          ),
        ),
      }),
    ),
  ),
});

export const configMap = struct("ConfigMap", {
  ...typeMeta,
  data: may(texts),
  binaryData: may(texts),
  immutable: may(flag),
});

export const secret = struct("Secret", {
  ...typeMeta,
  data: may(texts),
  stringData: may(texts),
  type: may(text),
  immutable: may(flag),
});

export const serviceAccount = struct("ServiceAccount", {
  ...typeMeta,
  automountServiceAccountToken: may(flag),
  secrets: may(list(objectReference)),
  imagePullSecrets: may(list(struct("LocalObjectReference", { name: may(text) }))),
});

export const replicationController = struct("ReplicationController", {
  ...typeMeta,
  spec: struct("ReplicationControllerSpec", {
    replicas: may(int),
    minReadySeconds: may(int),
    selector: may(texts),
    template: podTemplate,
  }),
  status: may(
    struct("ReplicationControllerStatus", {
      replicas: may(int),
      readyReplicas: may(int),
      availableReplicas: may(int),
      fullyLabeledReplicas: may(int),
      observedGeneration: may(int),
      conditions: may(list(condition)),
    }),
  ),
});

export const event = struct("Event", {
  ...typeMeta,
  involvedObject: objectReference,
  reason: may(text),
  message: may(text),
  type: may(text),
  count: may(int),
  firstTimestamp: may(text),
  lastTimestamp: may(text),
  eventTime: may(text),
  action: may(text),
  reportingComponent: may(text),
  reportingInstance: may(text),
  source: may(struct("EventSource", { component: may(text), host: may(text) })),
  ...unread(["related", "series"]),
});

/** A kind whose spec and status are stored and not looked into. */
export const stored = (goName: string) =>
  struct(goName, { ...typeMeta, spec: may(opaque), status: may(opaque) });

export type Taint = Described<typeof taint>;
export type ServicePort = Described<typeof servicePort>;
export type ObjectReference = Described<typeof objectReference>;
export type EndpointAddress = Described<typeof endpointAddress>;
