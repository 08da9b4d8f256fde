import { type Described, flag, list, map, may, quantity, struct, text, texts, unread } from "../schema.ts";
import { condition, labelSelector, typeMeta } from "./meta.ts";
import { objectReference } from "./core.ts";
import { nodeSelectorTerm } from "./pod.ts";

const claimSpec = struct("PersistentVolumeClaimSpec", {
  accessModes: may(list(text)),
  resources: may(
    struct("VolumeResourceRequirements", { requests: may(map(quantity)), limits: may(map(quantity)) }),
  ),
  selector: may(labelSelector),
  storageClassName: may(text),
  volumeMode: may(text),
  volumeName: may(text),
  ...unread(["dataSource", "dataSourceRef", "volumeAttributesClassName"]),
});

export const persistentVolumeClaim = struct("PersistentVolumeClaim", {
  ...typeMeta,
  spec: claimSpec,
  status: may(
    struct("PersistentVolumeClaimStatus", {
      phase: may(text),
      accessModes: may(list(text)),
      capacity: may(map(quantity)),
      conditions: may(list(condition)),
      ...unread([
        "allocatedResources", "allocatedResourceStatuses", "currentVolumeAttributesClassName", "modifyVolumeStatus",
      ]), // prettier-ignore
    }),
  ),
});

/** What a StatefulSet stamps its claims from: apiVersion and kind may be left out. */
export const claimTemplate = struct("PersistentVolumeClaim", {
  apiVersion: may(text),
  kind: may(text),
  metadata: may(typeMeta.metadata),
  spec: claimSpec,
  ...unread(["status"]),
});

export const persistentVolume = struct("PersistentVolume", {
  ...typeMeta,
  spec: struct("PersistentVolumeSpec", {
    accessModes: may(list(text)),
    capacity: may(map(quantity)),
    claimRef: may(objectReference),
    persistentVolumeReclaimPolicy: may(text),
    storageClassName: may(text),
    volumeMode: may(text),
    mountOptions: may(list(text)),
    hostPath: may(struct("HostPathVolumeSource", { path: text, type: may(text) })),
    local: may(struct("LocalVolumeSource", { path: text, fsType: may(text) })),
    nodeAffinity: may(
      struct("VolumeNodeAffinity", {
        required: may(struct("NodeSelector", { nodeSelectorTerms: list(nodeSelectorTerm) })),
      }),
    ),
    ...unread([
      "nfs", "csi", "iscsi", "fc", "rbd", "cephfs", "glusterfs", "awsElasticBlockStore", "gcePersistentDisk", "azureDisk",
      "azureFile", "cinder", "flexVolume", "flocker", "photonPersistentDisk", "portworxVolume", "quobyte", "scaleIO",
      "storageos", "vsphereVolume", "volumeAttributesClassName",
    ]), // prettier-ignore
  }),
  status: may(
    struct("PersistentVolumeStatus", {
      phase: may(text),
      message: may(text),
      reason: may(text),
      lastPhaseTransitionTime: may(text),
    }),
  ),
});

export const storageClass = struct("StorageClass", {
  ...typeMeta,
  provisioner: text,
  reclaimPolicy: may(text),
  volumeBindingMode: may(text),
  allowVolumeExpansion: may(flag),
  parameters: may(texts),
  mountOptions: may(list(text)),
  ...unread(["allowedTopologies"]),
});

export type ClaimTemplate = Described<typeof claimTemplate>;
