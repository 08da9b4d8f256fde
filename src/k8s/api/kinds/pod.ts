import {
  type Described,
  flag,
  int,
  intOrText,
  list,
  map,
  may,
  quantity,
  struct,
  text,
  texts,
  unread,
} from "../schema.ts";
import { condition, labelSelector, typeMeta } from "./meta.ts";

const containerPort = struct("ContainerPort", {
  containerPort: int,
  hostPort: may(int),
  hostIP: may(text),
  name: may(text),
  protocol: may(text),
});

const keySelector = struct("KeySelector", { key: text, name: may(text), optional: may(flag) });

const fieldSelector = struct("ObjectFieldSelector", { apiVersion: may(text), fieldPath: text });

const resourceField = struct("ResourceFieldSelector", {
  containerName: may(text),
  resource: text,
  divisor: may(quantity),
});

const envVar = struct("EnvVar", {
  name: text,
  value: may(text),
  valueFrom: may(
    struct("EnvVarSource", {
      fieldRef: may(fieldSelector),
      configMapKeyRef: may(keySelector),
      secretKeyRef: may(keySelector),
      resourceFieldRef: may(resourceField),
      ...unread(["fileKeyRef"]),
    }),
  ),
});

const envSource = struct("EnvSource", { name: may(text), optional: may(flag) });

const envFrom = struct("EnvFromSource", {
  prefix: may(text),
  configMapRef: may(envSource),
  secretRef: may(envSource),
});

const httpGet = struct("HTTPGetAction", {
  path: may(text),
  port: intOrText,
  host: may(text),
  scheme: may(text),
  httpHeaders: may(list(struct("HTTPHeader", { name: text, value: text }))),
});

const probe = struct("Probe", {
  httpGet: may(httpGet),
  tcpSocket: may(struct("TCPSocketAction", { port: intOrText, host: may(text) })),
  exec: may(struct("ExecAction", { command: may(list(text)) })),
  grpc: may(struct("GRPCAction", { port: int, service: may(text) })),
  initialDelaySeconds: may(int),
  periodSeconds: may(int),
  timeoutSeconds: may(int),
  successThreshold: may(int),
  failureThreshold: may(int),
  terminationGracePeriodSeconds: may(int),
});

const lifecycleHandler = struct("LifecycleHandler", {
  exec: may(struct("ExecAction", { command: may(list(text)) })),
  httpGet: may(httpGet),
  sleep: may(struct("SleepAction", { seconds: int })),
  ...unread(["tcpSocket"]),
});

const resources = struct("ResourceRequirements", {
  requests: may(map(quantity)),
  limits: may(map(quantity)),
  ...unread(["claims"]),
});

const volumeMount = struct("VolumeMount", {
  name: text,
  mountPath: text,
  readOnly: may(flag),
  subPath: may(text),
  ...unread(["mountPropagation", "recursiveReadOnly", "subPathExpr"]),
});

export const container = struct("Container", {
  name: text,
  image: may(text),
  command: may(list(text)),
  args: may(list(text)),
  env: may(list(envVar)),
  envFrom: may(list(envFrom)),
  ports: may(list(containerPort)),
  resources: may(resources),
  volumeMounts: may(list(volumeMount)),
  livenessProbe: may(probe),
  readinessProbe: may(probe),
  startupProbe: may(probe),
  lifecycle: may(
    struct("Lifecycle", {
      postStart: may(lifecycleHandler),
      preStop: may(lifecycleHandler),
      ...unread(["stopSignal"]),
    }),
  ),
  imagePullPolicy: may(text),
  restartPolicy: may(text),
  workingDir: may(text),
  terminationMessagePath: may(text),
  terminationMessagePolicy: may(text),
  ...unread([
    "resizePolicy", "restartPolicyRules", "securityContext", "stdin", "stdinOnce", "tty",
    "volumeDevices", "targetContainerName",
  ]), // prettier-ignore
});

export const toleration = struct("Toleration", {
  key: may(text),
  operator: may(text),
  value: may(text),
  effect: may(text),
  tolerationSeconds: may(int),
});

const requirement = struct("NodeSelectorRequirement", { key: text, operator: text, values: may(list(text)) });

export const nodeSelectorTerm = struct("NodeSelectorTerm", {
  matchExpressions: may(list(requirement)),
  matchFields: may(list(requirement)),
});

const podAffinityTerm = struct("PodAffinityTerm", {
  labelSelector: may(labelSelector),
  topologyKey: text,
  namespaces: may(list(text)),
  ...unread(["namespaceSelector", "matchLabelKeys", "mismatchLabelKeys"]),
});

const podAffinity = struct("PodAffinity", {
  requiredDuringSchedulingIgnoredDuringExecution: may(list(podAffinityTerm)),
  preferredDuringSchedulingIgnoredDuringExecution: may(
    list(struct("WeightedPodAffinityTerm", { weight: int, podAffinityTerm })),
  ),
});

const affinity = struct("Affinity", {
  nodeAffinity: may(
    struct("NodeAffinity", {
      requiredDuringSchedulingIgnoredDuringExecution: may(
        struct("NodeSelector", { nodeSelectorTerms: list(nodeSelectorTerm) }),
      ),
      preferredDuringSchedulingIgnoredDuringExecution: may(
        list(struct("PreferredSchedulingTerm", { weight: int, preference: nodeSelectorTerm })),
      ),
    }),
  ),
  podAffinity: may(podAffinity),
  podAntiAffinity: may(podAffinity),
});

const keyToPath = struct("KeyToPath", { key: text, path: text, mode: may(int) });

const downwardFile = struct("DownwardAPIVolumeFile", {
  path: text,
  fieldRef: may(fieldSelector),
  resourceFieldRef: may(resourceField),
  mode: may(int),
});

const volumeProjection = struct("VolumeProjection", {
  configMap: may(
    struct("ConfigMapProjection", { name: may(text), items: may(list(keyToPath)), optional: may(flag) }),
  ),
  secret: may(
    struct("SecretProjection", { name: may(text), items: may(list(keyToPath)), optional: may(flag) }),
  ),
  downwardAPI: may(struct("DownwardAPIProjection", { items: may(list(downwardFile)) })),
  serviceAccountToken: may(
    struct("ServiceAccountTokenProjection", {
      audience: may(text),
      expirationSeconds: may(int),
      path: text,
    }),
  ),
  ...unread(["clusterTrustBundle", "podCertificate"]),
});

const volume = struct("Volume", {
  name: text,
  hostPath: may(struct("HostPathVolumeSource", { path: text, type: may(text) })),
  configMap: may(
    struct("ConfigMapVolumeSource", {
      name: may(text),
      items: may(list(keyToPath)),
      defaultMode: may(int),
      optional: may(flag),
    }),
  ),
  secret: may(
    struct("SecretVolumeSource", {
      secretName: may(text),
      items: may(list(keyToPath)),
      defaultMode: may(int),
      optional: may(flag),
    }),
  ),
  emptyDir: may(struct("EmptyDirVolumeSource", { medium: may(text), sizeLimit: may(quantity) })),
  downwardAPI: may(
    struct("DownwardAPIVolumeSource", { items: may(list(downwardFile)), defaultMode: may(int) }),
  ),
  projected: may(
    struct("ProjectedVolumeSource", { sources: may(list(volumeProjection)), defaultMode: may(int) }),
  ),
  persistentVolumeClaim: may(
    struct("PersistentVolumeClaimVolumeSource", { claimName: text, readOnly: may(flag) }),
  ),
  ...unread([
    "csi", "nfs", "ephemeral", "image", "iscsi",
    "fc", "rbd", "cephfs", "glusterfs", "local", "gitRepo", "azureDisk", "azureFile", "awsElasticBlockStore",
    "gcePersistentDisk", "cinder", "flexVolume", "flocker", "photonPersistentDisk", "portworxVolume", "quobyte",
    "scaleIO", "storageos", "vsphereVolume",
  ]), // prettier-ignore
});

export const podSpec = struct("PodSpec", {
  containers: list(container),
  initContainers: may(list(container)),
  volumes: may(list(volume)),
  nodeName: may(text),
  nodeSelector: may(texts),
  affinity: may(affinity),
  tolerations: may(list(toleration)),
  hostNetwork: may(flag),
  hostname: may(text),
  subdomain: may(text),
  hostAliases: may(list(struct("HostAlias", { ip: text, hostnames: may(list(text)) }))),
  dnsPolicy: may(text),
  dnsConfig: may(
    struct("PodDNSConfig", {
      nameservers: may(list(text)),
      searches: may(list(text)),
      options: may(list(struct("PodDNSConfigOption", { name: may(text), value: may(text) }))),
    }),
  ),
  restartPolicy: may(text),
  terminationGracePeriodSeconds: may(int),
  serviceAccount: may(text),
  serviceAccountName: may(text),
  priorityClassName: may(text),
  priority: may(int),
  preemptionPolicy: may(text),
  schedulerName: may(text),
  schedulingGates: may(list(struct("PodSchedulingGate", { name: text }))),
  enableServiceLinks: may(flag),
  ...unread([
    "activeDeadlineSeconds", "automountServiceAccountToken", "ephemeralContainers", "hostIPC", "hostPID", "hostUsers",
    "hostnameOverride", "imagePullSecrets", "os", "overhead", "readinessGates", "resourceClaims", "resources",
    "runtimeClassName", "securityContext", "setHostnameAsFQDN", "shareProcessNamespace", "topologySpreadConstraints",
    "workloadRef",
  ]), // prettier-ignore
});

const terminated = struct("ContainerStateTerminated", {
  exitCode: int,
  reason: may(text),
  message: may(text),
  signal: may(int),
  startedAt: may(text),
  finishedAt: may(text),
  containerID: may(text),
});

const containerState = struct("ContainerState", {
  waiting: may(struct("ContainerStateWaiting", { reason: may(text), message: may(text) })),
  running: may(struct("ContainerStateRunning", { startedAt: may(text) })),
  terminated: may(terminated),
});

export const containerStatus = struct("ContainerStatus", {
  name: text,
  ready: flag,
  started: may(flag),
  restartCount: int,
  image: may(text),
  imageID: may(text),
  containerID: may(text),
  state: may(containerState),
  lastState: may(containerState),
  ...unread(["resources", "volumeMounts", "user", "allocatedResources"]),
});

export const podStatus = struct("PodStatus", {
  phase: may(text),
  conditions: may(list(condition)),
  hostIP: may(text),
  hostIPs: may(list(struct("HostIP", { ip: text }))),
  podIP: may(text),
  podIPs: may(list(struct("PodIP", { ip: text }))),
  startTime: may(text),
  qosClass: may(text),
  reason: may(text),
  message: may(text),
  nominatedNodeName: may(text),
  observedGeneration: may(int),
  containerStatuses: may(list(containerStatus)),
  initContainerStatuses: may(list(containerStatus)),
  ...unread(["ephemeralContainerStatuses", "resize", "resourceClaimStatuses"]),
});

export const pod = struct("Pod", { ...typeMeta, spec: podSpec, status: may(podStatus) });

/** A pod template: what a controller stamps pods from. */
export const podTemplate = struct("PodTemplateSpec", { metadata: may(typeMeta.metadata), spec: podSpec });

export type Container = Described<typeof container>;
export type ContainerPort = Described<typeof containerPort>;
export type ContainerState = Described<typeof containerState>;
export type ContainerStatus = Described<typeof containerStatus>;
export type DownwardFile = Described<typeof downwardFile>;
export type EnvVar = Described<typeof envVar>;
export type LifecycleHandler = Described<typeof lifecycleHandler>;
export type Probe = Described<typeof probe>;
export type Volume = Described<typeof volume>;
export type KeyToPath = Described<typeof keyToPath>;
export type ResourceField = Described<typeof resourceField>;
export type VolumeProjection = Described<typeof volumeProjection>;
export type VolumeMount = Described<typeof volumeMount>;
export type Toleration = Described<typeof toleration>;
export type NodeSelectorTerm = Described<typeof nodeSelectorTerm>;
export type PodSpec = Described<typeof podSpec>;
export type PodStatus = Described<typeof podStatus>;
export type PodTemplate = Described<typeof podTemplate>;
