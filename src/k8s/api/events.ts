import type { ApiClient } from "./client.ts";
import type { AnyObject, ApiEvent } from "./types.ts";

/** What an event is about. */
export interface EventSubject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string | undefined; readonly uid: string };
}

export interface EventNote {
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly message: string;
  /** A part of the subject: `spec.containers{redis}`. */
  readonly fieldPath?: string;
}

/** Models: client-go EventCorrelator's maxLruCacheEntries. */
const REMEMBERED = 4096;

/**
 * Records Events, as a component does through its recorder: the same note about the same object is counted, not
 * repeated. Models: client-go/tools/record.
 */
export class EventRecorder {
  private readonly client: ApiClient;
  private readonly component: string;
  private readonly host: string | undefined;
  private readonly recorded = new Map<string, string>();
  private sequence = 0;

  constructor(client: ApiClient, component: string, host?: string) {
    this.client = client;
    this.component = component;
    this.host = host;
  }

  record(subject: EventSubject, note: EventNote): void {
    const { namespace = "default", name, uid } = subject.metadata;
    const key = [
      subject.kind,
      namespace,
      name,
      uid,
      note.type,
      note.reason,
      note.message,
      note.fieldPath,
    ].join("\n");
    const earlier = this.recorded.get(key);
    const now = this.client.store.timestamp();
    if (earlier !== undefined) {
      const counted = this.client.modify("Event", namespace, earlier, (event) => ({
        ...event,
        count: (event.count ?? 1) + 1,
        lastTimestamp: now,
      }));
      if (counted.ok) return;
    }
    const made = this.client.create("Event", {
      apiVersion: "v1",
      kind: "Event",
      metadata: { namespace, name: this.nextName(name) },
      involvedObject: {
        apiVersion: subject.apiVersion,
        kind: subject.kind,
        name,
        ...(subject.metadata.namespace === undefined ? {} : { namespace: subject.metadata.namespace }),
        uid,
        ...(note.fieldPath === undefined ? {} : { fieldPath: note.fieldPath }),
      },
      type: note.type,
      reason: note.reason,
      message: note.message,
      count: 1,
      firstTimestamp: now,
      lastTimestamp: now,
      source: { component: this.component, ...(this.host === undefined ? {} : { host: this.host }) },
      reportingComponent: this.component,
      reportingInstance: this.host ?? "",
    });
    if (!made.ok) return;
    this.recorded.set(key, made.value.metadata.name);
    if (this.recorded.size <= REMEMBERED) return;
    for (const oldest of this.recorded.keys()) {
      this.recorded.delete(oldest);
      break;
    }
  }

  /** `NAME.` and a time in hex, as client-go names events; the sequence keeps two of one instant apart. */
  private nextName(name: string): string {
    const base = 0x188600000 + Math.floor(this.client.store.now / 1e9);
    return `${name}.${base.toString(16)}${(this.sequence++).toString(16).padStart(7, "0")}`;
  }
}

/** The events about an object, oldest first. */
export function eventsAbout(client: ApiClient, object: AnyObject): readonly ApiEvent[] {
  const { namespace = "default", uid } = object.metadata;
  client.store.beforeEvents?.(object);
  return client
    .list("Event", { namespace })
    .filter((event) => event.involvedObject.uid === uid)
    .toSorted((a, b) => Number(a.metadata.resourceVersion) - Number(b.metadata.resourceVersion));
}
