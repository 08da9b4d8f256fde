import * as v from "valibot";
import type { ChangeRecord, TableName } from "../../trace/record.ts";
import type { TraceReader } from "../../trace/reader.ts";
import type { LinkRow } from "../../trace/rows.ts";
import type { TextKey } from "../i18n/en.ts";
import { type Phrase, phrase } from "./explain/phrase.ts";
import { type KnownTable, parseRow, type Rows } from "./rows.ts";
import type { WorldState } from "./world.ts";

/** One thing that somebody did while the world followed an edit. */
export interface WiringStep {
  /** The last record that belongs to it. */
  readonly last: number;
  /** The namespace in which it was done; 0 for what belongs to none. */
  readonly netns: number;
  readonly actor: string;
  readonly text: Phrase;
}

/** Tables that are told one step a change. */
const TOLD = new Set<TableName>(["object", "sandbox", "container", "cni", "link", "address", "route"]);
/** Tables that a component rewrites by the dozen: one step for all that it writes in one place. */
const COUNTED = new Set<TableName>(["xtables", "nft", "ipset", "ipvs"]);

/** API objects that come and go without anybody having asked for them. */
const BACKGROUND = new Set([
  "Event",
  "Lease",
  "ReplicaSet",
  "EndpointSlice",
  "Endpoints",
  "Node",
  "ServiceAccount",
  "ConfigMap",
]);

/** Names of places and devices as they are at the record that is being read. */
class Names {
  private readonly places = new Map<number, string>();
  private readonly devices = new Map<string, string>();

  constructor(world: WorldState) {
    for (const { netns, row } of world.everywhere("netns")) {
      this.places.set(netns, row.label);
      for (const link of world.rows("link", netns)) this.put(netns, link.row);
    }
  }

  note({ table, netns, key, after }: ChangeRecord): void {
    if (after === null) return;
    if (table === "netns") this.places.set(Number(key), read("netns", after)?.label ?? "");
    const link = table === "link" ? read("link", after) : undefined;
    if (link !== undefined) this.put(netns, link);
  }

  /** `kind-worker.default.web` is the pod web. */
  place(netns: number): string {
    const label = this.places.get(netns) ?? "";
    return label === "" ? "host" : label.split(".").slice(2).join(".") || label;
  }

  device(netns: number, index: number): string {
    return this.devices.get(`${netns}/${index}`) ?? `if${index}`;
  }

  private put(netns: number, { index, name }: LinkRow): void {
    this.devices.set(`${netns}/${index}`, name);
  }
}

function read<T extends KnownTable>(table: T, text: string): Rows[T] | undefined {
  return parseRow(table, text);
}

/** What happened between two records, as a person would tell it. `world` has to stand at `from`. */
export function wiringSteps(
  reader: TraceReader,
  world: WorldState,
  from: number,
  to: number,
): readonly WiringStep[] {
  const names = new Names(world);
  const steps: WiringStep[] = [];
  const counts = new Map<string, { at: number; count: number }>();
  for (let index = from; index < to; index++) {
    if (reader.kind(index) !== "change") continue;
    const change = reader.record(index);
    if (change.kind !== "change") continue;
    names.note(change);
    if (COUNTED.has(change.table)) countChange(change, names, steps, counts);
    else if (TOLD.has(change.table)) {
      const text = tell(change, names);
      if (text === undefined) continue;
      const { netns, actor } = change;
      const step = { last: index, netns, actor: shortActor(actor), text };
      if (!repeats(steps.at(-1), step)) steps.push(step);
    }
  }
  return steps;
}

/** Whether anything worth telling happened between two records. */
export function isQuiet(reader: TraceReader, world: WorldState, from: number, to: number): boolean {
  return wiringSteps(reader, world, from, to).length === 0;
}

function repeats(before: WiringStep | undefined, step: WiringStep): boolean {
  return (
    before !== undefined &&
    before.text.key === step.text.key &&
    JSON.stringify(before.text.values) === JSON.stringify(step.text.values)
  );
}

/** `/usr/local/bin/kube-proxy` and `containerd on kind-worker` are kube-proxy and containerd. */
function shortActor(actor: string): string {
  return (actor.split(" ")[0] ?? "").split("/").at(-1) ?? actor;
}

function countChange(
  { index, table, netns, actor }: ChangeRecord,
  names: Names,
  steps: WiringStep[],
  counts: Map<string, { at: number; count: number }>,
): void {
  const key = `${netns}/${actor}/${table}`;
  const open = counts.get(key);
  const isSame = open !== undefined && steps.length - open.at < 8;
  const count = isSame ? open.count + 1 : 1;
  const at = isSame ? open.at : steps.length;
  counts.set(key, { at, count });
  const values = { count, place: names.place(netns) };
  const step = {
    last: isSame ? (steps[at]?.last ?? index) : index,
    netns,
    actor: shortActor(actor),
    text: phrase(`wiring.${table}` as TextKey, values),
  };
  steps[at] = step;
}

function tell(change: ChangeRecord, names: Names): Phrase | undefined {
  switch (change.table) {
    case "object":
      return tellObject(change);
    case "sandbox":
      return tellSandbox(change);
    case "container":
      return tellContainer(change);
    case "cni":
      return tellCni(change);
    case "link":
      return tellLink(change, names);
    case "address":
      return tellAddress(change, names);
    case "route":
      return tellRoute(change, names);
    default:
      return undefined;
  }
}

function tellObject({ key, before, after, detail }: ChangeRecord): Phrase | undefined {
  const [kind = "", , name = ""] = key.split("/");
  if (BACKGROUND.has(kind)) return undefined;
  if (before === null) return phrase("wiring.object.new", { kind, name });
  if (after === null) return phrase("wiring.object.gone", { kind, name });
  if (detail === "update-status") return undefined;
  return phrase("wiring.object.changed", { kind, name });
}

function tellSandbox({ after, before, detail }: ChangeRecord): Phrase | undefined {
  const row = read("sandbox", after ?? before ?? "");
  if (row === undefined) return undefined;
  const values = { pod: row.pod, ip: row.ip ?? "" };
  if (after === null) return phrase("wiring.sandbox.gone", values);
  if (detail === "netns-created") return phrase("wiring.sandbox.new", values);
  if (detail === "network-attached" && row.ip !== undefined) return phrase("wiring.sandbox.attached", values);
  return undefined;
}

function tellContainer({ after, before }: ChangeRecord): Phrase | undefined {
  const row = read("container", after ?? before ?? "");
  if (row === undefined || after === null) return undefined;
  const { name, image } = row;
  if (row.pause) return before === null ? phrase("wiring.pause") : undefined;
  if (row.state === "running") return phrase("wiring.container.running", { name, image });
  if (row.state === "exited") return phrase("wiring.container.exited", { name });
  return undefined;
}

const cniRow = v.object({ command: v.string(), plugin: v.string(), ifName: v.string(), ok: v.boolean() });

/** A call of a plugin that has returned. */
function tellCni({ after }: ChangeRecord): Phrase | undefined {
  const parsed = v.safeParse(cniRow, after === null ? undefined : JSON.parse(after));
  if (!parsed.success) return undefined;
  const row = parsed.output;
  return phrase(row.ok ? "wiring.cni" : "wiring.cni.failed", {
    plugin: row.plugin,
    command: row.command,
    device: row.ifName,
  });
}

function tellLink({ netns, before, after }: ChangeRecord, names: Names): Phrase | undefined {
  const place = names.place(netns);
  const was = before === null ? undefined : read("link", before);
  const is = after === null ? undefined : read("link", after);
  const row = is ?? was;
  if (row === undefined || row.kind === "loopback") return undefined;
  const values = { device: row.name, kind: row.kind, place };
  if (was === undefined) return phrase("wiring.link.new", values);
  if (is === undefined) return phrase("wiring.link.gone", values);
  if (is.master !== undefined && is.master !== was.master)
    return phrase("wiring.link.port", { ...values, bridge: names.device(netns, is.master) });
  if (is.up && !was.up) return phrase("wiring.link.up", values);
  if (is.name !== was.name) return phrase("wiring.link.renamed", { ...values, before: was.name });
  return undefined;
}

function tellAddress({ netns, before, after }: ChangeRecord, names: Names): Phrase | undefined {
  const row = read("address", after ?? before ?? "");
  if (row === undefined || row.local.startsWith("127.") || row.local.includes(":")) return undefined;
  if (before !== null && after !== null) return undefined;
  return phrase(after === null ? "wiring.address.gone" : "wiring.address.new", {
    address: `${row.local}/${row.length}`,
    device: names.device(netns, row.dev),
    place: names.place(netns),
  });
}

/** What the kernel derives from an address goes without saying. */
function tellRoute({ netns, before, after, actor }: ChangeRecord, names: Names): Phrase | undefined {
  const row = read("route", after ?? before ?? "");
  if (row === undefined || actor === "kernel" || row.dst.includes(":")) return undefined;
  const device = row.dev === undefined ? "" : names.device(netns, row.dev);
  const way = row.gateway === undefined ? device : `${row.gateway} (${device})`;
  return phrase(after === null ? "wiring.route.gone" : "wiring.route.new", {
    range: row.dst,
    way,
    place: names.place(netns),
  });
}
