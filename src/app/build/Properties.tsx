import "../styles/dialog.css";
import "../styles/edit.css";
import { useMemo } from "react";
import type { Scenario } from "../../scenario/schema.ts";
import { useBoard, useBoardStore, useSay } from "../board-context.ts";
import { useDesk, useWork } from "../desk-context.ts";
import { ClusterForm, NodeForm } from "./ClusterForm.tsx";
import { MachineForm, TextField } from "./MachineForm.tsx";
import { ObjectForm } from "./ObjectForm.tsx";
import { Arrange } from "./Arrange.tsx";
import { MissingAddon } from "./MissingAddon.tsx";
import { NameField } from "./NameField.tsx";
import { Outline } from "./Outline.tsx";
import { hasPlug } from "./place.ts";
import { type Subject, subjectTitle } from "./subject.ts";
import { Workbench } from "./workbench.ts";

/** What is chosen, in a form; with nothing chosen, the cluster and a list of everything. */
export default function Properties() {
  const say = useSay();
  const scenario = useWork((work) => work.scenario);
  const subjects = useBoard((board) => board.subjects);
  if (scenario === undefined) return null;
  const [only] = subjects;
  return (
    <div className="properties">
      {only === undefined ? (
        <Whole scenario={scenario} />
      ) : subjects.length > 1 ? (
        <h2>{say("form.many", { count: subjects.length })}</h2>
      ) : (
        <One scenario={scenario} subject={only} />
      )}
      {subjects.length > 0 && <Deeds subjects={subjects} />}
      <Arrange />
      <Outline scenario={scenario} />
    </div>
  );
}

function One({ scenario, subject }: { readonly scenario: Scenario; readonly subject: Subject }) {
  const say = useSay();
  const kind = subject.kind === "object" ? subject.ref.kind : say(`form.kind.${subject.kind}`);
  return (
    <>
      <p className="hop-where">{kind}</p>
      <h2>{subjectTitle(scenario, subject)}</h2>
      {subject.kind !== "cluster" && (
        <NameField
          key={`${subject.kind} ${subjectTitle(scenario, subject)}`}
          scenario={scenario}
          subject={subject}
        />
      )}
      {subject.kind === "object" && <MissingAddon scenario={scenario} kind={subject.ref.kind} />}
      {subject.kind === "object" && <ObjectForm scenario={scenario} target={subject.ref} />}
      {subject.kind === "node" && <NodeForm scenario={scenario} name={subject.name} />}
      {subject.kind === "cluster" && <ClusterForm scenario={scenario} />}
      {subject.kind === "machine" && <MachineForm scenario={scenario} name={subject.name} />}
      {(subject.kind === "namespace" || subject.kind === "bridge") && <SetupField scenario={scenario} />}
    </>
  );
}

function Whole({ scenario }: { readonly scenario: Scenario }) {
  const say = useSay();
  return (
    <>
      <h2>{say("form.whole")}</h2>
      <ClusterForm scenario={scenario} />
      <SetupField scenario={scenario} />
    </>
  );
}

/** What is typed on the first machine when all is ready. */
function SetupField({ scenario }: { readonly scenario: Scenario }) {
  const say = useSay();
  const desk = useDesk();
  return (
    <TextField
      key={scenario.setup ?? ""}
      label={say("form.setup")}
      before={scenario.setup ?? ""}
      isLong
      check={() => true}
      wrong=""
      apply={(setup) => desk.document.edit({ ...scenario, setup })}
    />
  );
}

function Deeds({ subjects }: { readonly subjects: readonly Subject[] }) {
  const say = useSay();
  const store = useBoardStore();
  const desk = useDesk();
  const bench = useMemo(() => new Workbench(desk, store), [desk, store]);
  const [only] = subjects;
  const canText =
    subjects.length === 1 && only !== undefined && only.kind !== "namespace" && only.kind !== "bridge";
  const canJoin = only !== undefined && hasPlug(only);
  return (
    <div className="dialog-actions">
      {canText && (
        <button type="button" onClick={() => store.getState().set({ dialog: "yaml" })}>
          {say("form.yaml")}
        </button>
      )}
      {canJoin && subjects.length === 1 && (
        <button type="button" onClick={() => store.getState().set({ connecting: only })}>
          {say("form.connect")}
        </button>
      )}
      {subjects.every(({ kind }) => kind !== "cluster") && (
        <button type="button" aria-keyshortcuts="Control+D" onClick={() => bench.duplicate(subjects)}>
          {say("form.duplicate")}
        </button>
      )}
      <button type="button" className="danger" onClick={() => bench.remove(subjects)}>
        {say("form.remove")}
      </button>
      <button type="button" onClick={() => store.getState().set({ subjects: [] })}>
        {say("form.deselect")}
      </button>
    </div>
  );
}
