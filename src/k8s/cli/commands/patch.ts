import { utf8Decode } from "../../../base/utf8.ts";
import { isRecord, sameJson } from "../../../formats/json.ts";
import { parseManifest } from "../../../formats/manifest.ts";
import type { Task } from "../../../sim/task.ts";
import { refuse } from "../../../userland/args/exit.ts";
import { resolvePath } from "../../../userland/os/fs.ts";
import { isKind } from "../../api/resources.ts";
import { text } from "../flags.ts";
import { parseOutput, printObjects } from "../output.ts";
import { jsonPatch, mergePatch, strategicPatch } from "../patches.ts";
import { die, type Problem, refused } from "../problem.ts";
import { fetchSelection, type Found, readSelection, shownName } from "../resolve.ts";
import type { Command, Session } from "../session.ts";
import { writeTree, treeOf } from "../write.ts";

const TYPES = ["json", "merge", "strategic"];

function patchText(session: Session): string {
  const { args } = session;
  const inline = args.text("patch");
  const file = args.text("patch-file");
  if (inline !== undefined && file !== undefined) die("cannot specify --patch and --patch-file together");
  if (inline !== undefined && inline !== "") return inline;
  if (file === undefined || file === "")
    die("must specify --patch or --patch-file containing the contents of the patch");
  const bytes = session.process.host.fs.read(resolvePath(session.process.cwd, file));
  return bytes.ok
    ? utf8Decode(bytes.value)
    : die(`unable to read patch file: open ${file}: no such file or directory`);
}

function parsed(input: string): unknown {
  try {
    const tree: unknown = JSON.parse(input);
    return tree;
  } catch {
    const { documents, error } = parseManifest(input);
    const [first] = documents;
    if (error !== undefined || first === undefined)
      die(`unable to parse "${input}": yaml: did not find expected node content`);
    return first.value;
  }
}

function patched(found: Found, patch: unknown, type: string): unknown {
  const tree = treeOf(found.object);
  if (type === "merge") return mergePatch(tree, patch);
  if (type === "strategic") return strategicPatch(tree, patch);
  const result = jsonPatch(tree, patch);
  return result.ok ? result.value : undefined;
}

const UNKNOWN_FORMAT =
  "Error from server (UnsupportedMediaType): the body of the request was in an unknown format - accepted media types include: " +
  "application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml, application/apply-patch+cbor";
const REJECTED = "The request is invalid: the server rejected our request due to an error in our request";

function* one(session: Session, found: Found, patch: unknown, type: string): Task<Problem | undefined> {
  const { resource, object } = found;
  if (type === "strategic" && !isKind(resource.id)) return { among: UNKNOWN_FORMAT, alone: UNKNOWN_FORMAT };
  const tree = patched(found, patch, type);
  if (!isRecord(tree)) return { among: REJECTED, alone: REJECTED };
  const status = session.args.text("subresource") === "status";
  const written = writeTree(session, resource, object, tree, status ? "update-status" : "update");
  if (!written.ok) return refused(written.error);
  const output = parseOutput(session.args.text("output"));
  if (output.kind !== "table") {
    yield* session.print(printObjects([{ resource, object: written.value }], true, output));
    return undefined;
  }
  const note = sameJson(written.value, object) ? "patched (no change)" : "patched";
  yield* session.print(`${shownName(resource, object.metadata.name)} ${note}\n`);
  return undefined;
}

function* run(session: Session): Task<number> {
  const type = (session.args.text("type") ?? "strategic").toLowerCase();
  if (!TYPES.includes(type)) die(`--type must be one of [${TYPES.join(" ")}], not "${type}"`);
  const subresource = session.args.text("subresource") ?? "status";
  if (subresource !== "status") refuse(`kubectl patch --subresource=${subresource}`);
  const patch = parsed(patchText(session));
  yield* session.request();
  const selection = readSelection(session, session.args.operands);
  if (selection.kind === "lists") die("resource(s) were provided, but no name was specified");
  const { found, problems } = fetchSelection(session, selection);
  const all: Problem[] = [...problems];
  for (const each of found) {
    yield* session.request();
    const problem = yield* one(session, each, patch, type);
    if (problem !== undefined) all.push(problem);
  }
  return yield* session.finish(all);
}

export const patch: Command = {
  name: "patch",
  use: "patch (-f FILENAME | TYPE NAME) [-p PATCH|--patch-file FILE]",
  short: "Update fields of a resource",
  flags: [
    text("patch", "p"),
    text("patch-file"),
    text("type"),
    text("subresource"),
    text("output", "o"),
    text("field-manager"),
  ],
  refused: "filename f recursive R kustomize k dry-run local template show-managed-fields",
  run,
};
