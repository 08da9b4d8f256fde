import { err, ok, type Result } from "../../base/result.ts";
import { fsErrorText, makeDirectories, writeText } from "../../container/files.ts";
import type { Mount } from "../../container/runtime/types.ts";
import type { FileSystem } from "../../userland/os/fs.ts";
import type { Container, KeyToPath, Pod, Volume, VolumeProjection } from "../api/index.ts";
import { type DownwardContext, podField, resourceField } from "./downward.ts";
import { decodedTexts } from "./environment.ts";

export function podDir(pod: Pod): string {
  return `/var/lib/kubelet/pods/${pod.metadata.uid}`;
}

/** Name of a volume to the node's path that holds it. */
export type Volumes = ReadonlyMap<string, string>;

/** Files of a volume: path to text. */
type Files = Readonly<Record<string, string>>;

/** Checks a hostPath against its type, and makes what the type asks for. Models: pkg/volume/hostpath. */
function hostPath(fs: FileSystem, given: string, type: string): Result<string, string> {
  const path = given.replace(/(.)\/+$/, "$1");
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

function writeFiles(fs: FileSystem, dir: string, files: Files): Result<string, string> {
  const made = makeDirectories(fs, dir);
  if (!made.ok) return err(`mkdir ${dir}: ${fsErrorText(made.error)}`);
  for (const [path, text] of Object.entries(files)) {
    const slash = path.lastIndexOf("/");
    if (slash > 0) makeDirectories(fs, `${dir}/${path.slice(0, slash)}`);
    writeText(fs, `${dir}/${path}`, text);
  }
  return ok(dir);
}

/** All of the data, or the wanted keys under the wanted names. */
function chosen(
  data: Readonly<Record<string, string>>,
  items: readonly KeyToPath[] | undefined,
  optional: boolean,
): Result<Files, string> {
  if (items === undefined) return ok(data);
  const files: Record<string, string> = {};
  for (const { key, path } of items) {
    const text = data[key];
    if (text === undefined && !optional) return err(`references non-existent config key: ${key}`);
    if (text !== undefined) files[path] = text;
  }
  return ok(files);
}

function configMapFiles(
  source: NonNullable<VolumeProjection["configMap"]>,
  { client, pod }: DownwardContext,
): Result<Files, string> {
  const { name = "", items, optional = false } = source;
  const map = client.get("ConfigMap", pod.metadata.namespace ?? "default", name);
  if (map === undefined && !optional) return err(`configmap "${name}" not found`);
  return chosen({ ...decodedTexts(map?.binaryData), ...map?.data }, items, optional);
}

function secretFiles(
  name: string,
  items: readonly KeyToPath[] | undefined,
  optional: boolean,
  { client, pod }: DownwardContext,
): Result<Files, string> {
  const secret = client.get("Secret", pod.metadata.namespace ?? "default", name);
  if (secret === undefined && !optional) return err(`secret "${name}" not found`);
  return chosen(decodedTexts(secret?.data), items, optional);
}

function downwardFiles(
  items: NonNullable<VolumeProjection["downwardAPI"]>["items"],
  context: DownwardContext,
): Result<Files, string> {
  const files: Record<string, string> = {};
  for (const { path, fieldRef, resourceFieldRef } of items ?? []) {
    const text =
      fieldRef === undefined
        ? resourceFieldRef && resourceField(resourceFieldRef, undefined, context)
        : podField(fieldRef.fieldPath, context);
    if (text === undefined) return err(`unsupported fieldPath: ${fieldRef?.fieldPath ?? path}`);
    files[path] = text;
  }
  return ok(files);
}

const TOKEN = "flannelgraph: tokens are not modelled";

function projectedFiles(
  sources: readonly VolumeProjection[],
  context: DownwardContext,
): Result<Files, string> {
  let files: Files = {};
  for (const { configMap, secret, downwardAPI, serviceAccountToken } of sources) {
    let more: Result<Files, string> = ok({});
    if (configMap !== undefined) more = configMapFiles(configMap, context);
    else if (secret !== undefined)
      more = secretFiles(secret.name ?? "", secret.items, secret.optional ?? false, context);
    else if (downwardAPI !== undefined) more = downwardFiles(downwardAPI.items, context);
    else if (serviceAccountToken !== undefined) more = ok({ [serviceAccountToken.path]: TOKEN });
    else return err("a source of a projected volume is not modelled yet");
    if (!more.ok) return more;
    files = { ...files, ...more.value };
  }
  return ok(files);
}

/** The directory that the volume of a bound claim is. Models: pkg/volume/local and hostpath behind a PersistentVolume. */
function claimPath(
  fs: FileSystem,
  claimName: string,
  { client, pod }: DownwardContext,
): Result<string, string> {
  const claim = client.get("PersistentVolumeClaim", pod.metadata.namespace ?? "default", claimName);
  if (claim === undefined) return err(`persistentvolumeclaim "${claimName}" not found`);
  const volume = client.get("PersistentVolume", "", claim.spec.volumeName ?? "");
  if (volume === undefined) return err(`PVC ${claimName} is not bound`);
  const { hostPath: onHost, local } = volume.spec;
  if (onHost !== undefined) return hostPath(fs, onHost.path, onHost.type ?? "");
  if (local !== undefined) return hostPath(fs, local.path, "Directory");
  return err(`volume "${volume.metadata.name}": its type is not modelled yet`);
}

function makeVolume(fs: FileSystem, context: DownwardContext, volume: Volume): Result<string, string> {
  const dir = (plugin: string): string =>
    `${podDir(context.pod)}/volumes/kubernetes.io~${plugin}/${volume.name}`;
  const written = (plugin: string, files: Result<Files, string>): Result<string, string> =>
    files.ok ? writeFiles(fs, dir(plugin), files.value) : files;
  const { configMap, secret, projected, downwardAPI, persistentVolumeClaim, emptyDir } = volume;
  if (volume.hostPath !== undefined) return hostPath(fs, volume.hostPath.path, volume.hostPath.type ?? "");
  if (configMap !== undefined) return written("configmap", configMapFiles(configMap, context));
  if (secret !== undefined) {
    const { secretName = "", items, optional = false } = secret;
    return written("secret", secretFiles(secretName, items, optional, context));
  }
  if (projected !== undefined) return written("projected", projectedFiles(projected.sources ?? [], context));
  if (downwardAPI !== undefined) return written("downward-api", downwardFiles(downwardAPI.items, context));
  if (persistentVolumeClaim !== undefined) return claimPath(fs, persistentVolumeClaim.claimName, context);
  if (emptyDir !== undefined) return writeFiles(fs, dir("empty-dir"), {});
  return err(`volume "${volume.name}": its type is not modelled yet`);
}

/** Prepares every volume on the node. The error is that of MountVolume.SetUp. */
export function setUpVolumes(fs: FileSystem, context: DownwardContext): Result<Volumes, string> {
  const out = new Map<string, string>();
  for (const volume of context.pod.spec.volumes ?? []) {
    const made = makeVolume(fs, context, volume);
    if (!made.ok) return err(`MountVolume.SetUp failed for volume "${volume.name}" : ${made.error}`);
    out.set(volume.name, made.value);
  }
  return ok(out);
}

export function containerMounts(
  fs: FileSystem,
  container: Container,
  volumes: Volumes,
): Result<readonly Mount[], string> {
  const out: Mount[] = [];
  for (const mount of container.volumeMounts ?? []) {
    const source = volumes.get(mount.name);
    if (source === undefined) return err(`volume "${mount.name}" not found`);
    const path = mount.subPath === undefined ? source : `${source}/${mount.subPath}`;
    // The kubelet makes the directory of a subPath that is not there.
    if (fs.stat(path) === undefined) makeDirectories(fs, path);
    out.push({
      containerPath: mount.mountPath,
      hostPath: path,
      readOnly: mount.readOnly ?? false,
    });
  }
  return ok(out);
}
