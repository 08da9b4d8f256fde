import * as v from "valibot";
import { err, ok, type Result } from "../../base/result.ts";
import { en, type TextKey } from "../i18n/en.ts";
import { enLate } from "../i18n/en-late.ts";
import type { Deed } from "../model/deeds.ts";
import { LEVELS } from "../model/hops.ts";
import { PROBES, REPEATS } from "../model/probe.ts";
import type { Moment } from "./fragment.ts";
import { packJson, type ShareProblem, unpackJson } from "./share.ts";

/** Deeds that a link may carry, and letters of one of them. */
const MOST_DEEDS = 5_000;
const LONGEST_TEXT = 40_000;
/** A hundred days of virtual time, in nanoseconds that a number still holds exactly. */
const LONGEST_WAIT = 8.64e15;
/** The largest list of deeds that is read, in bytes of its JSON. */
const LARGEST = 4_000_000;

const text = v.pipe(v.string(), v.maxLength(LONGEST_TEXT));
const upTo = (most: number) => v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(most));
const count = upTo(1e9);
const size = v.pipe(upTo(1000), v.minValue(1));
/** Words of this page only: a link does not bring its own. */
const label = v.custom<TextKey>(
  (key) => typeof key === "string" && key.startsWith("break.") && (key in en || key in enLate),
);
const values = v.record(v.pipe(v.string(), v.maxLength(40)), v.union([text, v.number()]));

/** Compact: a deed is a list whose first letter tells its kind. */
const deedSchema = v.union([
  v.strictTuple([v.literal("p"), count]),
  v.strictTuple([v.literal("q"), text, v.picklist(PROBES), text, v.nullable(v.picklist(REPEATS))]),
  v.strictTuple([v.literal("t"), text, text]),
  v.strictTuple([v.literal("b"), text, text, label, values, v.nullable(text)]),
  v.strictTuple([v.literal("m"), text, text]),
  v.strictTuple([v.literal("w"), upTo(LONGEST_WAIT)]),
  v.strictTuple([v.literal("o"), count, text, size, size]),
  v.strictTuple([v.literal("i"), count, text]),
  v.strictTuple([v.literal("r"), count, size, size]),
  v.strictTuple([v.literal("c"), count]),
]);
type Packed = v.InferOutput<typeof deedSchema>;

const schema = v.strictObject({
  d: v.pipe(v.array(deedSchema), v.maxLength(MOST_DEEDS)),
  /** The story: of a deed, or of a sender between two records; then turn and hop. */
  s: v.nullable(
    v.union([
      v.strictTuple([count, count, count]),
      v.strictTuple([count, count, text, v.nullable(text), count, count]),
    ]),
  ),
  l: v.picklist(LEVELS),
});

function pack(deed: Deed): Packed {
  switch (deed.kind) {
    case "prepared":
      return ["p", deed.number];
    case "ask":
      return ["q", deed.from, deed.probe, deed.target, deed.repeat ?? null];
    case "wait":
      return ["w", deed.nanos];
    case "type": {
      const { at, command, breaks, mends } = deed;
      if (breaks !== undefined) return ["b", at, command, breaks.label, breaks.values, breaks.undo ?? null];
      return [mends === true ? "m" : "t", at, command];
    }
    case "terminal": {
      const { terminal, action } = deed;
      if (action.kind === "open") return ["o", terminal, action.at, action.columns, action.rows];
      if (action.kind === "input") return ["i", terminal, action.text];
      return action.kind === "resize" ? ["r", terminal, action.columns, action.rows] : ["c", terminal];
    }
  }
}

function unpack(packed: Packed): Deed {
  switch (packed[0]) {
    case "p":
      return { kind: "prepared", number: packed[1] };
    case "q": {
      const [, from, probe, target, repeat] = packed;
      return { kind: "ask", from, probe, target, repeat: repeat ?? undefined };
    }
    case "t":
      return { kind: "type", at: packed[1], command: packed[2] };
    case "m":
      return { kind: "type", at: packed[1], command: packed[2], mends: true };
    case "b": {
      const [, at, command, words, filled, undo] = packed;
      return { kind: "type", at, command, breaks: { label: words, values: filled, undo: undo ?? undefined } };
    }
    case "w":
      return { kind: "wait", nanos: packed[1] };
    case "o": {
      const [, terminal, at, columns, rows] = packed;
      return { kind: "terminal", terminal, action: { kind: "open", at, columns, rows } };
    }
    case "i":
      return { kind: "terminal", terminal: packed[1], action: { kind: "input", text: packed[2] } };
    case "r": {
      const [, terminal, columns, rows] = packed;
      return { kind: "terminal", terminal, action: { kind: "resize", columns, rows } };
    }
    case "c":
      return { kind: "terminal", terminal: packed[1], action: { kind: "close" } };
  }
}

/** The text in which a moment travels. */
export function encodeMoment({ deeds, story, level }: Moment): Promise<string> {
  const s =
    story === undefined
      ? null
      : story.kind === "deed"
        ? [story.deed, story.turn, story.hop]
        : [story.from, story.to, story.sender, story.program ?? null, story.turn, story.hop];
  return packJson({ d: deeds.map(pack), s, l: level });
}

/** Reads what came in a link. Nothing but what the page itself writes is taken over. */
export async function decodeMoment(payload: string): Promise<Result<Moment, ShareProblem>> {
  const json = await unpackJson(payload, LARGEST);
  if (!json.ok) return json;
  const read = v.safeParse(schema, json.value);
  if (!read.success) return err({ reason: "shape", detail: v.getDotPath(read.issues[0]) ?? "" });
  const { d, s, l } = read.output;
  return ok({ deeds: d.map(unpack), story: s === null ? undefined : storyOf(s), level: l });
}

function storyOf(s: NonNullable<v.InferOutput<typeof schema>["s"]>): Moment["story"] {
  if (s.length === 3) return { kind: "deed", deed: s[0], turn: s[1], hop: s[2] };
  const [from, to, sender, program, turn, hop] = s;
  return { kind: "records", from, to, sender, program: program ?? undefined, turn, hop };
}
