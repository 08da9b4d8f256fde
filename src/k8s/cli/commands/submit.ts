import { sortedJson } from "../../../formats/json.ts";
import { printYaml } from "../../../formats/yaml-print.ts";
import type { Task } from "../../../sim/task.ts";
import { fail, refuse } from "../../../userland/args/exit.ts";
import type { ApiError } from "../../api/index.ts";
import type { AnyDraft, AnyObject } from "../../api/types.ts";
import { optional, text } from "../flags.ts";
import { parseOutput, printObjects } from "../output.ts";
import { problemText, refused } from "../problem.ts";
import { resourceOf, shownName } from "../resolve.ts";
import type { Session } from "../session.ts";

/** The flags of every command that makes an object out of its arguments. */
export const SUBMIT_FLAGS = [text("output", "o"), optional("dry-run", "unchanged"), text("field-manager")];

function draftText(draft: AnyDraft, kind: string): string {
  if (kind === "yaml") return printYaml(draft);
  if (kind === "json") return `${JSON.stringify(sortedJson(draft), null, 4)}\n`;
  refuse(`kubectl --dry-run=client -o ${kind}`);
}

/** How a command words the server's refusal: as the server does, or behind a sentence of its own. */
export type Wording = (error: ApiError) => string;

const asServer: Wording = (error) => problemText([refused(error)]);

/** `error: failed to create deployment: deployments.apps "web" already exists`. */
export function failedTo(what: string): Wording {
  return ({ message }) => `error: failed to ${what}: ${message}\n`;
}

/** Creates what a command made of its arguments and says so, or only shows it (--dry-run=client). */
export function* submit(
  session: Session,
  draft: AnyDraft,
  options: { readonly verb?: string; readonly wording?: Wording } = {},
): Task<AnyObject | undefined> {
  const { verb = "created", wording = asServer } = options;
  const resource = resourceOf(session.store.resources(), draft.apiVersion, draft.kind);
  if (resource === undefined) refuse(`kubectl ${session.command} of ${draft.kind}`);
  const output = parseOutput(session.args.text("output"));
  const dry = session.args.text("dry-run") ?? "none";
  if (dry !== "none" && dry !== "client") refuse(`kubectl ${session.command} --dry-run=${dry}`);
  if (dry === "client") {
    const shown = shownName(resource, draft.metadata.name ?? "");
    yield* session.print(
      output.kind === "table" ? `${shown} ${verb} (dry run)\n` : draftText(draft, output.kind),
    );
    return undefined;
  }
  yield* session.request();
  const made = session.store.create(session.client.actor, resource.id, draft);
  if (!made.ok) fail(1, wording(made.error));
  if (resource.inert)
    yield* session.warn(`flannelgraph keeps ${resource.kind} objects, but nothing acts on them here`);
  yield* session.print(
    output.kind === "table"
      ? `${shownName(resource, made.value.metadata.name)} ${verb}\n`
      : printObjects([{ resource, object: made.value }], true, output),
  );
  return made.value;
}
