import { compareText } from "../../formats/json.ts";
import { Signal } from "../../sim/task.ts";
import type { ApiClient, Namespace, Pod, WatchEvent } from "../api/index.ts";
import { podInfo, type NetworkPolicy, type Snapshot } from "./policies.ts";

/** A line of the log at verbosity 2, with its place. */
export type Note = readonly [place: string, text: string];

type Named = Pod | Namespace | NetworkPolicy;

const keyOf = ({ metadata }: Named): string => `${metadata.namespace ?? ""}/${metadata.name}`;
const differ = (a: unknown, b: unknown): boolean => JSON.stringify(a) !== JSON.stringify(b);

/** Models: isPodUpdateNetPolRelevant. */
function matters(before: Pod, after: Pod): boolean {
  const [old, now] = [before.status, after.status];
  return (
    old?.phase !== now?.phase ||
    old?.podIP !== now?.podIP ||
    differ(old?.podIPs, now?.podIPs) ||
    old?.hostIP !== now?.hostIP ||
    differ(before.metadata.labels, after.metadata.labels)
  );
}

/** The caches of pods, namespaces and policies; which of their changes ask for a sync. Models: the event handlers of netpol. */
export class Changes {
  readonly requested = new Signal();
  private readonly pods = new Map<string, Pod>();
  private readonly namespaces = new Map<string, Namespace>();
  private readonly policies = new Map<string, NetworkPolicy>();
  private readonly stops: (() => void)[] = [];
  private notes: Note[] = [];
  private wanted = false;

  watch(client: ApiClient): void {
    this.stops.push(
      client.watch("Pod", (event) => this.pod(event)),
      client.watch("Namespace", (event) => this.namespace(event)),
      client.watch("NetworkPolicy", (event) => this.policy(event)),
    );
  }

  stop(): void {
    for (const stop of this.stops) stop();
  }

  private pod({ type, object, before }: WatchEvent<Pod>): void {
    const key = keyOf(object);
    if (type === "DELETED") {
      this.pods.delete(key);
      this.request("pod.go:86", `Received pod: ${key} delete event`);
      return;
    }
    this.pods.set(key, object);
    const relevant = before === undefined ? podInfo(object) !== undefined : matters(before, object);
    if (relevant) this.request("pod.go:68", `Received update to pod: ${key}`);
  }

  private namespace({ type, object, before }: WatchEvent<Namespace>): void {
    const { name } = object.metadata;
    if (type === "DELETED") {
      this.namespaces.delete(keyOf(object));
      this.request("namespace.go:58", `Received namespace: ${name} delete event`);
      return;
    }
    this.namespaces.set(keyOf(object), object);
    if (before === undefined) this.request("namespace.go:40", `Received update for namespace: ${name}`);
    else if (differ(before.metadata.labels, object.metadata.labels))
      this.request("namespace.go:49", `Received update for namespace: ${name}`);
  }

  private policy({ type, object }: WatchEvent<NetworkPolicy>): void {
    const key = keyOf(object);
    if (type === "DELETED") {
      this.policies.delete(key);
      this.request("policy.go:62", `Received network policy: ${key} delete event`);
    } else {
      this.policies.set(key, object);
      this.request("policy.go:44", `Received update for network policy: ${key}`);
    }
  }

  private request(...note: Note): void {
    this.notes.push(note);
    this.wanted = true;
    this.requested.fire();
  }

  /** Whether something asked for a sync since the last time this was called. */
  take(): boolean {
    const { wanted } = this;
    this.wanted = false;
    return wanted;
  }

  takeNotes(): readonly Note[] {
    const { notes } = this;
    this.notes = [];
    return notes;
  }

  snapshot(): Snapshot {
    return {
      pods: sorted(this.pods),
      namespaces: sorted(this.namespaces),
      policies: sorted(this.policies),
    };
  }
}

function sorted<T extends Named>(objects: ReadonlyMap<string, T>): readonly T[] {
  return [...objects].sort(([a], [b]) => compareText(a, b)).map(([, object]) => object);
}
