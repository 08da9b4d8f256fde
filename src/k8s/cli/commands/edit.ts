import { utf8Decode, utf8Encode } from "../../../base/utf8.ts";
import { isRecord, sameJson } from "../../../formats/json.ts";
import { parseManifest } from "../../../formats/manifest.ts";
import { printYaml } from "../../../formats/yaml-print.ts";
import type { Task } from "../../../sim/task.ts";
import { refuse } from "../../../userland/args/exit.ts";
import { forkProgram } from "../../../userland/os/exec.ts";
import type { Process } from "../../../userland/os/process.ts";
import { text } from "../flags.ts";
import { die, type Problem, refused } from "../problem.ts";
import { fetchSelection, readSelection, shownName } from "../resolve.ts";
import type { Command, Session } from "../session.ts";
import { treeOf, writeTree } from "../write.ts";

const HEAD = `# Please edit the object below. Lines beginning with a '#' will be ignored,
# and an empty file will abort the edit. If an error occurs while saving this file will be
# reopened with the relevant failures.
#
`;

/** Whatever changes a file named behind it can be the editor: `EDITOR='sed -i s/a/b/'`. Models: kubectl pkg/cmd/edit. */
function* run(session: Session): Task<number> {
  const { env, host } = session.process;
  const editor = env.get("KUBE_EDITOR") ?? env.get("EDITOR") ?? "";
  if (editor === "") refuse("kubectl edit without KUBE_EDITOR or EDITOR (there is no vi here)");
  yield* session.request();
  const selection = readSelection(session, session.args.operands);
  const { found, problems } = fetchSelection(session, selection);
  const all: Problem[] = [...problems];
  for (const { resource, object } of found) {
    const tree = treeOf(object);
    const path = `/tmp/kubectl-edit-${host.random.text(10, "0123456789")}.yaml`;
    const before = HEAD + printYaml(tree);
    host.fs.write(path, utf8Encode(before), "truncate");
    const argv = ["sh", "-c", `${editor} ${path}`];
    const status = yield* child(session.process, argv);
    const read = host.fs.read(path);
    host.fs.remove(path);
    if (status !== 0) die(`there was a problem with the editor "${editor}"`);
    const edited = read.ok ? utf8Decode(read.value) : "";
    if (edited === before) {
      yield* session.note("Edit cancelled, no changes made.\n");
      continue;
    }
    const value = parseManifest(edited).documents[0]?.value;
    if (!isRecord(value)) {
      yield* session.note("Edit cancelled, saved file was empty.\n");
      continue;
    }
    if (sameJson(value, tree)) {
      yield* session.note("Edit cancelled, no changes made.\n");
      continue;
    }
    const written = writeTree(session, resource, object, value);
    if (written.ok) yield* session.print(`${shownName(resource, object.metadata.name)} edited\n`);
    else all.push(refused(written.error));
  }
  return yield* session.finish(all);
}

/** kubectl goes on when the editor has ended. */
function* child(process: Process, argv: readonly string[]): Task<number> {
  const editor = forkProgram(process, argv);
  return editor === undefined ? 127 : yield* editor.wait();
}

export const edit: Command = {
  name: "edit",
  use: "edit (RESOURCE/NAME | -f FILENAME)",
  short: "Edit a resource on the server",
  flags: [text("output", "o"), text("field-manager")],
  refused: "filename f subresource output-patch save-config windows-line-endings",
  run,
};
