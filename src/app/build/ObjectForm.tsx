import { useId, useState } from "react";
import { clusterFacts } from "../../scenario/edit/cluster.ts";
import {
  findObject,
  type ObjectRef,
  refOf,
  replaceObject,
  type WrittenObject,
} from "../../scenario/edit/objects.ts";
import { parseManifest } from "../../formats/manifest.ts";
import type { Scenario } from "../../scenario/schema.ts";
import { useBoardStore, useSay } from "../board-context.ts";
import { useDesk } from "../desk-context.ts";
import { type Field, FIELDS, readField, writeField, wrongField } from "./fields.ts";
import { refOnly } from "./subject.ts";

/** The form over an API object: each input is a place in its text, and takes effect when it is left or Enter is pressed. */
export function ObjectForm({
  scenario,
  target,
}: {
  readonly scenario: Scenario;
  readonly target: ObjectRef;
}) {
  const say = useSay();
  const object = findObject(scenario, target);
  if (object === undefined) return <p className="hint-line">{say("build.gone")}</p>;
  const fields = FIELDS[object.kind];
  if (fields === undefined) return <p className="hint-line">{say("form.text.only")}</p>;
  // The name has a field of its own: what names the object follows it.
  const others = fields.filter(({ type }) => type !== "name");
  return others.map((field) => (
    <FieldRow
      key={`${object.name} ${field.path.join(".")} ${readField(object.text, field)}`}
      field={field}
      object={object}
      scenario={scenario}
    />
  ));
}

function FieldRow({
  field,
  object,
  scenario,
}: {
  readonly field: Field;
  readonly object: WrittenObject;
  readonly scenario: Scenario;
}) {
  const store = useBoardStore();
  const desk = useDesk();
  const before = readField(object.text, field);
  const apply = (input: string): void => {
    const text = writeField(object.text, field, input);
    const value = parseManifest(text).documents[0]?.value;
    const ref = value === undefined ? undefined : refOf(value);
    if (ref !== undefined) store.getState().set({ subjects: [{ kind: "object", ref: refOnly(ref) }] });
    desk.document.edit(replaceObject(scenario, object, text));
  };
  return <Input field={field} before={before} nodes={nodesOf(scenario)} apply={apply} />;
}

function nodesOf(scenario: Scenario): readonly string[] {
  return (clusterFacts(scenario)?.nodes ?? []).map(({ name }) => name);
}

/** One labelled input with its complaint. */
export function Input({
  field,
  before,
  nodes,
  apply,
}: {
  readonly field: Field;
  readonly before: string;
  readonly nodes: readonly string[];
  readonly apply: (input: string) => void;
}) {
  const say = useSay();
  const id = useId();
  const [input, setInput] = useState(before);
  const wrong = input === before ? undefined : wrongField(field, input);
  const commit = (text: string): void => {
    if (text !== before && wrongField(field, text) === undefined) apply(text);
  };
  const common = {
    id,
    value: input,
    "aria-invalid": wrong !== undefined,
    ...(wrong !== undefined && { "aria-describedby": `${id}-wrong` }),
  };
  const choose = (event: React.ChangeEvent<HTMLSelectElement>): void => {
    setInput(event.target.value);
    commit(event.target.value);
  };
  const onEnter = (event: React.KeyboardEvent): void => {
    if (event.key === "Enter" && (field.type !== "labels" || event.ctrlKey)) commit(input);
    if (event.key === "Escape") setInput(before);
  };
  return (
    <div className="form-field">
      <label htmlFor={id}>{say(field.label)}</label>
      {field.type === "flag" ? (
        <input
          id={id}
          type="checkbox"
          checked={before === "true"}
          onChange={(event) => apply(String(event.target.checked))}
        />
      ) : field.type === "choice" || field.type === "node" ? (
        <select {...common} value={input === "" ? (field.usual ?? "") : input} onChange={choose}>
          {field.type === "node" && <option value="">{say("form.node.any")}</option>}
          {(field.type === "node" ? nodes : (field.choices ?? [])).map((choice) => (
            <option key={choice}>{choice}</option>
          ))}
        </select>
      ) : field.type === "labels" ? (
        <textarea
          {...common}
          rows={Math.max(1, input.split("\n").length)}
          spellCheck={false}
          onChange={(event) => setInput(event.target.value)}
          onBlur={() => commit(input)}
          onKeyDown={onEnter}
        />
      ) : (
        <input
          {...common}
          inputMode={field.type === "port" || field.type === "replicas" ? "numeric" : "text"}
          spellCheck={false}
          autoComplete="off"
          placeholder={field.usual ?? ""}
          onChange={(event) => setInput(event.target.value)}
          onBlur={() => commit(input)}
          onKeyDown={onEnter}
        />
      )}
      {wrong !== undefined && (
        <p id={`${id}-wrong`} className="warning" role="alert">
          {say(wrong)}
        </p>
      )}
    </div>
  );
}
