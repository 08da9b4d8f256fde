import "../styles/dialog.css";
import { useId, useState } from "react";
import { clusterFacts } from "../../scenario/edit/cluster.ts";
import { changeMachine, unplug } from "../../scenario/edit/ground.ts";
import type { Scenario } from "../../scenario/schema.ts";
import type { InterfaceSpec, MachineSpec } from "../../scenario/underlay.ts";
import { useSay } from "../board-context.ts";
import { useDesk } from "../desk-context.ts";

const WITH_LENGTH = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)\/(?:3[0-2]|[12]?\d)$/;
const ADDRESS = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)$/;

const ROUTE =
  /^((?:\d{1,3}\.){3}\d{1,3}\/(?:3[0-2]|[12]?\d)) via ((?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d))$/;

/** A machine below the cluster: its plugs, its way out, what it runs. */
export function MachineForm({ scenario, name }: { readonly scenario: Scenario; readonly name: string }) {
  const say = useSay();
  const desk = useDesk();
  const machine = (scenario.machines ?? []).find((each) => each.name === name);
  if (machine === undefined) return <p className="hint-line">{say("build.gone")}</p>;
  const change = (make: (before: MachineSpec) => MachineSpec): void =>
    desk.document.edit(changeMachine(scenario, name, make));
  const gateway = machine.routes.find(({ to }) => to === "default")?.via ?? "";
  const others = machine.routes.filter(({ to }) => to !== "default");
  const routes = others.map(({ to, via }) => `${to} via ${via}`).join("\n");
  return (
    <>
      {machine.interfaces.map((each) => (
        <PlugForm key={each.name} machine={machine} plug={each} scenario={scenario} change={change} />
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
            routes: [...others, ...(via === "" ? [] : [{ to: "default" as const, via }])],
          }))
        }
      />
      <TextField
        key={`routes ${routes}`}
        label={say("form.routes")}
        before={routes}
        isLong
        check={(text) => text.split("\n").every((line) => line.trim() === "" || ROUTE.test(line.trim()))}
        wrong={say("form.wrong.routes")}
        apply={(text) =>
          change((before) => ({
            ...before,
            routes: [...before.routes.filter(({ to }) => to === "default"), ...routesIn(text)],
          }))
        }
      />
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

function routesIn(text: string): MachineSpec["routes"] {
  return text.split("\n").flatMap((line) => {
    const [, to, via] = ROUTE.exec(line.trim()) ?? [];
    return to === undefined || via === undefined ? [] : [{ to, via }];
  });
}

/** One plug of a machine: its addresses, what its cable does to packets, and a way to pull it. */
function PlugForm({
  machine,
  plug,
  scenario,
  change,
}: {
  readonly machine: MachineSpec;
  readonly plug: InterfaceSpec;
  readonly scenario: Scenario;
  readonly change: (make: (before: MachineSpec) => MachineSpec) => void;
}) {
  const say = useSay();
  const desk = useDesk();
  const changePlug = (make: (before: InterfaceSpec) => InterfaceSpec): void =>
    change((before) => ({
      ...before,
      interfaces: before.interfaces.map((each) => (each.name === plug.name ? make(each) : each)),
    }));
  const also = sharedWith(scenario, machine.name, plug);
  // A cable between two machines has its own delay and loss; that of a switch is the plug's.
  const isOwn = scenario.underlay?.switches.some(({ name }) => name === plug.on) === true;
  return (
    <fieldset className="plug-form">
      <legend>{say("form.plug", { device: plug.name, on: plug.on })}</legend>
      <TextField
        key={plug.addresses.join()}
        label={say("form.address")}
        before={plug.addresses.join(" ")}
        check={(text) => text.split(/\s+/).every((part) => part === "" || WITH_LENGTH.test(part))}
        wrong={say("form.wrong.address")}
        apply={(text) =>
          changePlug((before) => ({ ...before, addresses: text.split(/\s+/).filter((part) => part !== "") }))
        }
      />
      {also !== undefined && (
        <p className="warning" role="status">
          {say("form.address.shared", also)}
        </p>
      )}
      <label className="check">
        <input
          type="checkbox"
          checked={machine.masquerade.includes(plug.name)}
          onChange={({ target }) =>
            change((before) => ({
              ...before,
              masquerade: [
                ...before.masquerade.filter((name) => name !== plug.name),
                ...(target.checked ? [plug.name] : []),
              ],
            }))
          }
        />
        {say("form.masquerade", { device: plug.name })}
      </label>
      {isOwn && <CableFields plug={plug} change={changePlug} />}
      <button
        type="button"
        onClick={() => desk.document.edit(unplug(scenario, machine.name, plug.name))}
        aria-label={say("form.unplug.what", { device: plug.name })}
      >
        {say("form.unplug")}
      </button>
    </fieldset>
  );
}

/** Numbers of a cable, and what they may be. */
const CABLE = [
  { key: "latencyMs", least: 0, most: 10_000 },
  { key: "lossPercent", least: 0, most: 100 },
  { key: "mtu", least: 68, most: 65_535 },
] as const;

function CableFields({
  plug,
  change,
}: {
  readonly plug: InterfaceSpec;
  readonly change: (make: (before: InterfaceSpec) => InterfaceSpec) => void;
}) {
  const say = useSay();
  const isSet = CABLE.some(({ key }) => plug[key] !== undefined);
  return (
    <details open={isSet}>
      <summary>{say("form.cable")}</summary>
      {CABLE.map(({ key, least, most }) => (
        <TextField
          key={`${key} ${plug[key] ?? ""}`}
          label={say(`form.cable.${key}`)}
          before={String(plug[key] ?? "")}
          check={(text) => text === "" || (/^\d+(\.\d+)?$/.test(text) && +text >= least && +text <= most)}
          wrong={say("form.wrong.cable", { least: String(least), most: String(most) })}
          apply={(text) =>
            change((before) => {
              const { [key]: _, ...rest } = before;
              return text === "" ? rest : { ...rest, [key]: key === "mtu" ? Math.round(+text) : +text };
            })
          }
        />
      ))}
    </details>
  );
}

/** Who else on the same switch or cable has one of these addresses. */
function sharedWith(
  scenario: Scenario,
  machine: string,
  { name: device, on, addresses }: InterfaceSpec,
): { readonly name: string; readonly address: string } | undefined {
  const bare = (address: string): string => address.split("/")[0] ?? address;
  const own = new Set(addresses.map(bare));
  const facts = clusterFacts(scenario)?.nodes ?? [];
  const plugs = [
    ...(scenario.underlay?.nodes ?? []).map((node, i) => ({
      name: node.name ?? facts[i]?.name ?? "",
      on: node.on,
      addresses: [node.address],
    })),
    ...(scenario.machines ?? []).flatMap(({ name, interfaces }) =>
      interfaces
        .filter((each) => name !== machine || each.name !== device)
        .map((each) => ({ ...each, name })),
    ),
  ];
  for (const other of plugs.filter((each) => each.on === on)) {
    const address = other.addresses.map(bare).find((each) => own.has(each));
    if (address !== undefined) return { name: other.name, address };
  }
  return undefined;
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
