import { err, must, ok, type Result } from "../../base/result.ts";
import { utf8Encode } from "../../base/utf8.ts";
import { sleep, type Task } from "../../sim/task.ts";
import { addTime, millis, type Nanos, nanos } from "../../sim/time.ts";
import { Host } from "../../userland/os/host.ts";
import { NULL_FILE, type OpenFile } from "../../userland/os/io.ts";
import { MemFs } from "../../userland/os/memfs.ts";
import { NO_COST, Process } from "../../userland/os/process.ts";
import { background } from "../background.ts";
import { makeDirectories, writeText } from "../files.ts";
import { type Command, findProgram, startErrorText } from "../runtime/command.ts";
import { type BindMount, MountedFs } from "../runtime/mounts.ts";
import type { ContainerConfig } from "../runtime/types.ts";
import { standIn, standInName } from "../servers/stand-in.ts";
import type { DockerEngine } from "./engine.ts";
import { hostResolvConf, hostsFile, internalResolvConf, legacyResolvConf, sharedHostsFile } from "./etc.ts";
import { imageFacts } from "./images.ts";
import type { DockerContainer, DockerSandbox } from "./types.ts";

/** Starting, stopping and removing containers. Models: moby daemon/{start,stop,kill,delete}.go. */

const NETWORK_COST = millis(80);
const START_COST = millis(120);
const POLL = millis(50);
const TASK_FAILED =
  "failed to create task for container: failed to create shim task: OCI runtime create failed: " +
  "runc create failed: unable to start container process: error during container init: ";

/** Standard input, output and error that a client holds beside the log. */
export interface Attached {
  readonly stdin: OpenFile;
  readonly stdout: OpenFile | undefined;
  readonly stderr: OpenFile | undefined;
}

/** Files that go to the log, and to who is attached. */
function both(log: OpenFile, attached: OpenFile | undefined): OpenFile {
  if (attached === undefined) return log;
  return {
    isTerminal: attached.isTerminal,
    read: (max) => attached.read(max),
    *write(bytes) {
      yield* log.write(bytes);
      yield* attached.write(bytes);
    },
    retain() {
      attached.retain();
      return this;
    },
    close: () => attached.close(),
  };
}

/** `docker start`. */
export function* startContainer(
  engine: DockerEngine,
  container: DockerContainer,
  attached: Attached = { stdin: NULL_FILE, stdout: undefined, stderr: undefined },
): Task<Result<void, string>> {
  if (container.state === "running") return ok();
  container.error = "";
  const networked = setUpNetwork(engine, container);
  if (!networked.ok) return failed(container, 128, networked.error);
  yield* sleep(NETWORK_COST);
  const host = containerHost(engine, container);
  container.host = host;
  const command = commandOf(host, container);
  yield* sleep(START_COST);
  if (!command.ok) {
    tearDownNetwork(engine, container);
    return failed(container, 127, `${TASK_FAILED}${command.error}`);
  }
  container.state = "running";
  container.startedAt = engine.host.queue.now;
  container.exitCode = 0;
  container.orderlyExit = undefined;
  container.process = Process.spawn(
    host,
    command.value.program,
    {
      argv: command.value.argv,
      env: environmentOf(container),
      cwd: container.spec.workingDir ?? "/",
      netns: must(container.sandbox, "sandbox").netns,
      files: new Map([
        [0, attached.stdin],
        [1, both(container.log.stdout, attached.stdout)],
        [2, both(container.log.stderr, attached.stderr)],
      ]),
    },
    NO_COST,
  );
  engine.emit("container-started", container);
  background(engine.host.queue, awaitExit(engine, container, container.process));
  return ok();
}

function failed(container: DockerContainer, code: number, error: string): Result<void, string> {
  container.exitCode = code;
  container.error = error;
  return err(error);
}

function setUpNetwork(engine: DockerEngine, container: DockerContainer): Result<void, string> {
  const { mode } = container.spec;
  const sandbox = openSandbox(engine, container);
  if (!sandbox.ok) return sandbox;
  container.sandbox = sandbox.value;
  if (mode.kind === "bridge")
    for (const attachment of container.attachments) {
      const network = engine.networks.find(attachment.network);
      const attached =
        network === undefined
          ? err(`network ${attachment.network} not found`)
          : engine.sandboxes.attach(container, network, attachment);
      if (attached.ok) continue;
      tearDownNetwork(engine, container);
      return err(`failed to set up container networking: ${attached.error}`);
    }
  const settled = mode.kind === "bridge" ? engine.settleGateway(container) : ok();
  if (!settled.ok) {
    tearDownNetwork(engine, container);
    return err(`failed to set up container networking: ${settled.error}`);
  }
  const inside = engine.sandboxes.inside(container);
  for (const [key, value] of container.spec.sysctls) {
    const set = inside.sysctl.set(key, value);
    if (set.ok) continue;
    tearDownNetwork(engine, container);
    return err(`${TASK_FAILED}open /proc/sys/${key.replaceAll(".", "/")}: no such file or directory`);
  }
  engine.emit("sandbox-started", container);
  if (container.endpoints.size > 0) engine.emit("network-attached", container);
  return ok();
}

function openSandbox(engine: DockerEngine, container: DockerContainer): Result<DockerSandbox, string> {
  const { mode } = container.spec;
  const { sandboxes, host } = engine;
  if (mode.kind === "host")
    return ok(
      sandboxes.share(
        host.netns,
        engine.random.text(64, "0123456789abcdef"),
        "/var/run/docker/netns/default",
      ),
    );
  if (mode.kind !== "container") return ok(sandboxes.create(container));
  const other = engine.find(mode.id);
  if (other === undefined) return err(`No such container: ${mode.id}`);
  if (other.sandbox === undefined || other.state !== "running")
    return err(
      `failed to set up container networking: cannot join network namespace of a non running container: ${other.id}`,
    );
  return ok(sandboxes.share(other.sandbox.netns, other.sandbox.id, other.sandbox.key));
}

function tearDownNetwork(engine: DockerEngine, container: DockerContainer): void {
  const { sandbox } = container;
  if (sandbox === undefined) return;
  engine.unpublish(container);
  for (const { network } of [...container.endpoints.values()]) engine.sandboxes.detach(container, network);
  engine.emit("sandbox-stopped", container);
  container.sandbox = undefined;
  engine.sandboxes.release(sandbox);
}

function environmentOf(container: DockerContainer): Map<string, string> {
  return new Map([
    ["PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
    ["HOSTNAME", container.host?.name ?? ""],
    ...container.spec.env,
    ["HOME", "/root"],
  ]);
}

/** The environment that `docker exec` gives. */
export function execEnvironment(
  container: DockerContainer,
  extra: readonly (readonly [string, string])[],
): Map<string, string> {
  return new Map([...environmentOf(container), ...extra]);
}

/** The container's files and names. A restarted one finds its files again. */
function containerHost(engine: DockerEngine, container: DockerContainer): Host {
  const { spec } = container;
  const sandbox = must(container.sandbox, "sandbox");
  const shared = spec.mode.kind === "container" ? engine.find(spec.mode.id)?.host : undefined;
  const name =
    spec.hostname ??
    (spec.mode.kind === "host" ? engine.host.name : (shared?.name ?? container.id.slice(0, 12)));
  const root = new MemFs({ files: { "/.dockerenv": "" } });
  for (const [path, text] of Object.entries(etcFiles(engine, container, name))) {
    const other = shared?.fs.read(path);
    const bytes = other?.ok === true ? other.value : utf8Encode(text);
    makeDirectories(root, "/etc");
    root.write(path, bytes, "truncate");
  }
  const mounts: BindMount[] = spec.mounts.map(({ containerPath, hostPath, readOnly }) => {
    if (engine.host.fs.stat(hostPath) === undefined) makeDirectories(engine.host.fs, hostPath);
    if (engine.host.fs.stat(hostPath)?.kind === "directory") makeDirectories(root, containerPath);
    else writeText(root, containerPath, "");
    return { path: containerPath, fs: engine.host.fs, source: hostPath, readOnly };
  });
  return new Host({
    name,
    kernel: engine.host.kernel,
    queue: engine.host.queue,
    random: engine.random.fork(),
    fs: mounts.length > 0 ? new MountedFs(root, mounts) : root,
    programs: engine.host.programs,
    netns: sandbox.netns,
  });
}

function etcFiles(
  engine: DockerEngine,
  container: DockerContainer,
  hostname: string,
): Readonly<Record<string, string>> {
  const { fs } = engine.host;
  const { spec } = container;
  const endpoints = [...container.endpoints.values()];
  const isUserDefined = endpoints.some(({ network }) => !network.isDefault);
  const resolv =
    spec.mode.kind === "host" && spec.dns.length === 0
      ? hostResolvConf(fs)
      : isUserDefined
        ? internalResolvConf(fs, spec.dns)
        : legacyResolvConf(fs, spec.dns);
  return {
    "/etc/hostname": `${hostname}\n`,
    "/etc/hosts":
      spec.mode.kind === "host"
        ? sharedHostsFile(fs)
        : hostsFile(
            endpoints.map(({ address }) => address),
            hostname,
            spec.extraHosts,
          ),
    "/etc/resolv.conf": resolv,
  };
}

/** What the container runs: a command of the userland, or a small server in an unknown image's place. */
function commandOf(host: Host, container: DockerContainer): Result<Command, string> {
  const { spec } = container;
  const facts = imageFacts(spec.image);
  const argv = [container.path, ...container.args];
  if (container.path !== "") {
    const found = findProgram(host, undefined, argv, spec.workingDir ?? "/");
    if (found.ok) return found;
    if (facts.toolbox || found.error !== "missing") return err(startErrorText(container.path, found.error));
  }
  const ports = [
    ...spec.exposed,
    ...spec.ports.map((p) => ({ port: p.containerPort, protocol: p.protocol })),
  ];
  const known = facts.exposed.map((text) => ({
    port: Number(text.split("/")[0]),
    protocol: text.split("/")[1] ?? "tcp",
  }));
  const unique = new Map([...known, ...ports].map((p) => [`${p.port}/${p.protocol}`, p]));
  const config: ContainerConfig = {
    name: container.name,
    attempt: 0,
    image: spec.image,
    command: [],
    args: [],
    env: [],
    workingDir: "/",
    mounts: [],
    ports: [...unique.values()].map(({ port, protocol }) => ({ port, protocol: protocol.toUpperCase() })),
  };
  return ok({ program: standIn(config), argv: container.path === "" ? [standInName(spec.image)] : argv });
}

function* awaitExit(engine: DockerEngine, container: DockerContainer, process: Process): Task<void> {
  const code = yield* process.wait();
  container.exitCode = container.orderlyExit ?? code;
  container.finishedAt = engine.host.queue.now;
  container.log.end();
  for (const other of container.host?.processes.values() ?? []) other.kill("KILL");
  tearDownNetwork(engine, container);
  container.state = "exited";
  container.process = undefined;
  engine.emit("container-exited", container);
  if (container.spec.autoRemove) engine.forget(container);
  engine.changed.fire();
}

/**
 * SIGTERM, and SIGKILL after `grace`. The first process of a container ignores what it does not handle (pid_namespaces(7)):
 * a plain command is only ended by the second.
 */
export function* stopContainer(engine: DockerEngine, container: DockerContainer, grace: Nanos): Task<void> {
  const { process } = container;
  if (container.state !== "running" || process === undefined) return;
  const deadline = addTime(engine.host.queue.now, grace);
  if (isServer(container)) {
    container.orderlyExit = 0;
    process.kill("KILL");
    yield* engine.waitFor(container);
    return;
  }
  if (process.catches("TERM")) process.kill("TERM");
  while (process.alive && engine.host.queue.now < deadline) yield* sleep(POLL);
  process.kill("KILL");
  yield* engine.waitFor(container);
}

/** A stand-in ends in good order when it is told to. */
function isServer(container: DockerContainer): boolean {
  const { host } = container;
  if (host === undefined) return false;
  const found = findProgram(host, undefined, [container.path], "/");
  return container.path === "" || !found.ok;
}

/** `docker kill`: a signal for the container's first process. */
export function* killContainer(engine: DockerEngine, container: DockerContainer, signal: string): Task<void> {
  const { process } = container;
  if (process === undefined) return;
  if (signal !== "KILL" && !isServer(container) && !process.catches(signal)) return;
  process.kill(signal);
  if (signal === "KILL") yield* engine.waitFor(container);
  else yield* sleep(nanos(0));
}
