import { MemFs } from "../../userland/os/memfs.ts";
import type { Program } from "../../userland/os/process.ts";
import type { CniPlugin } from "../cni/plugin.ts";
import { executable } from "../files.ts";

/** An image that the product knows: what is in it, and what its programs do. */
export interface ImageSpec {
  /** Without tag or digest, with its registry: `ghcr.io/flannel-io/flannel`. */
  readonly repository: string;
  /** Executables in the image: path to name of a program below. */
  readonly executables: Readonly<Record<string, string>>;
  readonly programs: ReadonlyMap<string, Program>;
  /** Other files in it: path to text. */
  readonly files?: Readonly<Record<string, string>>;
  readonly entrypoint: readonly string[];
  /** What follows the entrypoint when the container says nothing else (CMD). */
  readonly command?: readonly string[];
  /** CNI plugins whose binaries it brings. */
  readonly plugins?: readonly CniPlugin[];
  /** Its own command is a server that goes on whatever its environment says. */
  readonly stands?: boolean;
  /** The node has it from the start: no pull. */
  readonly preloaded?: boolean;
}

/** Images whose code comes later: which they are is known before. */
export interface LateImages {
  readonly repositories: readonly string[];
  /** Asked at most once, and only when one of them is wanted. */
  readonly load: () => readonly ImageSpec[];
}

/** `nginx:1.27` to `docker.io/library/nginx:1.27`. Models: distribution/reference ParseNormalizedNamed. */
export function normalizeReference(reference: string): string {
  const slash = reference.indexOf("/");
  const first = slash < 0 ? "" : reference.slice(0, slash);
  const hasDomain = first.includes(".") || first.includes(":") || first === "localhost";
  const full = hasDomain ? reference : `docker.io/${slash < 0 ? "library/" : ""}${reference}`;
  const name = full.slice(full.lastIndexOf("/") + 1);
  return name.includes(":") || name.includes("@") ? full : `${full}:latest`;
}

/** The reference without tag and digest. */
export function repositoryOf(reference: string): string {
  const bare = normalizeReference(reference).replace(/@.*$/, "");
  const colon = bare.lastIndexOf(":");
  return colon > bare.lastIndexOf("/") ? bare.slice(0, colon) : bare;
}

/** The files that an image brings. */
export function imageRoot(image: ImageSpec | undefined): MemFs {
  const files: Record<string, string> = { ...image?.files };
  for (const [path, program] of Object.entries(image?.executables ?? {})) files[path] = executable(program);
  const root = new MemFs({ files });
  for (const path of Object.keys(image?.executables ?? {})) root.chmod(path, 0o755);
  return root;
}

/** Images that hold commands and nothing else: what they miss is missing, not unknown. */
const BASES = new Set(
  "alpine bash busybox centos curl debian dnsutils fedora jessie-dnsutils netshoot ubuntu".split(" "),
);

export function isBaseImage(reference: string): boolean {
  return BASES.has(repositoryOf(reference).replace(/^.*\//, ""));
}

/** Components that change a cluster's network: a server in their place would pretend that they work. */
const NETWORKED: readonly (readonly [repository: RegExp, name: string])[] = [
  [/^quay\.io\/metallb\//, "MetalLB"],
  [/^quay\.io\/cilium\//, "Cilium"],
  [/^docker\.io\/(antrea|projects\.registry\.vmware\.com\/antrea)\//, "Antrea"],
  [/^docker\.io\/weaveworks\/weave-/, "Weave Net"],
  [/^docker\.io\/istio\/(pilot|proxyv2|install-cni|ztunnel)$/, "Istio"],
  [/^ghcr\.io\/kube-vip\//, "kube-vip"],
];

/** What such an image is called by people; undefined for others. */
export function networkComponent(reference: string): string | undefined {
  const repository = repositoryOf(reference);
  return NETWORKED.find(([pattern]) => pattern.test(repository))?.[1];
}
