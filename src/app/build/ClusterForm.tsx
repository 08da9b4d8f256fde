import { type ReactNode, useId, useState } from "react";
import {
  clusterFacts,
  PROXY_MODES,
  setNodeLabels,
  setProxyMode,
  setSubnet,
} from "../../scenario/edit/cluster.ts";
import { setPlugin } from "../../scenario/edit/plugin.ts";
import { PLUGINS, pluginOf } from "../../scenario/edit/plugins.ts";
import {
  freeRange,
  type NamedRange,
  type Overlap,
  overlaps,
  rangeProblem,
} from "../../scenario/edit/ranges.ts";
import type { Scenario } from "../../scenario/schema.ts";
import { useSay } from "../board-context.ts";
import { useDesk } from "../desk-context.ts";
import { pluginTexts } from "../document/plugin-texts.ts";
import { labelsOf } from "./fields.ts";
import { Input } from "./ObjectForm.tsx";

type RangeName = "podSubnet" | "serviceSubnet";

/** Addresses that the machines themselves use. */
function nodeRanges({ underlay }: Scenario): readonly NamedRange[] {
  const used = underlay?.nodes.map(({ address }) => address) ?? [];
  const nets = used.length === 0 ? ["172.18.0.0/16"] : used.map(networkOf);
  return [...new Set(nets)].map((cidr) => ({ what: "nodes", cidr }));
}

function networkOf(address: string): string {
  const problem = rangeProblem(address);
  return problem?.kind === "host-bits" ? problem.suggestion : address;
}

/** Plugin, proxy mode and address ranges of a cluster. */
export function ClusterForm({ scenario }: { readonly scenario: Scenario }) {
  const say = useSay();
  const desk = useDesk();
  const id = useId();
  const facts = clusterFacts(scenario);
  if (facts === undefined) return null;
  const plugin = pluginOf(scenario);
  const choosePlugin = async (name: string): Promise<void> => {
    const found = PLUGINS.find((each) => each === name);
    if (found !== undefined) desk.document.edit(setPlugin(scenario, found, await pluginTexts()));
  };
  return (
    <>
      <div className="form-field">
        <label htmlFor={`${id}-plugin`}>{say("build.section.plugin")}</label>
        <select
          id={`${id}-plugin`}
          value={plugin ?? ""}
          onChange={(event) => void choosePlugin(event.target.value)}
        >
          {plugin === undefined && <option value="">{say("form.plugin.other")}</option>}
          {PLUGINS.map((name) => (
            <option key={name} value={name}>
              {say(`build.item.${name}`)}
            </option>
          ))}
        </select>
      </div>
      <Input
        key={facts.proxyMode}
        field={{ label: "form.proxy", path: [], type: "choice", choices: PROXY_MODES }}
        before={facts.proxyMode}
        nodes={[]}
        apply={(mode) => {
          const found = PROXY_MODES.find((each) => each === mode);
          if (found !== undefined) desk.document.edit(setProxyMode(scenario, found));
        }}
      />
      {(["podSubnet", "serviceSubnet"] as const).map((which) => (
        <RangeInput
          key={`${which} ${facts[which]}`}
          scenario={scenario}
          which={which}
          before={facts[which]}
        />
      ))}
    </>
  );
}

/** A range: checked while it is typed; what it shares with another one is said in words. */
function RangeInput({
  scenario,
  which,
  before,
}: {
  readonly scenario: Scenario;
  readonly which: RangeName;
  readonly before: string;
}) {
  const say = useSay();
  const desk = useDesk();
  const id = useId();
  const [input, setInput] = useState(before);
  const facts = clusterFacts(scenario);
  const text = input.trim();
  const problem = rangeProblem(text);
  const other: RangeName = which === "podSubnet" ? "serviceSubnet" : "podSubnet";
  const others: readonly NamedRange[] = [
    { what: other, cidr: facts?.[other] ?? "" },
    ...nodeRanges(scenario),
  ];
  const shared = problem === undefined ? overlaps([{ what: which, cidr: text }, ...others]) : [];
  const meets = shared.find(({ a }) => a.what === which);
  const commit = (value: string): void => {
    if (value !== before && rangeProblem(value) === undefined)
      desk.document.edit(setSubnet(scenario, which, value));
  };
  const suggest = (value: string) => (
    <button
      type="button"
      onClick={() => {
        setInput(value);
        commit(value);
      }}
    >
      {say("form.take", { value })}
    </button>
  );
  const length = Number(text.split("/")[1] ?? "16");
  const free =
    meets === undefined
      ? undefined
      : freeRange(
          length,
          others.map(({ cidr }) => cidr),
        );
  return (
    <div className="form-field">
      <label htmlFor={id}>{say(`form.${which}`)}</label>
      <input
        id={id}
        value={input}
        spellCheck={false}
        autoComplete="off"
        aria-invalid={problem !== undefined}
        aria-describedby={`${id}-note`}
        onChange={(event) => setInput(event.target.value)}
        onBlur={() => commit(text)}
        onKeyDown={(event) => {
          if (event.key === "Enter") commit(text);
          if (event.key === "Escape") setInput(before);
        }}
      />
      <div id={`${id}-note`} role="status">
        {problem !== undefined && (
          <p className="warning">
            {say(`form.range.${problem.kind}`)} {problem.kind === "host-bits" && suggest(problem.suggestion)}
          </p>
        )}
        {meets !== undefined && <Shared meets={meets} offer={free === undefined ? null : suggest(free)} />}
      </div>
    </div>
  );
}

/** Which addresses two ranges share, and what that does. */
function Shared({ meets, offer }: { readonly meets: Overlap; readonly offer: ReactNode }) {
  const say = useSay();
  const { what, cidr } = meets.b;
  const other = what === "podSubnet" || what === "serviceSubnet" ? what : "nodes";
  return (
    <p className="warning">
      {say("form.overlap", {
        other: say(`form.range.of.${other}`),
        cidr,
        first: meets.first,
        last: meets.last,
        count: String(meets.size),
      })}{" "}
      {offer}
    </p>
  );
}

/** Labels of a node; its name is kind's. */
export function NodeForm({ scenario, name }: { readonly scenario: Scenario; readonly name: string }) {
  const say = useSay();
  const desk = useDesk();
  const nodes = clusterFacts(scenario)?.nodes ?? [];
  const index = nodes.findIndex((node) => node.name === name);
  const node = nodes[index];
  if (node === undefined) return <p className="hint-line">{say("build.gone")}</p>;
  const before = Object.entries(node.labels)
    .map(([key, value]) => `${key}=${value}`)
    .join("\n");
  return (
    <>
      <p className="hint-line">{say("form.node.kind", { role: node.role })}</p>
      <Input
        key={before}
        field={{ label: "form.labels", path: [], type: "labels" }}
        before={before}
        nodes={[]}
        apply={(input) => desk.document.edit(setNodeLabels(scenario, index, labelsOf(input)))}
      />
    </>
  );
}
