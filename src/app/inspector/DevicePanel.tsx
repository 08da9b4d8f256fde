import "../styles/story.css";
import { lazy, Suspense } from "react";
import { useBoard, useBoardStore, useSay } from "../board-context.ts";
import type { Cast } from "../model/cast.ts";
import { entryBreaks } from "../model/breaks.ts";
import { policyTable } from "../model/fib-rules.ts";
import { setsOf } from "../model/sets.ts";
import { EntryField, EntryScope, EntryTools } from "../watch/entries.tsx";
import { SetsPanel } from "./SetsPanel.tsx";
import { explainHop } from "../model/explain/explain.ts";
import { chainsOf } from "../model/netfilter.ts";
import { virtualTables } from "../model/virtual.ts";
import { newSince, rulesAt } from "../model/story.ts";
import {
  addressTable,
  conntrackTable,
  fdbTable,
  neighTable,
  otherRouteTables,
  type Question,
  routeTable,
  socketTable,
  sysctlTable,
  type TableView,
} from "../model/tables.ts";
import type { Device } from "../model/topology.ts";
import type { WorldState } from "../model/world.ts";
import type { Selection } from "../store.ts";
import { ChainsPanel } from "./ChainsPanel.tsx";
import { TablePanel } from "./TablePanel.tsx";

const BreakPanel = lazy(() => import("../watch/BreakPanel.tsx"));

interface Props {
  readonly selection: Selection;
  readonly world: WorldState;
  readonly cast: Cast;
}

/** A device or a namespace with its tables, as they stand at the cursor. */
export default function DevicePanel({ selection, world, cast }: Props) {
  const say = useSay();
  const store = useBoardStore();
  const story = useBoard((board) => board.story);
  const cursor = useBoard((board) => board.cursor);
  // The world's tables change without a packet too: when something is broken or mended.
  useBoard((board) => board.broken);
  useBoard((board) => board.sending);
  useBoard((board) => board.seen);
  const place = cast.place(selection.netns);
  const uplink = selection.index === 0 && place?.kind === "pod" ? place.pod.uplink : undefined;
  const device = uplink ?? cast.device(selection.netns, selection.index);
  const hop = story?.hops[cursor];
  const since = story === undefined ? Infinity : newSince(story, cursor);
  const decided =
    hop === undefined || story === undefined ? undefined : explainHop(hop, world, cast, since).table;
  const isHere = hop?.netns === selection.netns;
  const flow = hop?.lead.conntrack;
  const used = flow?.netns === selection.netns ? String(flow.entry) : undefined;
  const question = { world, cast, netns: selection.netns, since };
  const tables = tablesOf(question, device, selection.index === 0, used).map((table) =>
    isHere && decided?.title === table.title && decided.of === table.of ? markUsed(table, decided) : table,
  );
  const isGone = place === undefined && device === undefined;
  const entries = entryBreaks(world, cast, selection.netns);
  const title = selection.index === 0 ? cast.name(selection.netns) : (device?.link.name ?? "");
  return (
    <article className="device-panel">
      <p className="hop-where">
        {selection.index !== 0 && `${cast.name(selection.netns)} · `}
        {hop === undefined ? say("inspector.now") : say("inspector.moment", { number: hop.number + 1 })}
      </p>
      <h2>{title}</h2>
      {isGone && <p className="hint-line">{say("build.gone")}</p>}
      {!isGone && <HereButtons selection={selection} {...(device !== undefined && { device })} />}
      {selection.index === 0 && !isGone && (
        <button type="button" onClick={() => store.getState().set({ inside: selection.netns })}>
          {say("inside.open")}
        </button>
      )}
      <Suspense>
        <BreakPanel selection={selection} />
      </Suspense>
      <EntryScope entries={entries}>
        {device !== undefined && <Facts device={device} cast={cast} />}
        {place?.kind === "pod" && <Containers selection={selection} cast={cast} />}
        {selection.index === 0 && <Chains netns={selection.netns} world={world} of={title} />}
        {selection.index === 0 && <SetsPanel sets={setsOf(world, selection.netns)} />}
        {tables.map((table) => (
          <TablePanel key={table.title + table.of} table={table} hideEmpty />
        ))}
      </EntryScope>
    </article>
  );
}

/** What can be opened at this place, in a panel at the foot of the page. */
function HereButtons({ selection, device }: { readonly selection: Selection; readonly device?: Device }) {
  const say = useSay();
  const store = useBoardStore();
  const wish = (kind: "terminal" | "capture", at: Selection) => (): void =>
    store.getState().set({ panel: kind, wish: { kind, at } });
  return (
    <p className="here-buttons">
      {device !== undefined && (
        <button type="button" onClick={wish("capture", { netns: device.netns, index: device.link.index })}>
          {say("capture.here", { device: device.link.name })}
        </button>
      )}
      <button type="button" onClick={wish("terminal", selection)}>
        {say("terminal.here")}
      </button>
    </p>
  );
}

function tablesOf(
  q: Question,
  device: Device | undefined,
  whole: boolean,
  flow: string | undefined,
): readonly TableView[] {
  const index = device?.link.index;
  const tables: TableView[] = [];
  if (whole) tables.push(conntrackTable({ ...q, used: flow }), ...virtualTables(q));
  if (index !== undefined) tables.push(addressTable(q, index));
  if (device?.link.kind === "bridge" || device?.link.kind === "vxlan")
    tables.push(fdbTable(q, device.link.index));
  if (index !== undefined) tables.push(neighTable(q, index));
  const name = index === undefined ? undefined : q.cast.deviceName(q.netns, index);
  const routes = routeTable(q);
  tables.push(whole ? routes : { ...routes, rows: routes.rows.filter(({ cells }) => cells[2] === name) });
  if (whole) tables.push(...otherRouteTables(q), routeTable(q, true), policyTable(q), socketTable(q));
  tables.push(sysctlTable(q, index));
  return tables;
}

function Chains({
  netns,
  world,
  of,
}: {
  readonly netns: number;
  readonly world: WorldState;
  readonly of: string;
}) {
  const session = useBoard((board) => board.session);
  const story = useBoard((board) => board.story);
  const cursor = useBoard((board) => board.cursor);
  const hop = story?.hops[cursor];
  const until = hop === undefined ? Infinity : hop.last + 1;
  const visited = rulesAt(story, cursor, netns);
  if (session === undefined) return null;
  return <ChainsPanel chains={chainsOf(world, session.counts, netns, until, visited)} of={of} />;
}

function markUsed(table: TableView, decided: TableView): TableView {
  const used = new Set(decided.rows.filter((row) => row.used).map(({ key }) => key));
  return { ...table, rows: table.rows.map((row) => ({ ...row, used: used.has(row.key) })) };
}

function Facts({ device, cast }: { readonly device: Device; readonly cast: Cast }) {
  const say = useSay();
  const { link, netns } = device;
  const { peer, vxlan, master } = link;
  const facts: [label: string, value: string, entry?: string][] = [
    [say("fact.mac"), link.mac, `link/${link.index}/address`],
    [say("fact.mtu"), String(link.mtu), `link/${link.index}/mtu`],
    [say("fact.state"), `${say(link.up ? "fact.up" : "fact.down")} · ${link.operState}`],
  ];
  if (master !== undefined) facts.push([say("fact.master"), cast.deviceName(netns, master)]);
  if (peer !== undefined)
    facts.push([say("fact.peer"), `${cast.deviceName(peer.netns, peer.index)} · ${cast.name(peer.netns)}`]);
  if (vxlan !== undefined)
    facts.push([say("fact.vxlan"), `VNI ${vxlan.id} · UDP ${vxlan.dstPort} · ${vxlan.local ?? ""}`]);
  if (link.hairpin === true) facts.push([say("fact.hairpin"), say("fact.on")]);
  return (
    <dl className="facts">
      {facts.map(([label, value, entry]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>
            {value}
            {entry !== undefined && <EntryTools name={entry} only="edit" />}
            {entry !== undefined && <EntryField name={entry} />}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Containers({ selection, cast }: { readonly selection: Selection; readonly cast: Cast }) {
  const say = useSay();
  const place = cast.place(selection.netns);
  if (place?.kind !== "pod" || place.pod.containers.length === 0) return null;
  return (
    <table className="ktable">
      <caption>{say("fact.containers")}</caption>
      <tbody>
        {place.pod.containers.map(({ name, image, state }) => (
          <tr key={name}>
            <td>{name}</td>
            <td className="long">{image}</td>
            <td>{state}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
