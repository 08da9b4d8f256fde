import "../styles/dialog.css";
import { useId, useState } from "react";
import { changeMachine } from "../../scenario/edit/ground.ts";
import type { Scenario } from "../../scenario/schema.ts";
import type { MachineSpec } from "../../scenario/underlay.ts";
import { useSay } from "../board-context.ts";
import { useDesk } from "../desk-context.ts";

const WITH_LENGTH = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)\/(?:3[0-2]|[12]?\d)$/;
const ADDRESS = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)$/;

/** A machine below the cluster: its plugs, its way out, what it runs. */
export function MachineForm({ scenario, name }: { readonly scenario: Scenario; readonly name: string }) {
  const say = useSay();
  const desk = useDesk();
  const machine = (scenario.machines ?? []).find((each) => each.name === name);
  if (machine === undefined) return <p className="hint-line">{say("build.gone")}</p>;
  const change = (make: (before: MachineSpec) => MachineSpec): void =>
    desk.document.edit(changeMachine(scenario, name, make));
  const gateway = machine.routes.find(({ to }) => to === "default")?.via ?? "";
  return (
    <>
      {machine.interfaces.map((each, i) => (
        <TextField
          key={`${each.name} ${each.addresses.join()}`}
          label={say("form.address", { device: each.name, on: each.on })}
          before={each.addresses.join(" ")}
          check={(text) => text.split(/\s+/).every((part) => part === "" || WITH_LENGTH.test(part))}
          wrong={say("form.wrong.address")}
          apply={(text) =>
            change((before) => ({
              ...before,
              interfaces: before.interfaces.with(i, {
                ...each,
                addresses: text.split(/\s+/).filter((part) => part !== ""),
              }),
            }))
          }
        />
      ))}
      <TextField
        key={`gateway ${gateway}`}
        label={say("form.gateway")}
        before={gateway}
        check={(text) => text === "" || ADDRESS.test(text)}
        wrong={say("form.wrong.gateway")}
        apply={(via) =>
          change((before) => ({
            ...before,
            routes: [
              ...before.routes.filter(({ to }) => to !== "default"),
              ...(via === "" ? [] : [{ to: "default" as const, via }]),
            ],
          }))
        }
      />
      <label className="check">
        <input
          type="checkbox"
          checked={machine.masquerade.length > 0}
          onChange={(event) => {
            const last = machine.interfaces.at(-1)?.name;
            const masquerade = event.target.checked && last !== undefined ? [last] : [];
            change((before) => ({ ...before, masquerade }));
          }}
        />
        {say("form.masquerade", { device: machine.interfaces.at(-1)?.name ?? "" })}
      </label>
      <TextField
        key={`script ${machine.script ?? ""}`}
        label={say("form.script")}
        before={machine.script ?? ""}
        isLong
        check={() => true}
        wrong=""
        apply={(script) => change((before) => ({ ...before, script }))}
      />
    </>
  );
}

/** A labelled text that takes effect when it is left. */
export function TextField({
  label,
  before,
  isLong = false,
  check,
  wrong,
  apply,
}: {
  readonly label: string;
  readonly before: string;
  readonly isLong?: boolean;
  readonly check: (text: string) => boolean;
  readonly wrong: string;
  readonly apply: (text: string) => void;
}) {
  const id = useId();
  const [text, setText] = useState(before);
  const isWrong = !check(text.trim());
  const commit = (): void => {
    if (!isWrong && text !== before) apply(isLong ? text : text.trim());
  };
  const common = {
    id,
    value: text,
    spellCheck: false,
    "aria-invalid": isWrong,
    onBlur: commit,
    ...(isWrong && { "aria-describedby": `${id}-wrong` }),
  };
  return (
    <div className="form-field">
      <label htmlFor={id}>{label}</label>
      {isLong ? (
        <textarea {...common} rows={4} onChange={(event) => setText(event.target.value)} />
      ) : (
        <input
          {...common}
          autoComplete="off"
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter") commit();
            if (event.key === "Escape") setText(before);
          }}
        />
      )}
      {isWrong && (
        <p id={`${id}-wrong`} className="warning" role="alert">
          {wrong}
        </p>
      )}
    </div>
  );
}
