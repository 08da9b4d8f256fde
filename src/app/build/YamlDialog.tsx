import "../styles/dialog.css";
import "../styles/edit.css";
import { useEffect, useMemo, useRef, useState } from "react";
import { findObject, partsOf, refOf, replaceObject } from "../../scenario/edit/objects.ts";
import { planChange } from "../../scenario/edit/plan.ts";
import { parseManifest } from "../../formats/manifest.ts";
import type { Scenario } from "../../scenario/schema.ts";
import { useBoard, useBoardStore, useSay } from "../board-context.ts";
import { Dialog } from "../chrome/Dialog.tsx";
import { useDesk, useWork } from "../desk-context.ts";
import { checkCluster, checkManifest, type TextProblem } from "./check-text.ts";
import { diffLines } from "./diff.ts";
import { refOnly, type Subject } from "./subject.ts";
import {
  checkMachine,
  checkUnderlay,
  machineText,
  nameIn,
  underlayText,
  withMachineText,
  withUnderlayText,
} from "./ground-text.ts";
import { openEditor } from "./text-editor.ts";

/** A text of the document and what becomes of the document when it is another one. */
interface Source {
  readonly name: string;
  readonly text: string;
  readonly check: (text: string) => readonly TextProblem[];
  readonly write: (text: string) => Scenario;
}

function sourceOf(scenario: Scenario, subject: Subject | undefined): Source | undefined {
  if (subject?.kind === "object") {
    const object = findObject(scenario, subject.ref);
    if (object === undefined) return undefined;
    const { kind, name, text } = object;
    const write = (next: string): Scenario => replaceObject(scenario, object, next);
    return { name: `${kind} ${name}`, text, check: checkManifest, write };
  }
  if (subject?.kind === "machine") {
    const { name } = subject;
    const text = machineText(scenario, name);
    const write = (next: string): Scenario => withMachineText(scenario, name, next);
    return text === undefined ? undefined : { name, text, check: checkMachine, write };
  }
  if (subject?.kind === "switch") {
    const write = (next: string): Scenario => withUnderlayText(scenario, next);
    return { name: subject.name, text: underlayText(scenario), check: checkUnderlay, write };
  }
  if (scenario.cluster === undefined) return undefined;
  const write = (cluster: string): Scenario => ({ ...scenario, cluster });
  return { name: "kind", text: scenario.cluster, check: checkCluster, write };
}

/** The text of what is chosen; before it counts, one sees what will change and what the world will do about it. */
export default function YamlDialog() {
  const say = useSay();
  const store = useBoardStore();
  const desk = useDesk();
  const scenario = useWork((work) => work.scenario);
  const subject = useBoard((board) => board.subjects[0]);
  // What is edited is the document of the moment at which the window was opened.
  const [source] = useState(() => (scenario === undefined ? undefined : sourceOf(scenario, subject)));
  const [text, setText] = useState(source?.text ?? "");
  const problems = useMemo(() => source?.check(text) ?? [], [source, text]);
  const close = (): void => store.getState().set({ dialog: undefined });
  const apply = (): void => {
    if (source === undefined) return;
    const value = parseManifest(partsOf(text)[0] ?? "").documents[0]?.value;
    const ref = value === undefined ? undefined : refOf(value);
    if (subject?.kind === "object" && ref !== undefined)
      store.getState().set({ subjects: [{ kind: "object", ref: refOnly(ref) }] });
    close();
    const next = source.write(text);
    const name = subject?.kind === "machine" ? nameIn(text) : undefined;
    if (name !== undefined) store.getState().set({ subjects: [{ kind: "machine", name }] });
    desk.document.edit(next);
  };
  if (source === undefined || scenario === undefined) return null;
  return (
    <Dialog title={say("yaml.title", { name: source.name })} className="yaml" onClose={close}>
      <div className="yaml-panes">
        <Editor source={source} changed={setText} />
        <Changes before={source.text} after={text} scenario={scenario} source={source} problems={problems} />
      </div>
      <div className="dialog-actions">
        <button
          type="button"
          className="primary"
          disabled={problems.length > 0 || text === source.text}
          onClick={apply}
        >
          {say("yaml.apply")}
        </button>
        <button type="button" onClick={close}>
          {say("send.cancel")}
        </button>
      </div>
    </Dialog>
  );
}

function Editor({ source, changed }: { readonly source: Source; readonly changed: (text: string) => void }) {
  const say = useSay();
  const holder = useRef<HTMLDivElement>(null);
  const label = say("yaml.label");
  useEffect(
    () =>
      holder.current === null
        ? undefined
        : openEditor(holder.current, source.text, label, source.check, changed),
    [source, label, changed],
  );
  return <div ref={holder} className="yaml-editor" />;
}

/** What will change, in lines and in deeds. */
function Changes({
  before,
  after,
  scenario,
  source,
  problems,
}: {
  readonly before: string;
  readonly after: string;
  readonly scenario: Scenario;
  readonly source: Source;
  readonly problems: readonly TextProblem[];
}) {
  const say = useSay();
  const lines = useMemo(() => diffLines(before, after), [before, after]);
  const plan = useMemo(
    () => (problems.length > 0 ? undefined : planChange(scenario, source.write(after))),
    [problems, scenario, source, after],
  );
  return (
    <div className="yaml-changes" role="status" tabIndex={0}>
      {problems.map(({ line, message }, i) => (
        <p key={i} className="warning">
          {say("yaml.problem", { line, message })}
        </p>
      ))}
      {problems.length === 0 && before === after && <p className="hint-line">{say("yaml.same")}</p>}
      {plan?.kind === "rebuild" && <p className="state-because">{say(`rebuild.${plan.reason}`)}</p>}
      {plan?.kind === "live" && (
        <ul>
          {plan.commands.map(({ command }, i) => (
            <li key={i}>
              <code>{command.split("\n")[0]}</code>
            </li>
          ))}
        </ul>
      )}
      <pre className="diff">
        {lines.map(({ sign, text }, i) => (
          <span key={i} className={sign === "+" ? "is-new" : sign === "-" ? "is-gone" : ""}>
            {sign} {text}
            {"\n"}
          </span>
        ))}
      </pre>
    </div>
  );
}
