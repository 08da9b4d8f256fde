import { parseQuantity } from "../../formats/quantity.ts";
import { matches, objectSelector } from "../../formats/selector.ts";
import {
  ApiClient,
  type ApiStore,
  EventRecorder,
  type PersistentVolume,
  type PersistentVolumeClaim,
} from "../api/index.ts";
import { isUsing } from "../api/volumes.ts";
import type { Controller } from "./context.ts";
import { objectKey, type Reconciled, splitKey, WorkQueue } from "./work-queue.ts";

/** Provisioners that live in controllers of their own are waited for. */
const EXTERNAL =
  "If volume creation is delayed, please verify that the provisioner is running and correctly registered.";

const sizeOf = (text: string | undefined): number => parseQuantity(text ?? "0") ?? 0;

/** Whether a volume that belongs to nobody would do for a claim. Models: FindMatchingVolume. */
function suits(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  const { claimRef } = volume.spec;
  const { name, namespace, uid } = claim.metadata;
  const reserved = claimRef?.name === name && claimRef.namespace === namespace;
  if (claimRef !== undefined && (!reserved || (claimRef.uid !== undefined && claimRef.uid !== uid)))
    return false;
  if (claim.spec.volumeName !== undefined && claim.spec.volumeName !== volume.metadata.name) return false;
  const { accessModes: modes = [], storageClassName = "", resources, selector } = claim.spec;
  return (
    (volume.spec.storageClassName ?? "") === storageClassName &&
    modes.every((mode) => volume.spec.accessModes?.includes(mode) === true) &&
    sizeOf(volume.spec.capacity?.["storage"]) >= sizeOf(resources?.requests?.["storage"]) &&
    (selector === undefined || matches(objectSelector(selector), volume.metadata.labels))
  );
}

/**
 * Brings claims and volumes together. Models: pkg/controller/volume/persistentvolume. Provisioning is that of the
 * class's own provisioner; a claim of a class that waits for its first consumer is left to the scheduler.
 */
class PersistentVolumeController {
  private readonly client: ApiClient;
  private readonly events: EventRecorder;
  private readonly claims: WorkQueue;
  private readonly volumes: WorkQueue;

  constructor(store: ApiStore) {
    this.client = new ApiClient(store, "persistentvolume-controller");
    this.events = new EventRecorder(this.client, "persistentvolume-controller");
    this.claims = new WorkQueue(store, (key) => this.claim(key));
    this.volumes = new WorkQueue(store, (key) => this.volume(key));
    this.client.watch("PersistentVolumeClaim", ({ type, object }) => {
      if (type !== "DELETED") this.claims.add(objectKey(object));
      if (object.spec.volumeName !== undefined) this.volumes.add(`/${object.spec.volumeName}`);
    });
    this.client.watch("PersistentVolume", ({ type, object }) => {
      if (type !== "DELETED") this.volumes.add(objectKey(object));
      for (const claim of this.client.list("PersistentVolumeClaim"))
        if (claim.status?.phase !== "Bound") this.claims.add(objectKey(claim));
    });
  }

  private claim(key: string): Reconciled {
    const [namespace, name] = splitKey(key);
    const claim = this.client.get("PersistentVolumeClaim", namespace, name);
    if (claim === undefined || claim.metadata.deletionTimestamp !== undefined) return "done";
    if (claim.status?.phase === "Bound") return "done";
    const found = this.client
      .list("PersistentVolume")
      .filter((volume) => suits(volume, claim))
      .toSorted((a, b) => sizeOf(a.spec.capacity?.["storage"]) - sizeOf(b.spec.capacity?.["storage"]))[0];
    if (found !== undefined) return this.bind(claim, found);
    if (claim.status?.phase === undefined) this.setPhase(claim, "Pending");
    this.explain(claim);
    return "done";
  }

  /** Why a claim is still pending, as an event. */
  private explain(claim: PersistentVolumeClaim): void {
    const className = claim.spec.storageClassName ?? "";
    const note = (type: "Normal" | "Warning", reason: string, message: string): void =>
      this.events.record(claim, { type, reason, message });
    if (className === "") {
      const message = "no persistent volumes available for this claim and no storage class is set";
      note("Normal", "FailedBinding", message);
      return;
    }
    const known = this.client.get("StorageClass", "", className);
    if (known === undefined) {
      note("Warning", "ProvisioningFailed", `storageclass.storage.k8s.io "${className}" not found`);
      return;
    }
    const selected = claim.metadata.annotations?.["volume.kubernetes.io/selected-node"];
    if (known.volumeBindingMode === "WaitForFirstConsumer" && selected === undefined) {
      if (!isUsing(this.client, claim))
        note("Normal", "WaitForFirstConsumer", "waiting for first consumer to be created before binding");
      return;
    }
    const message = `Waiting for a volume to be created either by the external provisioner '${known.provisioner}' or manually by the system administrator. ${EXTERNAL}`;
    note("Normal", "ExternalProvisioning", message);
  }

  private bind(claim: PersistentVolumeClaim, volume: PersistentVolume): Reconciled {
    const { namespace = "", name, uid } = claim.metadata;
    const claimRef = { apiVersion: "v1", kind: "PersistentVolumeClaim", namespace, name, uid };
    this.client.modify("PersistentVolume", "", volume.metadata.name, (now) => ({
      ...now,
      spec: { ...now.spec, claimRef },
    }));
    this.client.modify("PersistentVolumeClaim", namespace, name, (now) => ({
      ...now,
      metadata: {
        ...now.metadata,
        annotations: {
          ...now.metadata.annotations,
          "pv.kubernetes.io/bind-completed": "yes",
          ...(now.spec.volumeName === undefined && { "pv.kubernetes.io/bound-by-controller": "yes" }),
        },
      },
      spec: { ...now.spec, volumeName: volume.metadata.name },
    }));
    this.client.updateStatus("PersistentVolumeClaim", namespace, name, (now) => ({
      ...now,
      status: {
        phase: "Bound",
        accessModes: volume.spec.accessModes ?? [],
        capacity: volume.spec.capacity ?? {},
      },
    }));
    return "done";
  }

  private setPhase(claim: PersistentVolumeClaim, phase: string): void {
    const { namespace = "", name } = claim.metadata;
    this.client.updateStatus("PersistentVolumeClaim", namespace, name, (now) => ({
      ...now,
      status: { ...now.status, phase },
    }));
  }

  /** A volume's phase follows its claim; when that is gone the reclaim policy speaks. */
  private volume(key: string): Reconciled {
    const [, name] = splitKey(key);
    const volume = this.client.get("PersistentVolume", "", name);
    if (volume === undefined) return "done";
    const { claimRef, persistentVolumeReclaimPolicy: policy } = volume.spec;
    const claim =
      claimRef === undefined
        ? undefined
        : this.client.get("PersistentVolumeClaim", claimRef.namespace ?? "", claimRef.name ?? "");
    const held = claim !== undefined && (claimRef?.uid ?? claim.metadata.uid) === claim.metadata.uid;
    const phase = held ? "Bound" : claimRef?.uid === undefined ? "Available" : "Released";
    if (volume.status?.phase !== phase)
      this.client.updateStatus("PersistentVolume", "", name, (now) => ({ ...now, status: { phase } }));
    const byHand = volume.metadata.annotations?.["pv.kubernetes.io/provisioned-by"] === undefined;
    if (phase === "Released" && policy === "Delete" && byHand && volume.spec.hostPath === undefined) {
      const message = `error getting deleter volume plugin for volume "${name}": no deletable volume plugin matched`;
      this.events.record(volume, { type: "Warning", reason: "VolumeFailedDelete", message });
    }
    return "done";
  }
}

export const persistentVolumeController: Controller = {
  name: "persistentvolume-binder-controller",
  start({ store }) {
    new PersistentVolumeController(store);
  },
};
