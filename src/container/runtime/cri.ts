import { err, must, ok, type Result } from "../../base/result.ts";
import { sleep, type Task } from "../../sim/task.ts";
import { addTime, millis, type Nanos, nanos } from "../../sim/time.ts";
import type { MemFs } from "../../userland/os/memfs.ts";
import { Host } from "../../userland/os/host.ts";
import { NULL_FILE } from "../../userland/os/io.ts";
import { Process, type Program } from "../../userland/os/process.ts";
import { background } from "../background.ts";
import type { CniObserver } from "../cni/exec.ts";
import { makeDirectories } from "../files.ts";
import { pause } from "../servers/pause.ts";
import { containerCommand } from "./command.ts";
import { imageRoot, type ImageSpec, type LateImages, normalizeReference, repositoryOf } from "./images.ts";
import { ContainerLog } from "./log.ts";
import { type BindMount, MountedFs } from "./mounts.ts";
import {
  attach,
  type CniOptions,
  closeNetns,
  detach,
  nodeNetwork,
  openNetns,
  sandboxDir,
  writeSandboxFiles,
} from "./sandbox.ts";
import type {
  ContainerConfig,
  Mount,
  RuntimeContainer,
  RuntimeEvent,
  RuntimeObserver,
  Sandbox,
  SandboxConfig,
} from "./types.ts";

const HEX = "0123456789abcdef";
/** Time from RunPodSandbox to the network, and from the network to a running pause. */
const NETNS_COST = millis(40);
const PAUSE_COST = millis(160);
const CONTAINER_START_COST = millis(90);
const NO_COST = nanos(0);
const UNKNOWN_EXIT = 255;
const UNKNOWN_REASON = "Unknown";

export interface RuntimeOptions {
  /** The node: its files, its kernel, its namespace. */
  readonly host: Host;
  readonly images: readonly ImageSpec[];
  readonly lateImages?: LateImages | undefined;
  readonly observe?: RuntimeObserver | undefined;
  readonly observeCni?: CniObserver | undefined;
}

type EventOf<E> = E extends RuntimeEvent ? Omit<E, "time" | "node" | "pod" | "sandboxId"> : never;

/** The process' exit code as the runtime reports it: 137 for SIGKILL, 143 for SIGTERM. */
function exitReason(code: number): string {
  return code === 0 ? "Completed" : "Error";
}

/**
 * containerd with its CRI plugin, for one node: pod sandboxes, containers in them, images.
 *
 *   RunPodSandbox:  netns -> lo up -> CNI ADD eth0 -> files -> pause
 *   StopPodSandbox: containers -> pause -> CNI DEL -> netns
 *
 * Models: containerd internal/cri/server.
 */
export class ContainerRuntime {
  readonly sandboxes = new Map<string, Sandbox>();
  readonly containers = new Map<string, RuntimeContainer>();
  /** Called with every container that ended and every pause that died. */
  onExit: ((sandbox: Sandbox) => void) | null = null;
  private readonly host: Host;
  private readonly options: RuntimeOptions;
  /** Those that are known; the late ones once they came. */
  private images: readonly ImageSpec[];
  /** Containers that nobody saw end. Models: restart.go loadContainer. */
  private readonly lost = new Set<RuntimeContainer>();
  private readonly pulled = new Set<string>();
  /** Commands of an image: the userland's, and the image's own by their base name. */
  private readonly programs = new Map<string, ReadonlyMap<string, Program>>();

  constructor(options: RuntimeOptions) {
    this.host = options.host;
    this.options = options;
    this.images = options.images;
  }

  /** The condition NetworkReady. */
  networkReady(): Result<void, string> {
    const network = nodeNetwork(this.host);
    return network.ok ? ok() : network;
  }

  imageOf(reference: string): ImageSpec | undefined {
    const repository = repositoryOf(reference);
    const found = this.images.find((image) => image.repository === repository);
    const { images, lateImages } = this.options;
    if (found !== undefined || this.images !== images) return found;
    if (lateImages?.repositories.includes(repository) !== true) return undefined;
    this.images = [...images, ...lateImages.load()];
    return this.imageOf(reference);
  }

  /** An image of a system component comes with the node. */
  hasImage(reference: string): boolean {
    return this.pulled.has(normalizeReference(reference)) || this.imageOf(reference)?.preloaded === true;
  }

  /** PullImage; `duration` is what it takes, which the caller draws. */
  *pullImage(reference: string, duration: Nanos): Task<void> {
    yield* sleep(duration);
    this.pulled.add(normalizeReference(reference));
  }

  /** RunPodSandbox. */
  *runPodSandbox(config: SandboxConfig): Task<Result<Sandbox, string>> {
    const netns = openNetns(this.host, config);
    if (!netns.ok) return err(netns.error);
    const sandbox: Sandbox = {
      id: this.newId(),
      config,
      createdAt: this.host.queue.now,
      ...netns.value,
      state: "notready",
      ip: undefined,
      result: undefined,
      network: undefined,
      pause: undefined,
      netnsHeld: true,
    };
    this.emit(sandbox, { kind: "netns-created", netns: sandbox.netns });
    yield* sleep(NETNS_COST);
    if (!config.hostNetwork) {
      const attached = yield* attach(this.host, sandbox, this.cni());
      if (!attached.ok) {
        closeNetns(this.host, sandbox);
        return attached;
      }
      this.emit(sandbox, {
        kind: "network-attached",
        netns: sandbox.netns,
        result: must(sandbox.result, "CNI result"),
      });
    }
    writeSandboxFiles(this.host, sandbox);
    yield* sleep(PAUSE_COST);
    this.startPause(sandbox);
    this.sandboxes.set(sandbox.id, sandbox);
    this.emit(sandbox, { kind: "sandbox-started", netns: sandbox.netns });
    return ok(sandbox);
  }

  /** The machine has no power any more: nothing runs, no namespace is there; the disk remembers what there was. */
  losePower(): void {
    const none = new Map<string, string>();
    for (const { netnsHeld, config, netns } of this.sandboxes.values())
      if (netnsHeld && !config.hostNetwork) this.host.kernel.losePower(netns, [], none);
    for (const container of this.containers.values()) {
      if (container.state === "running") this.lost.add(container);
      for (const process of container.host.processes.values()) process.kill("KILL");
    }
    for (const sandbox of this.sandboxes.values()) {
      sandbox.pause?.kill("KILL");
      sandbox.state = "notready";
      if (!sandbox.netnsHeld) continue;
      sandbox.netnsHeld = false;
      this.emit(sandbox, { kind: "sandbox-stopped", netns: sandbox.netns });
      closeNetns(this.host, sandbox);
    }
  }

  /** containerd has started again: what ran before has ended now, as far as anybody knows. Models: restart.go. */
  recover(): void {
    for (const container of this.containers.values())
      if (container.reason === UNKNOWN_REASON) container.finishedAt = this.host.queue.now;
  }

  /** StopPodSandbox: kills what runs in it, detaches it from the network, lets the namespace go. May be called again. */
  *stopPodSandbox(id: string): Task<Result<void, string>> {
    const sandbox = this.sandboxes.get(id);
    if (sandbox === undefined) return ok();
    for (const container of this.containersOf(id)) yield* this.stopContainer(container.id, NO_COST);
    sandbox.state = "notready";
    sandbox.pause?.kill("KILL");
    const gone = yield* detach(this.host, sandbox, this.cni());
    if (!gone.ok) return gone;
    if (sandbox.netnsHeld) {
      sandbox.netnsHeld = false;
      closeNetns(this.host, sandbox);
      this.emit(sandbox, { kind: "sandbox-stopped", netns: sandbox.netns });
    }
    return ok();
  }

  /** RemovePodSandbox: forgets a stopped sandbox and its containers. */
  removePodSandbox(id: string): void {
    const sandbox = this.sandboxes.get(id);
    if (sandbox === undefined) return;
    for (const container of this.containersOf(id)) this.removeContainer(container.id);
    this.sandboxes.delete(id);
    this.emit(sandbox, { kind: "sandbox-removed", netns: sandbox.netns });
  }

  /** CreateContainer: files and namespaces; nothing runs yet. */
  createContainer(sandbox: Sandbox, config: ContainerConfig): Result<RuntimeContainer, string> {
    if (!this.hasImage(config.image)) return err(`image "${config.image}": not found`);
    const id = this.newId();
    const image = this.imageOf(config.image);
    const root = imageRoot(image);
    for (const mount of config.mounts) {
      if (this.host.fs.stat(mount.hostPath) === undefined)
        return err(
          `failed to generate container "${id}" spec: failed to stat "${mount.hostPath}": no such file or directory`,
        );
      this.makeMountPoint(root, mount);
    }
    const own: Mount[] = ["resolv.conf", "hostname"].map((name) => ({
      containerPath: `/etc/${name}`,
      hostPath: `${sandboxDir(sandbox.id)}/${name}`,
      readOnly: false,
    }));
    const mounts: BindMount[] = [...own, ...config.mounts].map((mount) => ({
      path: mount.containerPath.replace(/(.)\/$/, "$1"),
      fs: this.host.fs,
      source: mount.hostPath,
      readOnly: mount.readOnly,
    }));
    const container: RuntimeContainer = {
      id,
      sandbox,
      config,
      host: new Host({
        name: sandbox.config.hostname,
        kernel: this.host.kernel,
        queue: this.host.queue,
        random: this.host.random,
        fs: new MountedFs(root, mounts),
        programs: this.programsFor(image),
        netns: sandbox.netns,
      }),
      log: new ContainerLog(this.host.queue),
      createdAt: this.host.queue.now,
      state: "created",
      process: undefined,
      startedAt: NO_COST,
      finishedAt: NO_COST,
      exitCode: 0,
      reason: "",
      message: "",
    };
    this.containers.set(id, container);
    this.emit(sandbox, { kind: "container-created", container: config.name, containerId: id });
    return ok(container);
  }

  /** StartContainer: the process joins the sandbox's namespaces. */
  *startContainer(id: string): Task<Result<void, string>> {
    const container = must(this.containers.get(id), `container ${id}`);
    yield* sleep(CONTAINER_START_COST);
    // Somebody else may have stopped the sandbox meanwhile (crictl stopp).
    if (container.sandbox.state !== "ready") {
      const gone = `sandbox container "${container.sandbox.id}" is not running`;
      this.finish(container, 128, "StartError", gone);
      return err(gone);
    }
    const command = containerCommand(container.host, this.imageOf(container.config.image), container.config);
    if (!command.ok) {
      this.finish(container, 128, "StartError", command.error);
      return command;
    }
    container.state = "running";
    container.startedAt = this.host.queue.now;
    container.process = Process.spawn(
      container.host,
      command.value.program,
      {
        argv: command.value.argv,
        env: this.environment(container),
        cwd: container.config.workingDir,
        netns: container.sandbox.netns,
        files: new Map([
          [0, NULL_FILE],
          [1, container.log.stdout],
          [2, container.log.stderr],
        ]),
      },
      NO_COST,
    );
    this.emit(container.sandbox, {
      kind: "container-started",
      container: container.config.name,
      containerId: id,
    });
    background(this.host.queue, this.awaitExit(container, container.process));
    return ok();
  }

  /** StopContainer: SIGTERM, and SIGKILL after `grace`. */
  *stopContainer(id: string, grace: Nanos): Task<void> {
    const container = this.containers.get(id);
    const process = container?.process;
    if (container?.state !== "running" || process === undefined) return;
    process.kill(grace > 0 ? "TERM" : "KILL");
    const deadline = addTime(this.host.queue.now, grace);
    while (process.alive && this.host.queue.now < deadline) yield* sleep(millis(100));
    if (process.alive) process.kill("KILL");
    while (this.isRunning(container)) yield* sleep(millis(1));
  }

  removeContainer(id: string): void {
    const container = this.containers.get(id);
    if (container === undefined) return;
    container.process?.kill("KILL");
    this.containers.delete(id);
    this.emit(container.sandbox, {
      kind: "container-removed",
      container: container.config.name,
      containerId: id,
    });
  }

  containersOf(sandboxId: string): readonly RuntimeContainer[] {
    return [...this.containers.values()].filter((container) => container.sandbox.id === sandboxId);
  }

  /** The environment that exec and the main process get. */
  environment(container: RuntimeContainer): Map<string, string> {
    return new Map([
      ["PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
      ["HOSTNAME", container.host.name],
      ...container.config.env,
      ["HOME", "/root"],
    ]);
  }

  private cni(): CniOptions {
    return {
      observe: this.options.observeCni,
      plugins: this.images.flatMap((image) => image.plugins ?? []),
    };
  }

  /** Fetched anew: `state` changes while others wait. */
  private isRunning(container: RuntimeContainer): boolean {
    return container.state === "running";
  }

  private startPause(sandbox: Sandbox): void {
    const host = new Host({
      name: sandbox.config.hostname,
      kernel: this.host.kernel,
      queue: this.host.queue,
      random: this.host.random,
      fs: this.host.fs,
      programs: this.host.programs,
      netns: sandbox.netns,
    });
    const options = {
      argv: ["/pause"],
      env: new Map<string, string>(),
      cwd: "/",
      netns: sandbox.netns,
      files: new Map(),
    };
    const process = Process.spawn(host, pause, options, NO_COST);
    sandbox.pause = process;
    sandbox.state = "ready";
    background(this.host.queue, this.awaitPause(sandbox, process));
  }

  private *awaitPause(sandbox: Sandbox, process: Process): Task<void> {
    yield* process.wait();
    sandbox.state = "notready";
    this.onExit?.(sandbox);
  }

  private *awaitExit(container: RuntimeContainer, process: Process): Task<void> {
    const code = yield* process.wait();
    if (this.lost.delete(container)) this.finish(container, UNKNOWN_EXIT, UNKNOWN_REASON, "");
    else this.finish(container, code, exitReason(code), "");
    this.onExit?.(container.sandbox);
  }

  private finish(container: RuntimeContainer, code: number, reason: string, message: string): void {
    container.state = "exited";
    container.finishedAt = this.host.queue.now;
    container.exitCode = code;
    container.reason = reason;
    container.message = message;
    container.log.end();
    const { id, config } = container;
    this.emit(container.sandbox, { kind: "container-exited", container: config.name, containerId: id });
  }

  private makeMountPoint(root: MemFs, mount: Mount): void {
    const path = mount.containerPath.replace(/(.)\/$/, "$1");
    if (this.host.fs.stat(mount.hostPath)?.kind === "directory") makeDirectories(root, path);
    else root.put(path, "");
  }

  private programsFor(image: ImageSpec | undefined): ReadonlyMap<string, Program> {
    if (image === undefined) return this.host.programs;
    const known = this.programs.get(image.repository);
    if (known !== undefined) return known;
    const merged = new Map([...image.programs, ...this.host.programs]);
    this.programs.set(image.repository, merged);
    return merged;
  }

  private emit(sandbox: Sandbox, event: EventOf<RuntimeEvent>): void {
    const { pod } = sandbox.config;
    this.options.observe?.({
      time: this.host.queue.now,
      node: this.host.name,
      pod,
      sandboxId: sandbox.id,
      ...event,
    });
  }

  private newId(): string {
    return this.host.random.text(64, HEX);
  }
}
