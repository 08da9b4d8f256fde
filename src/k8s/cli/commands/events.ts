import type { Task } from "../../../sim/task.ts";
import { type ApiEvent, age, parseTimestamp } from "../../api/index.ts";
import { flag, text } from "../flags.ts";
import { parseOutput, printObjects } from "../output.ts";
import { layout } from "../print-table.ts";
import { die } from "../problem.ts";
import { findResource, resourceNamed } from "../resolve.ts";
import type { Command, Session } from "../session.ts";

/** What --for names: `pod/web`. */
function subject(session: Session): { readonly kind: string; readonly name: string } | undefined {
  const word = session.args.text("for");
  if (word === undefined) return undefined;
  const [type = "", name, ...rest] = word.split("/");
  if (name === undefined || rest.length > 0) die("--for must be in resource/name form");
  return { kind: resourceNamed(session, type).kind, name };
}

/** `30s (x4 over 2m)`. Models: kubectl pkg/cmd/events getInterval. */
function interval({ count = 1, firstTimestamp, lastTimestamp }: ApiEvent, session: Session): string {
  const last = age(lastTimestamp, session.now);
  return count > 1 ? `${last} (x${count} over ${age(firstTimestamp, session.now)})` : last;
}

function* run(session: Session): Task<number> {
  yield* session.request();
  const about = subject(session);
  const types = (session.args.text("types") ?? "").split(",").filter((type) => type !== "");
  const scope = session.allNamespaces ? {} : { namespace: session.namespace };
  const events = session.client
    .list("Event", scope)
    .filter(
      ({ involvedObject: { kind, name }, type = "" }) =>
        (about === undefined || (kind === about.kind && name === about.name)) &&
        (types.length === 0 || types.some((each) => each.toLowerCase() === type.toLowerCase())),
    )
    .toSorted(
      (a, b) => (parseTimestamp(a.lastTimestamp ?? "") ?? 0) - (parseTimestamp(b.lastTimestamp ?? "") ?? 0),
    );
  const output = parseOutput(session.args.text("output"));
  const resource = findResource(session.store.resources(), "events");
  if (output.kind !== "table" && resource !== undefined) {
    yield* session.print(
      printObjects(
        events.map((object) => ({ resource, object })),
        false,
        output,
      ),
    );
    return 0;
  }
  if (events.length === 0) {
    const where = session.allNamespaces ? "" : ` in ${session.namespace} namespace`;
    yield* session.note(session.allNamespaces ? "No events found.\n" : `No events found${where}.\n`);
    return 0;
  }
  const withNamespace = session.allNamespaces ? ["NAMESPACE"] : [];
  const head = [...withNamespace, "LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"];
  const rows = events.map((event) => [
    ...(session.allNamespaces ? [event.metadata.namespace ?? ""] : []),
    interval(event, session),
    event.type ?? "",
    event.reason ?? "",
    `${event.involvedObject.kind ?? ""}/${event.involvedObject.name ?? ""}`,
    (event.message ?? "").trim(),
  ]);
  yield* session.print(layout([...(session.args.flag("no-headers") ? [] : [head]), ...rows]));
  return 0;
}

export const events: Command = {
  name: "events",
  use: "events [(-o|--output=)json|yaml|name|go-template|go-template-file|template|templatefile|jsonpath|jsonpath-as-json|jsonpath-file] [--for TYPE/NAME] [--watch] [--types=Normal,Warning]",
  short: "List events",
  flags: [text("for"), text("types"), text("output", "o"), flag("all-namespaces", "A"), flag("no-headers")],
  refused: "watch w chunk-size template show-managed-fields",
  run,
};
