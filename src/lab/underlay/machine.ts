import { must } from "../../base/result.ts";
import type { NetnsId } from "../../kernel/uapi/index.ts";
import type { MachineSpec } from "../../scenario/underlay.ts";
import type { DockerSurroundings } from "../../container/docker/types.ts";
import { type EtcdStore, etcdctl } from "../../k8s/flannel/etcd.ts";
import { oldFlanneld } from "../../k8s/flannel/v05/flanneld.ts";
import { flanneld } from "../../k8s/flannel/flanneld.ts";
import { DEFAULT_PATH } from "../../userland/os/exec.ts";
import { Host } from "../../userland/os/host.ts";
import { NULL_FILE } from "../../userland/os/io.ts";
import { MemFs } from "../../userland/os/memfs.ts";
import { Process, type Program } from "../../userland/os/process.ts";
import { DockerJournal } from "../docker.ts";
import { dockerProgram } from "../programs.ts";
import type { World } from "../world.ts";
import { dockerd } from "./dockerd.ts";
import { programsOf } from "./servers.ts";

const OS_RELEASE = `PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
NAME="Debian GNU/Linux"
VERSION_ID="12"
VERSION="12 (bookworm)"
VERSION_CODENAME=bookworm
ID=debian
`;

/** Lines for /etc/hosts: every machine and node by the first of its addresses. */
export type HostNames = readonly (readonly [string, string])[];

function filesOf(machine: MachineSpec, names: HostNames): Record<string, string> {
  const known = names.map(([name, address]) => `${address}\t${name}\n`).join("");
  const { docker, nameserver } = machine;
  return {
    "/etc/hostname": `${machine.name}\n`,
    "/etc/hosts": `127.0.0.1\tlocalhost\n${known}`,
    "/etc/resolv.conf": nameserver === undefined ? "" : `nameserver ${nameserver}\n`,
    "/etc/os-release": OS_RELEASE,
    ...(docker === undefined ? {} : { "/etc/docker/daemon.json": daemonJson(docker) }),
  };
}

function daemonJson({ bip, ipMasq, mtu }: NonNullable<MachineSpec["docker"]>): string {
  const config = {
    ...(bip === undefined ? {} : { bip }),
    ...(ipMasq === undefined ? {} : { "ip-masq": ipMasq }),
    ...(mtu === undefined ? {} : { mtu }),
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}

/** A machine that is no node: files, programs and a daemon of its own over a namespace that is wired already. */
export function bootMachine(
  world: World,
  machine: MachineSpec,
  netns: NetnsId,
  names: HostNames,
  etcd: EtcdStore,
): Host {
  const programs = new Map<string, Program>(world.programs);
  const host = new Host({
    name: machine.name,
    kernel: world.kernel,
    queue: world.queue,
    random: world.random.fork(),
    fs: new MemFs({ files: filesOf(machine, names) }),
    programs,
    netns,
  });
  const observe = world.trace === null ? undefined : new DockerJournal(world.trace).observe;
  const surroundings: DockerSurroundings = {
    host,
    observe,
    label: (container) => `${machine.name}.${container}`,
    ...(machine.docker === undefined ? {} : { version: machine.docker.version }),
  };
  const docker = dockerProgram(surroundings);
  const isDockerHost = machine.docker !== undefined;
  programs.set("docker", isDockerHost ? docker : must(world.programs.get("docker"), "docker"));
  if (isDockerHost) programs.set("dockerd", dockerd(surroundings));
  programs.set("flanneld", flanneld(undefined, etcd));
  programs.set("flanneld-0.5.5", oldFlanneld(etcd));
  programs.set("etcdctl", etcdctl(etcd));
  for (const [argv, program] of programsOf(machine)) spawn(host, argv, program);
  if (isDockerHost && machine.docker?.starts !== false) spawn(host, ["docker", "ps", "-q"], docker);
  return host;
}

/** A process of the machine that nobody waits for. */
function spawn(host: Host, argv: readonly string[], program: Program): void {
  const files = new Map([0, 1, 2].map((fd) => [fd, NULL_FILE] as const));
  const env = new Map([
    ["PATH", DEFAULT_PATH],
    ["HOME", "/root"],
  ]);
  Process.spawn(host, program, { argv: [...argv], env, cwd: "/", files, netns: host.netns });
}
