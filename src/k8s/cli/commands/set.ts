import { sameJson } from "../../../formats/json.ts";
import type { Task } from "../../../sim/task.ts";
import { refuse } from "../../../userland/args/exit.ts";
import { flag, text } from "../flags.ts";
import { die, plain, type Problem, refused } from "../problem.ts";
import { fetchSelection, type Found, readSelection, shownName } from "../resolve.ts";
import type { Command, Session } from "../session.ts";
import { treeOf, withContainers, withTemplate, writeTree } from "../write.ts";

type Images = ReadonlyMap<string, string>;

function readImages(words: readonly string[]): {
  readonly targets: readonly string[];
  readonly images: Images;
} {
  const targets = words.filter((word) => !word.includes("="));
  const images = new Map(
    words
      .filter((word) => word.includes("="))
      .map((word): [string, string] => {
        const at = word.indexOf("=");
        return [word.slice(0, at), word.slice(at + 1)];
      }),
  );
  return { targets, images };
}

function* setImage(session: Session, found: Found, images: Images): Task<readonly Problem[]> {
  const { resource, object } = found;
  const problems: Problem[] = [];
  const used = new Set<string>();
  const next = withTemplate(object, (template) =>
    withContainers(template, (container) => {
      const name = String(container["name"]);
      const image = images.get(name) ?? images.get("*");
      if (image === undefined) return container;
      used.add(name);
      return { ...container, image };
    }),
  );
  const shown = shownName(resource, object.metadata.name);
  if (next === undefined) return [plain(`${shown} the object is not a pod or does not have a pod template`)];
  for (const name of images.keys())
    if (name !== "*" && !used.has(name)) problems.push(plain(`unable to find container named "${name}"`));
  if (problems.length > 0 || sameJson(next, treeOf(object))) return problems;
  const written = writeTree(session, resource, object, next);
  if (!written.ok) return [refused(written.error, "failed to patch image update to pod template: ")];
  yield* session.print(`${shown} image updated\n`);
  return problems;
}

function* run(session: Session): Task<number> {
  const [what = "", ...words] = session.args.operands;
  if (what !== "image") refuse(`kubectl set ${what}`.trimEnd());
  const { targets, images } = readImages(words);
  if (targets.length === 0)
    die("one or more resources must be specified as <resource> <name> or <resource>/<name>");
  if (images.size === 0) die("at least one image update is required");
  yield* session.request();
  const { found, problems } = fetchSelection(session, readSelection(session, targets));
  const all: Problem[] = [...problems];
  for (const each of found) all.push(...(yield* setImage(session, each, images)));
  return yield* session.finish(all);
}

export const set: Command = {
  name: "set",
  use: "set image (-f FILENAME | TYPE NAME) CONTAINER_NAME_1=CONTAINER_IMAGE_1 ... CONTAINER_NAME_N=CONTAINER_IMAGE_N",
  short: "Set specific features on objects",
  flags: [flag("all"), text("selector", "l"), text("field-manager")],
  refused: "filename f recursive R kustomize k dry-run local output o template show-managed-fields record",
  run,
};
