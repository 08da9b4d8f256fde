import { REFERENCE_PLUGINS } from "../../container/cni/plugins/index.ts";
import { CNI_PROGRAM } from "../../container/cni/exec.ts";
import { installExecutable, makeDirectories, removeTree } from "../../container/files.ts";
import { CNI_BIN_DIR, CNI_CONF_DIR } from "../../container/runtime/sandbox.ts";
import type { NetnsId } from "../../kernel/uapi/index.ts";
import type { FileSystem } from "../../userland/os/fs.ts";
import { Host } from "../../userland/os/host.ts";
import { MemFs } from "../../userland/os/memfs.ts";
import type { Program } from "../../userland/os/process.ts";
import { formatIpv4, type Ipv4 } from "../../wire/address.ts";
import type { NodeAttachment } from "./attachment.ts";
import { type NodeNetwork, networkOf } from "./power.ts";
import { connect, type Underlay } from "./underlay.ts";

const OS_RELEASE = `PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
NAME="Debian GNU/Linux"
VERSION_ID="12"
VERSION="12 (bookworm)"
VERSION_CODENAME=bookworm
ID=debian
HOME_URL="https://www.debian.org/"
SUPPORT_URL="https://www.debian.org/support"
BUG_REPORT_URL="https://bugs.debian.org/"
`;

const LOOPBACK_HOSTS =
  "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::0\tip6-localnet\n" +
  "ff00::0\tip6-mcastprefix\nff02::1\tip6-allnodes\nff02::2\tip6-allrouters\n";

const DIRECTORIES = [
  "/sys/fs/bpf",
  CNI_CONF_DIR,
  CNI_BIN_DIR,
  "/var/run/netns",
  "/run/containerd",
  "/etc/kubernetes/manifests",
  "/var/lib/kubelet",
];

export interface NodeOptions {
  readonly name: string;
  readonly address: Ipv4;
  readonly underlay: Underlay;
  readonly programs: ReadonlyMap<string, Program>;
}

/** What a kindest/node container has in it, as far as anyone here looks. Departure: all reference CNI plugins. */
function nodeFiles(name: string, address: Ipv4, nameserver: Ipv4 | undefined): MemFs {
  const asked = nameserver === undefined ? "" : `nameserver ${formatIpv4(nameserver)}\n`;
  const fs = new MemFs({
    files: {
      "/etc/hostname": `${name}\n`,
      "/etc/os-release": OS_RELEASE,
      "/etc/hosts": `${LOOPBACK_HOSTS}${formatIpv4(address)}\t${name}\n`,
      "/etc/resolv.conf": `${asked}options ndots:0\n`,
      "/etc/debian_version": "12.12\n",
    },
  });
  makeFolders(fs);
  for (const plugin of REFERENCE_PLUGINS)
    installExecutable(fs, `${CNI_BIN_DIR}/${plugin}`, CNI_PROGRAM + plugin);
  return fs;
}

function makeFolders(fs: FileSystem): void {
  for (const path of DIRECTORIES) makeDirectories(fs, path);
}

/** What is in memory only: another start finds it empty. */
const IN_MEMORY = ["/run", "/var/run", "/tmp", "/dev/shm"];

/** The files of a machine that starts again: its disk is as it was. */
export function freshMemory(fs: FileSystem): void {
  for (const path of IN_MEMORY) if (fs.stat(path) !== undefined) removeTree(fs, path);
  makeFolders(fs);
}

/** A machine with its cable in and its addresses on it, that nothing runs on yet. */
export interface PluggedNode {
  readonly netns: NetnsId;
  readonly network: NodeNetwork;
  /** The machine itself, when somebody needs it. */
  readonly boot: () => Host;
}

/** A node: a container on the Docker host with a namespace of its own, labelled with its name in captures. */
export function createNode(options: NodeOptions): PluggedNode {
  const { name, address, underlay, programs } = options;
  const { docker, gateway } = underlay;
  const netns = docker.kernel.createNetns(name);
  connect(underlay, netns, address);
  return plugged(docker, name, netns, programs, () => nodeFiles(name, address, gateway));
}

/** A node that stands on an underlay of its own: the same machine, with its cable elsewhere. */
export function attachNode(
  docker: Host,
  { name, address, nameserver, plug }: NodeAttachment,
  programs: ReadonlyMap<string, Program>,
): PluggedNode {
  const netns = docker.kernel.createNetns(name);
  plug(netns);
  return plugged(docker, name, netns, programs, () => nodeFiles(name, address, nameserver));
}

function plugged(
  docker: Host,
  name: string,
  netns: NetnsId,
  programs: ReadonlyMap<string, Program>,
  files: () => MemFs,
): PluggedNode {
  const { kernel, queue } = docker;
  const random = docker.random.fork();
  const network = networkOf(kernel, netns);
  return {
    netns,
    network,
    boot: () => new Host({ name, kernel, queue, random, fs: files(), programs, netns }),
  };
}
