import { Signal } from "../../sim/task.ts";
import { sameJson } from "../../formats/json.ts";
import { decodeBase64 } from "../../base/base64.ts";
import { utf8Decode } from "../../base/utf8.ts";
import {
  type ApiClient,
  type ConfigMap,
  type EndpointSlice,
  type EventNote,
  EventRecorder,
  type EventSubject,
  type Ingress,
  type IngressClass,
  type Secret,
  type Service,
} from "../api/index.ts";
import { CLASS_ANNOTATION } from "../api/admission/ingress.ts";
import type { Options } from "./options.ts";
import { keyOf } from "./model.ts";

const SERVICE_NAME = "kubernetes.io/service-name";

/** A line of the log that a watch has to say. */
export type LogLine = readonly [severity: "info" | "warning", place: string, text: string];

/** `"text" key="value"`, as klog's structured calls write it. */
export function structured(text: string, fields: Readonly<Record<string, string>>): string {
  return [`"${text}"`, ...Object.entries(fields).map(([key, value]) => `${key}=${value}`)].join(" ");
}

const quoted = (text: string): string => JSON.stringify(text);

/** What the controller knows of the cluster, from watches. Models: internal/ingress/controller/store. */
export class Store {
  readonly ingresses = new Map<string, Ingress>();
  readonly secrets = new Map<string, Secret>();
  /** Something has changed that the configuration is made of. */
  readonly changed = new Signal();
  dirty = false;
  readonly events: EventRecorder;
  private readonly classes = new Map<string, IngressClass>();
  private readonly services = new Map<string, Service>();
  private readonly slices = new Map<string, Map<string, EndpointSlice>>();
  private readonly options: Options;
  private readonly lines: LogLine[] = [];
  private readonly stops: (() => void)[] = [];
  settings: Readonly<Record<string, string>> = {};
  /** Services that the configuration names: others change nothing. */
  used: ReadonlySet<string> = new Set();

  constructor(client: ApiClient, options: Options) {
    this.options = options;
    this.events = new EventRecorder(client, "nginx-ingress-controller");
    const namespace = options.text("watch-namespace");
    const scope = namespace === "" ? {} : { namespace };
    this.stops.push(
      client.watch("IngressClass", ({ type, object }) => this.classChanged(type, object)),
      client.watch("Secret", ({ type, object }) => this.secretChanged(type, object), scope),
      client.watch("Service", ({ type, object }) => this.serviceChanged(type, object), scope),
      client.watch("EndpointSlice", ({ type, object }) => this.sliceChanged(type, object), scope),
      client.watch("ConfigMap", ({ type, object }) => this.configChanged(type, object), scope),
      client.watch("Ingress", ({ type, object, before }) => this.ingressChanged(type, object, before), scope),
    );
  }

  stop(): void {
    for (const stop of this.stops) stop();
  }

  takeLines(): readonly LogLine[] {
    return this.lines.splice(0);
  }

  service(namespace: string, name: string): Service | undefined {
    return this.services.get(`${namespace}/${name}`);
  }

  slicesOf(namespace: string, name: string): readonly EndpointSlice[] {
    return [...(this.slices.get(`${namespace}/${name}`)?.values() ?? [])];
  }

  /** Oldest first: where two say the same, the older one counts. */
  sorted(): readonly Ingress[] {
    const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
    return [...this.ingresses.values()].toSorted(
      (a, b) =>
        order(a.metadata.creationTimestamp, b.metadata.creationTimestamp) || order(keyOf(a), keyOf(b)),
    );
  }

  record(
    subject: EventSubject & { readonly metadata: { readonly resourceVersion: string } },
    note: EventNote,
  ): void {
    const { name, namespace = "", uid, resourceVersion } = subject.metadata;
    this.events.record(subject, note);
    this.say(
      "event.go:377",
      `Event(v1.ObjectReference{Kind:"${subject.kind}", Namespace:"${namespace}", Name:"${name}", UID:"${uid}", ` +
        `APIVersion:"${subject.apiVersion}", ResourceVersion:"${resourceVersion}", FieldPath:""}): ` +
        `type: '${note.type}' reason: '${note.reason}' ${note.message}`,
    );
  }

  say(place: string, text: string, severity: "info" | "warning" = "info"): void {
    this.lines.push([severity, place, text]);
    this.changed.fire();
  }

  private enqueue(): void {
    this.dirty = true;
    this.changed.fire();
  }

  /** The class that makes the Ingress ours, or why it is not. Models: GetIngressClass. */
  private classOf({ spec, metadata }: Ingress): { readonly name: string } | { readonly error: string } {
    const wanted = spec?.ingressClassName;
    if (wanted !== undefined)
      return this.classes.has(wanted)
        ? { name: wanted }
        : { error: `no object matching key "${wanted}" in local store` };
    const annotated = metadata.annotations?.[CLASS_ANNOTATION];
    if (annotated !== undefined)
      return annotated === this.options.text("ingress-class")
        ? { name: annotated }
        : { error: "ingress class annotation is not equal to the expected by Ingress Controller" };
    if (this.options.flag("watch-ingress-without-class")) return { name: "_" };
    return { error: "ingress does not contain a valid IngressClass" };
  }

  private ingressChanged(type: string, object: Ingress, before: Ingress | undefined): void {
    const key = keyOf(object);
    const found = this.classOf(object);
    const valid = "name" in found;
    if (type === "DELETED") {
      if (this.ingresses.delete(key)) this.enqueue();
      return;
    }
    const sync = { type: "Normal", reason: "Sync", message: "Scheduled for sync" } as const;
    if (type === "ADDED" || before === undefined) {
      if (!valid) {
        const text = "Ignoring ingress because of error while validating ingress class";
        this.say("store.go:406", structured(text, { ingress: quoted(key), error: quoted(found.error) }));
        return;
      }
      const text = structured("Found valid IngressClass", {
        ingress: quoted(key),
        ingressclass: quoted(found.name),
      });
      this.say("store.go:443", text);
    } else {
      const was = "name" in this.classOf(before);
      if (was && !valid) {
        this.say(
          "store.go:492",
          structured("removing ingress because of unknown ingressclass", { ingress: quoted(key) }),
        );
        if (this.ingresses.delete(key)) this.enqueue();
        return;
      }
      if (!valid || sameJson(object, before)) return;
      if (!was)
        this.say(
          "store.go:489",
          structured("creating ingress", { ingress: quoted(key), ingressclass: quoted(found.name) }),
        );
    }
    this.record(object, sync);
    const known = this.ingresses.get(key);
    this.ingresses.set(key, object);
    const same =
      known !== undefined &&
      sameJson([known.spec, known.metadata.annotations], [object.spec, object.metadata.annotations]);
    if (!same) this.enqueue();
  }

  private classChanged(type: string, object: IngressClass): void {
    const { name } = object.metadata;
    const own = object.spec?.controller === this.options.text("controller-class");
    const byName = this.options.flag("ingress-class-by-name") && name === this.options.text("ingress-class");
    if (type === "DELETED") {
      if (this.classes.delete(name)) this.enqueue();
    } else if (own || byName) {
      this.classes.set(name, object);
      this.enqueue();
    } else if (type === "ADDED") {
      const text = "ignoring ingressclass as the spec.controller is not the same of this ingress";
      this.say("store.go:538", structured(text, { ingressclass: quoted(name) }));
    }
  }

  private serviceChanged(type: string, object: Service): void {
    const key = `${object.metadata.namespace ?? ""}/${object.metadata.name}`;
    if (type === "DELETED") this.services.delete(key);
    else this.services.set(key, object);
    if (this.used.has(key)) this.enqueue();
  }

  private sliceChanged(type: string, object: EndpointSlice): void {
    const { namespace = "", name, labels } = object.metadata;
    const key = `${namespace}/${labels?.[SERVICE_NAME] ?? ""}`;
    const slices = this.slices.get(key) ?? new Map<string, EndpointSlice>();
    if (type === "DELETED") slices.delete(name);
    else slices.set(name, object);
    this.slices.set(key, slices);
    if (this.used.has(key)) this.enqueue();
  }

  private secretChanged(type: string, object: Secret): void {
    const { namespace = "", name } = object.metadata;
    const key = `${namespace}/${name}`;
    if (type === "DELETED") this.secrets.delete(key);
    else this.secrets.set(key, object);
    const used = [...this.ingresses.values()].some(
      ({ metadata, spec }) =>
        metadata.namespace === namespace && spec?.tls?.some(({ secretName }) => secretName === name) === true,
    );
    if (used) this.enqueue();
  }

  private configChanged(type: string, object: ConfigMap): void {
    const key = `${object.metadata.namespace ?? ""}/${object.metadata.name}`;
    if (key !== this.options.text("configmap") || type === "DELETED") return;
    this.settings = object.data ?? {};
    const reason = type === "ADDED" ? "CREATE" : "UPDATE";
    this.record(object, { type: "Normal", reason, message: `ConfigMap ${key}` });
    this.enqueue();
  }

  /** The decoded text under a Secret's key. */
  secretText(namespace: string, name: string, field: string): string | undefined {
    const value = this.secrets.get(`${namespace}/${name}`)?.data?.[field];
    const bytes = value === undefined ? undefined : decodeBase64(value);
    return bytes?.ok === true ? utf8Decode(bytes.value) : undefined;
  }
}
