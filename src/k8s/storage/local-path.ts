import { sleep, type Task } from "../../sim/task.ts";
import { seconds } from "../../sim/time.ts";
import { Signal } from "../../sim/task.ts";
import { program } from "../../userland/args/exit.ts";
import type { Program } from "../../userland/os/process.ts";
import { makeDirectories, removeTree } from "../../container/files.ts";
import type { FileSystem } from "../../userland/os/fs.ts";
import {
  ApiClient,
  type ApiStore,
  EventRecorder,
  type PersistentVolume,
  type PersistentVolumeClaim,
} from "../api/index.ts";
import { SELECTED_NODE } from "../scheduler/volumes.ts";

const PROVISIONER = "rancher.io/local-path";
const ROOT = "/var/local-path-provisioner";
/** A helper pod makes the directory on the node, and removes it. */
const HELPER = seconds(3);

/** The files of a node, by its name. */
export type NodeFiles = (node: string) => FileSystem | undefined;

/** Whether a claim is this provisioner's to serve now. */
function waits(client: ApiClient, claim: PersistentVolumeClaim): boolean {
  const storage = client.get("StorageClass", "", claim.spec.storageClassName ?? "");
  if (storage?.provisioner !== PROVISIONER || claim.spec.volumeName !== undefined) return false;
  const wantsNode = storage.volumeBindingMode === "WaitForFirstConsumer";
  return !wantsNode || claim.metadata.annotations?.[SELECTED_NODE] !== undefined;
}

/** A directory on the chosen node, and the volume that leads there. Models: local-path-provisioner provisioner.go. */
function* provision(
  client: ApiClient,
  events: EventRecorder,
  claim: PersistentVolumeClaim,
  files: NodeFiles,
): Task<void> {
  const { namespace = "default", name, uid, annotations } = claim.metadata;
  const node = annotations?.[SELECTED_NODE] ?? client.list("Node")[0]?.metadata.name ?? "";
  const title = `pvc-${uid}`;
  events.record(claim, {
    type: "Normal",
    reason: "Provisioning",
    message: `External provisioner is provisioning volume for claim "${namespace}/${name}"`,
  });
  yield* sleep(HELPER);
  const path = `${ROOT}/${title}_${namespace}_${name}`;
  const fs = files(node);
  if (fs !== undefined) makeDirectories(fs, path);
  const storage = client.get("StorageClass", "", claim.spec.storageClassName ?? "");
  client.create("PersistentVolume", {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: {
      name: title,
      annotations: {
        "local.path.provisioner/selected-node": node,
        "pv.kubernetes.io/provisioned-by": PROVISIONER,
      },
      finalizers: ["kubernetes.io/pv-protection"],
    },
    spec: {
      accessModes: claim.spec.accessModes ?? [],
      capacity: claim.spec.resources?.requests ?? {},
      claimRef: { apiVersion: "v1", kind: "PersistentVolumeClaim", namespace, name, uid },
      persistentVolumeReclaimPolicy: storage?.reclaimPolicy ?? "Delete",
      storageClassName: claim.spec.storageClassName ?? "",
      volumeMode: "Filesystem",
      hostPath: { path, type: "DirectoryOrCreate" },
      nodeAffinity: {
        required: {
          nodeSelectorTerms: [
            { matchExpressions: [{ key: "kubernetes.io/hostname", operator: "In", values: [node] }] },
          ],
        },
      },
    },
  });
  events.record(claim, {
    type: "Normal",
    reason: "ProvisioningSucceeded",
    message: `Successfully provisioned volume ${title}`,
  });
}

function* discard(client: ApiClient, volume: PersistentVolume, files: NodeFiles): Task<void> {
  yield* sleep(HELPER);
  const { name, annotations } = volume.metadata;
  const fs = files(annotations?.["local.path.provisioner/selected-node"] ?? "");
  if (fs !== undefined) removeTree(fs, volume.spec.hostPath?.path ?? "");
  client.modify("PersistentVolume", "", name, (now) => ({
    ...now,
    metadata: { ...now.metadata, finalizers: [] },
  }));
  client.delete("PersistentVolume", "", name);
}

/** kind's dynamic provisioner: the program of the pod in local-path-storage. Departure: no helper pods are seen. */
export function localPathProvisioner(store: ApiStore, files: NodeFiles): Program {
  return program(function* (process): Task<number> {
    const client = new ApiClient(store, "local-path-provisioner");
    const events = new EventRecorder(client, `${PROVISIONER}_${process.host.name}`);
    const changed = new Signal();
    const stops = [
      client.watch("PersistentVolumeClaim", () => changed.fire()),
      client.watch("PersistentVolume", () => changed.fire()),
    ];
    const served = new Set<string>();
    try {
      for (;;) {
        const claim = client
          .list("PersistentVolumeClaim")
          .find((each) => !served.has(each.metadata.uid) && waits(client, each));
        const released = client
          .list("PersistentVolume")
          .find(
            ({ metadata, spec, status }) =>
              !served.has(metadata.uid) &&
              metadata.annotations?.["pv.kubernetes.io/provisioned-by"] === PROVISIONER &&
              status?.phase === "Released" &&
              spec.persistentVolumeReclaimPolicy === "Delete",
          );
        if (claim !== undefined) {
          served.add(claim.metadata.uid);
          yield* provision(client, events, claim, files);
        } else if (released !== undefined) {
          served.add(released.metadata.uid);
          yield* discard(client, released, files);
        } else yield* changed.wait();
      }
    } finally {
      for (const stop of stops) stop();
    }
  });
}
