import { err, ok, type Result } from "../../base/result.ts";
import { fsErrorText, makeDirectories, writeText } from "../../container/files.ts";
import type { Mount } from "../../container/runtime/types.ts";
import type { FileSystem } from "../../userland/os/fs.ts";
import type { ApiClient, Container, Pod, Volume } from "../api/index.ts";

export function podDir(pod: Pod): string {
  return `/var/lib/kubelet/pods/${pod.metadata.uid}`;
}

/** Name of a volume to the node's path that holds it. */
export type Volumes = ReadonlyMap<string, string>;

/** Checks a hostPath against its type, and makes what the type asks for. Models: pkg/volume/hostpath. */
function hostPath(fs: FileSystem, path: string, type: string): Result<string, string> {
  const kind = fs.stat(path)?.kind;
  switch (type) {
    case "DirectoryOrCreate":
      if (kind === undefined) makeDirectories(fs, path);
      break;
    case "FileOrCreate":
      if (kind === undefined) writeText(fs, path, "");
      break;
    case "Directory":
      if (kind !== "directory") return err(`hostPath type check failed: ${path} is not a directory`);
      break;
    case "File":
      if (kind !== "file") return err(`hostPath type check failed: ${path} is not a file`);
      break;
    default:
      // No check; the runtime makes a missing directory when it mounts it.
      if (kind === undefined) makeDirectories(fs, path);
  }
  return ok(path);
}

type Items = NonNullable<Volume["configMap"]>["items"];

function writeFiles(
  fs: FileSystem,
  dir: string,
  data: Readonly<Record<string, string>>,
  items: Items,
): Result<string, string> {
  const made = makeDirectories(fs, dir);
  if (!made.ok) return err(`mkdir ${dir}: ${fsErrorText(made.error)}`);
  const wanted = items ?? Object.keys(data).map((key) => ({ key, path: key }));
  for (const { key, path } of wanted) {
    const text = data[key];
    if (text === undefined) return err(`references non-existent config key: ${key}`);
    writeText(fs, `${dir}/${path}`, text);
  }
  return ok(dir);
}

function makeVolume(fs: FileSystem, client: ApiClient, pod: Pod, volume: Volume): Result<string, string> {
  const namespace = pod.metadata.namespace ?? "default";
  const dir = (plugin: string): string => `${podDir(pod)}/volumes/kubernetes.io~${plugin}/${volume.name}`;
  if (volume.hostPath !== undefined) return hostPath(fs, volume.hostPath.path, volume.hostPath.type ?? "");
  if (volume.configMap !== undefined) {
    const { name = "", items, optional = false } = volume.configMap;
    const map = client.get("ConfigMap", namespace, name);
    if (map === undefined && !optional) return err(`configmap "${name}" not found`);
    return writeFiles(fs, dir("configmap"), map?.data ?? {}, items);
  }
  if (volume.secret !== undefined) {
    const { secretName = "", optional = false } = volume.secret;
    const secret = client.get("Secret", namespace, secretName);
    if (secret === undefined && !optional) return err(`secret "${secretName}" not found`);
    return writeFiles(fs, dir("secret"), secret?.stringData ?? secret?.data ?? {}, undefined);
  }
  if (volume.projected !== undefined) {
    const files = { namespace, token: "flannelgraph: tokens are not modelled", "ca.crt": "" };
    return writeFiles(fs, dir("projected"), files, undefined);
  }
  if (volume.emptyDir !== undefined || volume.downwardAPI !== undefined)
    return writeFiles(fs, dir(volume.emptyDir === undefined ? "downward-api" : "empty-dir"), {}, undefined);
  return err(`volume "${volume.name}": its type is not modelled yet`);
}

/** Prepares every volume on the node. The error is that of MountVolume.SetUp. */
export function setUpVolumes(fs: FileSystem, client: ApiClient, pod: Pod): Result<Volumes, string> {
  const out = new Map<string, string>();
  for (const volume of pod.spec.volumes ?? []) {
    const made = makeVolume(fs, client, pod, volume);
    if (!made.ok) return err(`MountVolume.SetUp failed for volume "${volume.name}" : ${made.error}`);
    out.set(volume.name, made.value);
  }
  return ok(out);
}

export function containerMounts(container: Container, volumes: Volumes): Result<readonly Mount[], string> {
  const out: Mount[] = [];
  for (const mount of container.volumeMounts ?? []) {
    const source = volumes.get(mount.name);
    if (source === undefined) return err(`volume "${mount.name}" not found`);
    out.push({
      containerPath: mount.mountPath,
      hostPath: mount.subPath === undefined ? source : `${source}/${mount.subPath}`,
      readOnly: mount.readOnly ?? false,
    });
  }
  return ok(out);
}
