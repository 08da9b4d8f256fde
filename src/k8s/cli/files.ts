import { utf8Decode } from "../../base/utf8.ts";
import { isList, isRecord, type JsonRecord, jsonText } from "../../formats/json.ts";
import { parseManifest } from "../../formats/manifest.ts";
import type { Task } from "../../sim/task.ts";
import { resolvePath } from "../../userland/os/fs.ts";
import { readAllText } from "../../userland/os/io.ts";
import type { ResourceInfo } from "../api/resources.ts";
import { readUrl } from "./bundled.ts";
import { flag, list } from "./flags.ts";
import { die, plain, type Problem } from "./problem.ts";
import { resourceOf } from "./resolve.ts";
import type { Session } from "./session.ts";

/** One object of a file. */
export interface FileObject {
  readonly resource: ResourceInfo;
  readonly tree: JsonRecord;
  readonly source: string;
}

export const FILE_FLAGS = [list("filename", "f"), flag("recursive", "R")];

const EXTENSIONS = [".json", ".yaml", ".yml"];

/** What the files behind -f hold, in order, and what was wrong in them. Models: cli-runtime resource visitors. */
export function* readFiles(session: Session): Task<{ objects: FileObject[]; problems: Problem[] }> {
  const objects: FileObject[] = [];
  const problems: Problem[] = [];
  for (const name of session.args.list("filename")) {
    for (const { source, text } of yield* open(session, name))
      readText(session, text, source, objects, problems);
  }
  return { objects, problems };
}

interface Source {
  readonly source: string;
  readonly text: string;
}

function* open(session: Session, name: string): Task<readonly Source[]> {
  if (name === "-") return [{ source: "STDIN", text: yield* readAllText(session.process.stdin) }];
  if (/^https?:\/\//.test(name)) return [{ source: name, text: yield* readUrl(name, session.bundled) }];
  const { fs } = session.process.host;
  const path = resolvePath(session.process.cwd, name);
  const stat = fs.stat(path);
  if (stat === undefined) die(`the path "${name}" does not exist`);
  const paths = stat.kind === "directory" ? inDirectory(session, path, name) : [{ path, shown: name }];
  return paths.map(({ path: file, shown }) => {
    const bytes = fs.read(file);
    if (!bytes.ok)
      die(`open ${shown}: ${bytes.error === "EACCES" ? "permission denied" : "no such file or directory"}`);
    return { source: shown, text: utf8Decode(bytes.value) };
  });
}

function inDirectory(session: Session, path: string, shown: string): { path: string; shown: string }[] {
  const { fs } = session.process.host;
  const names = fs.list(path);
  const out: { path: string; shown: string }[] = [];
  for (const name of names.ok ? names.value.toSorted() : []) {
    const below = { path: `${path}/${name}`, shown: `${shown.replace(/\/$/, "")}/${name}` };
    if (fs.stat(below.path)?.kind === "directory") {
      if (session.args.flag("recursive")) out.push(...inDirectory(session, below.path, below.shown));
    } else if (EXTENSIONS.some((extension) => name.endsWith(extension))) out.push(below);
  }
  if (out.length === 0) {
    die(`error reading [${shown}]: recognized file extensions are [${EXTENSIONS.join(" ")}]`);
  }
  return out;
}

function readText(
  session: Session,
  text: string,
  source: string,
  objects: FileObject[],
  problems: Problem[],
): void {
  const manifest = parseManifest(text);
  for (const { value } of manifest.documents) readTree(session, value, source, objects, problems);
  const { error } = manifest;
  if (error === undefined) return;
  const where = `${source}:${error.line}:${error.column}`;
  const hint = `  ${where} (document ${error.document}): ${error.remedy}`;
  const message = error.kubectl.startsWith("json:")
    ? `unable to decode "${source}": ${error.kubectl}`
    : `error parsing ${source}: ${error.kubectl}`;
  problems.push({ ...plain(message), alone: `error: ${message}\n${hint}`, among: `${message}\n${hint}` });
}

function readTree(
  session: Session,
  tree: JsonRecord,
  source: string,
  objects: FileObject[],
  problems: Problem[],
): void {
  const { apiVersion, kind, items } = tree;
  for (const [field, value] of [
    ["Kind", kind],
    ["apiVersion", apiVersion],
  ] as const) {
    if (typeof value === "string" && value !== "") continue;
    problems.push(
      plain(`unable to decode "${source}": Object '${field}' is missing in '${JSON.stringify(tree)}'`),
    );
    return;
  }
  if (kind === "List" && isList(items)) {
    for (const item of items) if (isRecord(item)) readTree(session, item, source, objects, problems);
    return;
  }
  const resource = resourceOf(session.store.resources(), String(apiVersion), String(kind));
  if (resource !== undefined) {
    objects.push({ resource, tree, source });
    return;
  }
  const metadata = isRecord(tree["metadata"]) ? tree["metadata"] : {};
  const [name, namespace] = [jsonText(metadata["name"]), jsonText(metadata["namespace"])];
  const why = `no matches for kind "${String(kind)}" in version "${String(apiVersion)}"`;
  problems.push(
    plain(
      `resource mapping not found for name: "${name}" namespace: "${namespace}" from "${source}": ${why}\nensure CRDs are installed first`,
    ),
  );
}

/** Puts the object into its namespace: its own, or the one that -n names. */
export function inNamespace(session: Session, { resource, tree }: FileObject): JsonRecord {
  if (!resource.namespaced) return tree;
  const metadata = isRecord(tree["metadata"]) ? tree["metadata"] : {};
  const own = metadata["namespace"];
  if (typeof own === "string" && own !== "") {
    if (session.args.has("namespace") && own !== session.namespace) {
      die(
        `the namespace from the provided object "${own}" does not match the namespace "${session.namespace}". ` +
          `You must pass '--namespace=${own}' to perform this operation.`,
      );
    }
    return tree;
  }
  return { ...tree, metadata: { ...metadata, namespace: session.namespace } };
}
