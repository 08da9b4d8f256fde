import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { type CapturedWorld, clusterWorld, routedWorld } from "../../../testkit/capture-worlds.ts";
import { hex } from "../../../base/bytes.ts";
import { must } from "../../../base/result.ts";
import { PacketList } from "./packet.ts";
import { captureFile, saveCapture, type SavedPoint } from "./save.ts";
import { frameOf, unhex } from "./fixtures/frames.ts";

/**
 * Frames of this engine, each with the columns that tshark 4.0.17 (-n -2 -d udp.port==8472,vxlan) printed for them in a
 * capture that this page had saved. TSHARK=1 in the environment records anew where there is a tshark.
 */
const FIXTURE = new URL("fixtures/tshark.txt", import.meta.url);
const COLUMNS = ["Source", "Destination", "Protocol", "Length", "Info"];

const CAPTURES = [
  [routedWorld, /^a\/eth0$/, "a machine before a router: errors, IPv6, a connection, refusals, fragments"],
  [clusterWorld, /^kind-worker\.default\.redis-master-[^/]*\/eth0$/, "a pod asks pods, a Service, names"],
  [clusterWorld, /^kind-worker\/eth0$/, "its node's wire: the same in VXLAN"],
] as const;

const made = new Map<() => CapturedWorld, CapturedWorld>();
function worldOf(make: () => CapturedWorld): CapturedWorld {
  const world = made.get(make) ?? make();
  made.set(make, world);
  return world;
}

function pointOf({ points }: CapturedWorld, pattern: RegExp): SavedPoint {
  return must(
    [...points.values()].find(({ name }) => pattern.test(name)),
    String(pattern),
  );
}

function record(): void {
  const sections = CAPTURES.map(([make, pattern, title]) => {
    const world = worldOf(make);
    const point = pointOf(world, pattern);
    const path = "/tmp/flannelgraph-capture.pcapng";
    writeFileSync(
      path,
      saveCapture(world.log, [point], () => undefined, world.from),
    );
    const columns = COLUMNS.flatMap((column) => ["-e", `_ws.col.${column}`]);
    const args = ["-r", path, "-n", "-2", "-d", "udp.port==8472,vxlan", "-T", "fields", ...columns];
    const told = execFileSync("tshark", args, { encoding: "utf8" }).trimEnd().split("\n");
    const frames = captureFile(world.log, [point], () => undefined, world.from).packets;
    const rows = frames.map(({ bytes }, i) => `${hex(bytes)}\n  ${must(told[i], "row")}\n`);
    return `#### ${title}\n${rows.join("")}`;
  });
  writeFileSync(FIXTURE, sections.join(""));
}

if (process.env["TSHARK"] !== undefined) record();

interface Told {
  readonly title: string;
  readonly rows: readonly { readonly bytes: Uint8Array; readonly columns: string }[];
}

const told: readonly Told[] = readFileSync(FIXTURE, "utf8")
  .split(/^#### /m)
  .slice(1)
  .map((section) => {
    const [title = "", ...lines] = section.trimEnd().split("\n");
    const rows = lines.flatMap((line, i) =>
      line.startsWith("  ") ? [{ bytes: unhex(must(lines[i - 1], "frame")), columns: line.slice(2) }] : [],
    );
    return { title, rows };
  });

test.each(told)("rows read as tshark's: $title", ({ rows }) => {
  const list = new PacketList();
  rows.forEach(({ bytes }, i) => list.add(frameOf(bytes, i)));
  const ours = list.packets.map(({ source, destination, protocol, frame, info }) =>
    [source, destination, protocol, frame.length, info].join("\t"),
  );
  expect(ours).toEqual(rows.map(({ columns }) => columns));
});

test("a packet keeps its identity from the pod to the wire", () => {
  const world = worldOf(clusterWorld);
  const pod = pointOf(world, /^kind-worker\.default\.redis-master-[^/]*\/eth0$/);
  const wire = pointOf(world, /^kind-worker\/eth0$/);
  const identity = (index: number): number => world.log.identity(world.log.frame(index).skb);
  const onWire = new Set(world.log.of(wire).map(identity));
  const list = new PacketList();
  for (const index of world.log.of(pod)) list.add(world.log.frame(index));
  const crossing = list.packets.filter(
    ({ destination, info }) => destination.startsWith("10.244.2.") && /request/.test(info),
  );
  expect(crossing.length).toBeGreaterThan(0);
  for (const { frame } of crossing) expect(onWire.has(identity(frame.index))).toBe(true);
});
