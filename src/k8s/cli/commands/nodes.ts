import type { Task } from "../../../sim/task.ts";
import type { Node, Taint } from "../../api/index.ts";
import { isA } from "../../api/types.ts";
import { flag, text } from "../flags.ts";
import { die, plain, type Problem, refused, usage } from "../problem.ts";
import { fetchSelection, readSelection } from "../resolve.ts";
import type { Command, Session } from "../session.ts";

function* nodesOf(
  session: Session,
  operands: readonly string[],
): Task<{ nodes: Node[]; problems: Problem[] }> {
  yield* session.request();
  const { found, problems } = fetchSelection(session, readSelection(session, operands));
  return {
    nodes: found.flatMap(({ object }) => (isA("Node", object) ? [object] : [])),
    problems: [...problems],
  };
}

/** Cordons or uncordons the nodes that the operands or -l name, and says so. */
export function* cordonNodes(
  session: Session,
  unschedulable: boolean,
): Task<{ nodes: readonly Node[]; problems: Problem[] }> {
  const word = unschedulable ? "cordoned" : "uncordoned";
  const names = session.args.operands.map((name) => name.replace(/^nodes?\//, ""));
  const { nodes, problems } = yield* nodesOf(session, ["nodes", ...names]);
  for (const { metadata, spec } of nodes) {
    if ((spec?.unschedulable === true) === unschedulable) {
      yield* session.print(`node/${metadata.name} already ${word}\n`);
      continue;
    }
    const done = session.client.modify("Node", "", metadata.name, (now) => {
      const { unschedulable: _, ...rest } = now.spec ?? {};
      return { ...now, spec: unschedulable ? { ...rest, unschedulable } : rest };
    });
    if (done.ok) yield* session.print(`node/${metadata.name} ${word}\n`);
    else problems.push(refused(done.error));
  }
  return { nodes, problems };
}

function* cordonTo(session: Session, unschedulable: boolean): Task<number> {
  if (session.args.operands.length === 0 && !session.args.has("selector")) {
    usage(session.command, `USAGE: ${session.command} NODE [flags]`);
  }
  const { problems } = yield* cordonNodes(session, unschedulable);
  return yield* session.finish(problems);
}

const CORDON_FLAGS = [text("selector", "l")];

export const cordon: Command = {
  name: "cordon",
  use: "cordon NODE",
  short: "Mark node as unschedulable",
  flags: CORDON_FLAGS,
  refused: "dry-run",
  run: (session) => cordonTo(session, true),
};

export const uncordon: Command = {
  name: "uncordon",
  use: "uncordon NODE",
  short: "Mark node as schedulable",
  flags: CORDON_FLAGS,
  refused: "dry-run",
  run: (session) => cordonTo(session, false),
};

const EFFECTS = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

interface TaintChange {
  readonly key: string;
  readonly value: string;
  /** Empty: every effect. */
  readonly effect: string;
  readonly removes: boolean;
}

/** `key=value:Effect`, `key:Effect`, and with a - at the end to take it away. */
function readTaint(word: string): TaintChange | undefined {
  const removes = word.endsWith("-");
  const m = /^([^=:]+)(?:=([^:]*))?(?::([A-Za-z]+))?$/.exec(removes ? word.slice(0, -1) : word);
  if (m === null) return undefined;
  const [, key = "", value = "", effect = ""] = m;
  if (effect === "" ? !removes : !EFFECTS.includes(effect)) return undefined;
  return { key, value, effect, removes };
}

function isTaintWord(word: string): boolean {
  return /[:=]/.test(word) || word.endsWith("-");
}

function applyTaints(taints: readonly Taint[], changes: readonly TaintChange[]): readonly Taint[] {
  let out = taints;
  for (const { key, value, effect, removes } of changes) {
    out = out.filter((taint) => taint.key !== key || (effect !== "" && taint.effect !== effect));
    if (!removes) out = [{ key, effect, ...(value === "" ? {} : { value }) }, ...out];
  }
  return out;
}

/** What keeps the changes from being made, as kubectl words it. */
function objection(node: Node, changes: readonly TaintChange[], overwrite: boolean): string | undefined {
  const taints = node.spec?.taints ?? [];
  const same = (change: TaintChange): boolean =>
    taints.some(
      (taint) => taint.key === change.key && (change.effect === "" || taint.effect === change.effect),
    );
  const absent = changes.find((change) => change.removes && !same(change));
  if (absent !== undefined)
    return `taint "${absent.key}${absent.effect === "" ? "" : `:${absent.effect}`}" not found`;
  const taken = changes.find((change) => !change.removes && same(change));
  return taken !== undefined && !overwrite
    ? `node ${node.metadata.name} already has ${taken.key} taint(s) with same effect(s) and --overwrite is false`
    : undefined;
}

function* runTaint(session: Session): Task<number> {
  const { operands } = session.args;
  const first = operands.findIndex((word, i) => i > 0 && isTaintWord(word));
  const [type = ""] = operands;
  if (!["node", "nodes", "no"].includes(type))
    die(`invalid resource type ${type}, only node(s) is supported`);
  if (first < 0) die("at least one taint update is required");
  const changes = operands.slice(first).map((word) => readTaint(word) ?? die(`invalid taint spec: ${word}`));
  const names = operands.slice(1, first);
  if (names.length === 0 && !session.args.flag("all") && !session.args.has("selector"))
    die("at least one resource name must be specified");
  const { nodes, problems } = yield* nodesOf(session, ["nodes", ...names]);
  for (const node of nodes) {
    const { name } = node.metadata;
    const problem = objection(node, changes, session.args.flag("overwrite"));
    if (problem !== undefined) {
      problems.push(plain(problem));
      continue;
    }
    const done = session.client.modify("Node", "", name, (now) => {
      const { taints = [], ...rest } = now.spec ?? {};
      const next = applyTaints(taints, changes);
      return { ...now, spec: next.length === 0 ? rest : { ...rest, taints: next } };
    });
    if (!done.ok) problems.push(refused(done.error));
    else
      yield* session.print(
        `node/${name} ${changes.every(({ removes }) => removes) ? "untainted" : changes.some(({ removes }) => removes) ? "modified" : "tainted"}\n`,
      );
  }
  return yield* session.finish(problems);
}

export const taint: Command = {
  name: "taint",
  use: "taint NODE NAME KEY_1=VAL_1:TAINT_EFFECT_1 ... KEY_N=VAL_N:TAINT_EFFECT_N",
  short: "Update the taints on one or more nodes",
  flags: [flag("overwrite"), flag("all"), text("selector", "l")],
  refused: "dry-run output o validate template show-managed-fields field-manager",
  run: runTaint,
};
