import { useId, useMemo, useState } from "react";
import type { RenameProblem } from "../../scenario/edit/rename.ts";
import type { Scenario } from "../../scenario/schema.ts";
import { type Say, useBoardStore, useSay } from "../board-context.ts";
import { useDesk } from "../desk-context.ts";
import { type Subject, subjectTitle } from "./subject.ts";
import { Workbench } from "./workbench.ts";

function words(say: Say, problem: RenameProblem): string {
  switch (problem.reason) {
    case "gone":
      return say("build.gone");
    case "taken":
      return say("rename.taken", { name: problem.name });
    case "invalid":
      return say(`rename.${problem.rule}`);
    case "script":
      return say("rename.script", { line: problem.line });
  }
}

/** The name of what is chosen; with another one, what names it follows. */
export function NameField({
  scenario,
  subject,
}: {
  readonly scenario: Scenario;
  readonly subject: Exclude<Subject, { kind: "cluster" }>;
}) {
  const say = useSay();
  const id = useId();
  const store = useBoardStore();
  const desk = useDesk();
  const bench = useMemo(() => new Workbench(desk, store), [desk, store]);
  const before = subjectTitle(scenario, subject);
  const [name, setName] = useState(before);
  const [problem, setProblem] = useState<RenameProblem>();
  const commit = (): void => {
    const wanted = name.trim();
    if (wanted !== before) setProblem(bench.rename(subject, wanted));
  };
  return (
    <div className="form-field rename">
      <label htmlFor={id}>{say("form.name")}</label>
      <input
        id={id}
        value={name}
        spellCheck={false}
        autoComplete="off"
        aria-invalid={problem !== undefined}
        aria-keyshortcuts="F2"
        {...(problem !== undefined && { "aria-describedby": `${id}-wrong` })}
        onChange={(event) => {
          setName(event.target.value);
          setProblem(undefined);
        }}
        onBlur={commit}
        onKeyDown={(event) => {
          if (event.key === "Enter") commit();
          if (event.key !== "Escape") return;
          setName(before);
          setProblem(undefined);
        }}
      />
      {problem !== undefined && (
        <p id={`${id}-wrong`} className="warning" role="alert">
          {words(say, problem)}
        </p>
      )}
    </div>
  );
}
