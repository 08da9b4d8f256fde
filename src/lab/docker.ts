import type { DockerEvent, DockerContainer, DockerObserver } from "../container/docker/types.ts";
import type { ContainerRow, SandboxRow } from "../trace/rows.ts";
import type { TraceWriter } from "../trace/writer.ts";
import { formatIpv4 } from "../wire/address.ts";

const ACTOR = "dockerd";
/** What stands in the place of a pod's namespace. */
const NAMESPACE = "docker";

function sandboxRow(container: DockerContainer, state: SandboxRow["state"]): SandboxRow {
  const [endpoint] = container.endpoints.values();
  return {
    id: container.sandbox?.id ?? "",
    node: "",
    namespace: NAMESPACE,
    pod: container.name,
    netnsPath: container.sandbox?.key ?? "",
    hostNetwork: container.spec.mode.kind === "host",
    state,
    ...(endpoint === undefined ? {} : { ip: formatIpv4(endpoint.address) }),
  };
}

/** Writes what Docker's containers do into the trace, beside what the kernel writes itself. */
export class DockerJournal {
  private readonly trace: TraceWriter;
  private readonly sandboxes = new Map<string, SandboxRow>();
  private readonly containers = new Map<string, ContainerRow>();

  constructor(trace: TraceWriter) {
    this.trace = trace;
  }

  readonly observe: DockerObserver = (event) => {
    if (event.container.adopted) return;
    if (event.kind.startsWith("container-")) this.containerEvent(event);
    else this.sandboxEvent(event);
  };

  /** A namespace that is shared has its row from who made it. */
  private sandboxEvent({ kind, container }: DockerEvent): void {
    const { sandbox } = container;
    if (sandbox === undefined || container.spec.mode.kind === "container") return;
    const before = this.sandboxes.get(sandbox.id) ?? null;
    const gone = kind === "sandbox-stopped";
    const after = gone ? null : sandboxRow(container, "ready");
    if (after === null) this.sandboxes.delete(sandbox.id);
    else this.sandboxes.set(sandbox.id, after);
    this.trace.change("sandbox", sandbox.netns, sandbox.id, before, after, ACTOR, kind);
  }

  private containerEvent({ kind, container }: DockerEvent): void {
    const before = this.containers.get(container.id) ?? null;
    const after: ContainerRow | null =
      kind === "container-removed"
        ? null
        : {
            id: container.id,
            sandbox: container.sandbox?.id ?? before?.sandbox ?? "",
            node: "",
            name: container.name,
            image: container.spec.image,
            pause: false,
            init: false,
            state: container.state,
            ...(container.state === "exited" ? { exitCode: container.exitCode } : {}),
          };
    if (after === null) this.containers.delete(container.id);
    else this.containers.set(container.id, after);
    this.trace.change("container", 0, container.id, before, after, ACTOR, kind);
  }
}
