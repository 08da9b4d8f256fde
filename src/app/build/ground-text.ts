import * as v from "valibot";
import { isNode, LineCounter, parseDocument, stringify } from "yaml";
import { isRecord } from "../../formats/json.ts";
import { parseManifest } from "../../formats/manifest.ts";
import { CLIPBOARD_VERSION } from "../../scenario/edit/duplicate.ts";
import { changeMachine, NO_GROUND } from "../../scenario/edit/ground.ts";
import type { Scenario } from "../../scenario/schema.ts";
import { machinesSchema, underlaySchema } from "../../scenario/underlay.ts";
import type { TextProblem } from "./check-text.ts";

/** What lies below the cluster as text: a machine, or the switches and cables with the nodes' plugs. */

type Kind = "Machine" | "Underlay";

/** What the schema fills in by itself is left away. */
function written(spec: object): object {
  return Object.fromEntries(
    Object.entries(spec).filter(([, value]) => !(Array.isArray(value) && value.length === 0)),
  );
}

function textOf(kind: Kind, spec: object): string {
  return stringify({ apiVersion: CLIPBOARD_VERSION, kind, spec: written(spec) }, { indentSeq: false });
}

/** The text of a machine; undefined when there is none of this name. */
export function machineText({ machines = [] }: Scenario, name: string): string | undefined {
  const machine = machines.find((each) => each.name === name);
  if (machine === undefined) return undefined;
  return textOf("Machine", { ...machine, interfaces: machine.interfaces.map(written) });
}

export function underlayText({ underlay = NO_GROUND }: Scenario): string {
  return textOf("Underlay", { ...underlay, nodes: underlay.nodes.map(written) });
}

/** YAML 1.2, in which `on` is a word like others: for kubectl it would mean true. */
function specOf(text: string): unknown {
  const value: unknown = parseDocument(text).toJS();
  return isRecord(value) ? value["spec"] : undefined;
}

const readMachine = (text: string) => v.safeParse(v.pipe(machinesSchema, v.length(1)), [specOf(text)]);
const readUnderlay = (text: string) => v.safeParse(underlaySchema, specOf(text));

/** The line of the value that a path of keys leads to, or of the last part of it that is there. */
function lineOf(text: string, path: readonly (string | number)[]): number {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter });
  for (let length = path.length; length > 0; length--) {
    const node: unknown = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return counter.linePos(node.range[0]).line;
  }
  return 1;
}

function problems(text: string, issues: readonly v.BaseIssue<unknown>[] | undefined): readonly TextProblem[] {
  return (issues ?? []).map((issue) => {
    const keys = (issue.path ?? []).map(({ key }) => (typeof key === "number" ? key : String(key)));
    // A machine is read as the only one of a list.
    const inSpec = typeof keys[0] === "number" ? keys.slice(1) : keys;
    const where = inSpec.join(".");
    return {
      line: lineOf(text, ["spec", ...inSpec]),
      message: `${where === "" ? "" : `${where}: `}${issue.message}`,
    };
  });
}

function check(
  text: string,
  read: (text: string) => { readonly issues?: readonly v.BaseIssue<unknown>[] | undefined },
): readonly TextProblem[] {
  const { error } = parseManifest(text);
  if (error !== undefined) return [{ line: error.line, message: `${error.kubectl}: ${error.remedy}` }];
  return problems(text, read(text).issues);
}

export const checkMachine = (text: string): readonly TextProblem[] => check(text, readMachine);
export const checkUnderlay = (text: string): readonly TextProblem[] => check(text, readUnderlay);

/** The document with the machine as its text has it; as it was when that cannot be read. */
export function withMachineText(scenario: Scenario, name: string, text: string): Scenario {
  const read = readMachine(text);
  const [machine] = read.success ? read.output : [];
  return machine === undefined ? scenario : changeMachine(scenario, name, () => machine);
}

export function withUnderlayText(scenario: Scenario, text: string): Scenario {
  const read = readUnderlay(text);
  return read.success ? { ...scenario, underlay: read.output } : scenario;
}

/** What the text calls its machine. */
export function nameIn(text: string): string | undefined {
  const read = readMachine(text);
  return read.success ? read.output[0]?.name : undefined;
}
