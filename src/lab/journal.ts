import type { CniObserver } from "../container/cni/exec.ts";
import type { RuntimeEvent, RuntimeObserver } from "../container/runtime/types.ts";
import type { StoreChange } from "../k8s/api/index.ts";
import { formatIpv4 } from "../wire/address.ts";
import type { CniRow, ContainerRow, ObjectRow, SandboxRow } from "../trace/rows.ts";
import type { TraceWriter } from "../trace/writer.ts";
import type { Cluster } from "../k8s/cluster.ts";

interface NamedImage {
  readonly name: string;
  readonly image?: string | undefined;
}

interface PodContainers {
  readonly containers: readonly NamedImage[];
  readonly initContainers?: readonly NamedImage[] | undefined;
}

/** Writes what containers and the API do into the trace, beside what the kernel writes itself. */
export class ClusterJournal {
  private readonly trace: TraceWriter;
  private readonly sandboxes = new Map<string, SandboxRow>();
  private readonly containers = new Map<string, ContainerRow>();
  private calls = 0;
  /** Known once the cluster is made: rows are read from its runtimes. */
  cluster: Cluster | null = null;
  podSpec: ((namespace: string, name: string) => PodContainers | undefined) | null = null;

  constructor(trace: TraceWriter) {
    this.trace = trace;
  }

  readonly object = (change: StoreChange): void => {
    const row = (object: StoreChange["after"]): ObjectRow | null =>
      object === undefined
        ? null
        : {
            kind: object.kind,
            ...(object.metadata.namespace === undefined ? {} : { namespace: object.metadata.namespace }),
            name: object.metadata.name,
            object,
          };
    const key = `${change.kind}/${change.key}`;
    this.trace.change("object", 0, key, row(change.before), row(change.after), change.actor, change.verb);
  };

  readonly cni: CniObserver = (call) => {
    const row: CniRow = {
      command: call.command,
      plugin: call.plugin,
      containerId: call.env["CNI_CONTAINERID"] ?? "",
      netnsPath: call.env["CNI_NETNS"] ?? "",
      ifName: call.env["CNI_IFNAME"] ?? "",
      node: call.node,
      stdin: call.stdin,
      result: call.stdout,
      ok: !call.failed,
    };
    this.trace.change("cni", 0, String(++this.calls), null, row, `containerd on ${call.node}`, call.command);
  };

  readonly runtime: RuntimeObserver = (event) => {
    if ("container" in event) this.containerEvent(event);
    else this.sandboxEvent(event);
  };

  private sandboxEvent(event: Exclude<RuntimeEvent, { container: string }>): void {
    const { sandboxId: id } = event;
    const before = this.sandboxes.get(id) ?? null;
    const base = { id, node: event.node, namespace: event.pod.namespace, pod: event.pod.name };
    const host = this.cluster?.nodes.get(event.node)?.host;
    const name = [...(host?.netnsNames ?? [])].find(([, netns]) => netns === event.netns)?.[0];
    const ip = event.kind === "network-attached" ? event.result.ips[0]?.address.address : undefined;
    const after: SandboxRow | null =
      event.kind === "sandbox-removed"
        ? null
        : {
            ...base,
            netnsPath: name === undefined ? (before?.netnsPath ?? "") : `/var/run/netns/${name}`,
            hostNetwork: host?.netns === event.netns,
            state: event.kind === "sandbox-stopped" ? "notready" : "ready",
            ...(ip === undefined
              ? before?.ip === undefined
                ? {}
                : { ip: before.ip }
              : { ip: formatIpv4(ip) }),
          };
    if (after === null) this.sandboxes.delete(id);
    else this.sandboxes.set(id, after);
    this.trace.change("sandbox", event.netns, id, before, after, `containerd on ${event.node}`, event.kind);
    if (event.kind === "sandbox-started") this.pause(after, id, "running");
    if (event.kind === "sandbox-stopped") this.pause(after, id, "exited");
  }

  private pause(sandbox: SandboxRow | null, id: string, state: "running" | "exited"): void {
    if (sandbox === null) return;
    const row: ContainerRow = {
      id: `${id}-pause`,
      sandbox: id,
      node: sandbox.node,
      name: "pause",
      image: "registry.k8s.io/pause:3.10.2",
      pause: true,
      init: false,
      state,
    };
    this.put(row, `containerd on ${sandbox.node}`, "sandbox");
  }

  private containerEvent(event: Extract<RuntimeEvent, { container: string }>): void {
    const { containerId: id } = event;
    const actor = `containerd on ${event.node}`;
    if (event.kind === "container-removed") {
      const before = this.containers.get(id) ?? null;
      this.containers.delete(id);
      this.trace.change("container", 0, id, before, null, actor, event.kind);
      return;
    }
    const old = this.containers.get(id);
    const spec = this.specOf(event);
    this.put(
      {
        id,
        sandbox: event.sandboxId,
        node: event.node,
        name: event.container,
        image: old?.image ?? spec.image,
        pause: false,
        init: old?.init ?? spec.init,
        state:
          event.kind === "container-created"
            ? "created"
            : event.kind === "container-started"
              ? "running"
              : "exited",
      },
      actor,
      event.kind,
    );
  }

  private specOf(event: Extract<RuntimeEvent, { container: string }>): { image: string; init: boolean } {
    const spec = this.podSpec?.(event.pod.namespace, event.pod.name);
    const init = spec?.initContainers?.find((c) => c.name === event.container);
    const image = (init ?? spec?.containers.find((c) => c.name === event.container))?.image ?? "";
    return { image, init: init !== undefined };
  }

  private put(row: ContainerRow, actor: string, detail: string): void {
    const before = this.containers.get(row.id) ?? null;
    this.containers.set(row.id, row);
    this.trace.change("container", 0, row.id, before, row, actor, detail);
  }
}
