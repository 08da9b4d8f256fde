import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { must } from "../../base/result.ts";
import { TraceReader } from "../../trace/reader.ts";
import type { Told } from "../board/story-paint.ts";
import { loadLanguage, loadLateWords } from "../i18n/text.ts";
import { Cast } from "../model/cast.ts";
import type { Copy } from "../model/copies.ts";
import { LARGE_LAYOUT, layout } from "../model/layout/layout.ts";
import { layoutLarge } from "../model/layout/large.ts";
import { FixtureCluster } from "../model/testing/cluster.ts";
import { largeJournal } from "../model/testing/large.ts";
import { pingAcross } from "../model/testing/ping.ts";
import { tellStory } from "../model/story.ts";
import { survey } from "../model/topology.ts";
import { WorldState } from "../model/world.ts";
import { drawBoard, type Drawing } from "./picture.ts";
import { escapeXml, widthOf } from "./svg.ts";

LARGE_LAYOUT.provide(layoutLarge);
beforeAll(async () => {
  await loadLateWords();
  await loadLanguage("zh-CN");
});

const studio = {
  colours: (name: string): string => `var(${name})`,
  measure: (_font: string, text: string): number => widthOf(text, 13),
};

function worldOf(writer: FixtureCluster["writer"]): WorldState {
  const reader = new TraceReader();
  reader.append(writer.take());
  const world = new WorldState(reader);
  world.moveToEnd();
  return world;
}

/** A board on which nothing is sent. */
function still(world: WorldState): Told {
  const topology = survey(world);
  const scene = layout(topology, world, new Set());
  const cast = new Cast(topology);
  return { scene, story: undefined, cursor: 0, session: { world }, cast, language: "en" };
}

/** A ping between nodes, at one of its hops. */
function pinging(cursor: number): Told {
  const cluster = new FixtureCluster();
  const [a, , , b] = cluster.pods;
  const source = must(a, "pod");
  const sent = pingAcross(cluster, source, must(b, "pod"), false);
  const reader = new TraceReader();
  reader.append(cluster.writer.take());
  const world = new WorldState(reader);
  world.moveToEnd();
  const topology = survey(world);
  const cast = new Cast(topology);
  const story = must(tellStory(reader, sent, { netns: source.netns }, "hooks", cast), "story");
  return { ...still(world), cast, story, scene: layout(topology, world, story.visited), cursor };
}

const draw = (board: Told, title = "A cluster"): Drawing =>
  must(drawBoard(board, title, studio), "a picture");

/** What an XML parser would complain of first. */
function fault(svg: string): string | undefined {
  const open: string[] = [];
  for (const [tag, slash = "", name = "", attributes = "", empty = ""] of svg.matchAll(
    /<(\/?)([^\s>/]+)((?:[^>"]|"[^"]*")*?)(\/?)>/g,
  )) {
    if (!/^(\s+[\w:-]+="[^"<]*")*\s*$/.test(attributes)) return tag;
    const names = [...attributes.matchAll(/([\w:-]+)="/g)].map(([, one]) => one);
    if (new Set(names).size !== names.length) return tag;
    if (slash === "/" && open.pop() !== name) return tag;
    if (slash === "" && empty === "") open.push(name);
  }
  const words = svg.replace(/<(\/?)([^\s>/]+)((?:[^>"]|"[^"]*")*?)(\/?)>/g, "");
  return (
    open[0] ?? /[<>]|&(?!(amp|lt|gt|quot|apos);)/.exec(words)?.[0] ?? /NaN|undefined|Infinity/.exec(svg)?.[0]
  );
}

/** Nothing that a picture would have to fetch or could run. */
const FOREIGN = /<script|<image|<foreignObject|<style|<use|href=|url\(|@import|@font-face|\son\w+=/i;

describe("a small board", () => {
  it("is drawn with every node, pod and device, within its edges", () => {
    const board = still(worldOf(new FixtureCluster().writer));
    const { svg, width, height } = draw(board);
    for (const name of ["kind-worker", "kind-worker2", "cni0", "flannel.1"])
      expect(svg).toContain(`>${name}<`);
    const numbers = [...svg.matchAll(/<rect x="([\d.-]+)" y="([\d.-]+)" width="([\d.-]+)"/g)];
    expect(numbers.length).toBeGreaterThan((board.scene?.boxes.length ?? 0) / 2);
    for (const [, x = "", , w = ""] of numbers) expect(Number(x) + Number(w)).toBeLessThanOrEqual(width);
    expect(height).toBeGreaterThan(board.scene?.height ?? 0);
  });

  it("is well-formed XML whatever a name holds, and nothing in it comes from elsewhere", () => {
    const board = still(worldOf(new FixtureCluster().writer));
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (title) => {
        const { svg } = draw(board, title);
        expect(fault(svg)).toBeUndefined();
        expect(FOREIGN.exec(svg.replaceAll(escapeXml(title), ""))).toBeNull();
      }),
      { numRuns: 100 },
    );
    expect(escapeXml(`<b onload="x">'&\u0000\ud800`)).toBe("&lt;b onload=&quot;x&quot;&gt;&apos;&amp;");
  });

  it("the checker of well-formedness finds what is wrong", () => {
    expect(fault("<g><a></g></a>")).toBe("</g>");
    expect(fault('<g a="1" a="2"/>')).toBe('<g a="1" a="2"/>');
    expect(fault("<g>a & b</g>")).toBe("&");
    expect(fault('<rect x="NaN"/>')).toBe("NaN");
  });
});

describe("a packet on the board", () => {
  it("is drawn with its headers, the outer ones too while it is wrapped", () => {
    const last = must(pinging(0).story, "story").hops.length - 1;
    const bands = (cursor: number): number => draw(pinging(cursor)).svg.match(/opacity="0.65"/g)?.length ?? 0;
    expect(bands(0)).toBe(0);
    const counts = Array.from({ length: last }, (_, cursor) => bands(cursor));
    expect(Math.max(...counts)).toBeGreaterThan(1);
    for (const cursor of [0, 7, last]) expect(fault(draw(pinging(cursor)).svg)).toBeUndefined();
  });

  it("has its copies and fragments beside it, each with what became of it", () => {
    const board = pinging(3);
    const story = must(board.story, "story");
    const spots = story.hops.map(({ spot }) => spot);
    const copy = (fate: Copy["fate"], kind: Copy["kind"]): Copy => ({
      ...{ kind, fate, strand: story.hops[3]?.strand ?? 0, netns: 3, over: 0, reason: "TC_INGRESS" },
      ...{ born: story.hops[1]?.last ?? 0, from: spots[1] ?? "" },
      trail: [{ index: story.hops[2]?.last ?? 0, spot: spots[5] ?? "" }],
    });
    const alone = draw(board).svg;
    const copies = [copy("lost", "copy"), copy("unwanted", "copy"), copy("going", "fragment")];
    const { svg } = draw({ ...board, story: { ...story, copies } });
    const dashed = (text: string): number => text.match(/stroke-dasharray="4 3"/g)?.length ?? 0;
    expect(dashed(svg) - dashed(alone)).toBe(3);
    expect(svg).toContain("TC_INGRESS");
    expect(fault(svg)).toBeUndefined();
    const chinese = draw({ ...board, language: "zh-CN", story: { ...story, copies } }).svg;
    expect(chinese).toMatch(/[\u4e00-\u9fff]/);
    expect(fault(chinese)).toBeUndefined();
  });
});

describe("a large board", () => {
  const world = worldOf(largeJournal({ nodes: 70, podsPerNode: 10, zones: 2, brokenEvery: 50, down: [7] }));

  it("is drawn with all its far tiles, zones and what is wrong in them", () => {
    const board = still(world);
    expect(board.scene?.far?.districts).toHaveLength(2);
    const { svg, width } = draw(board);
    expect(fault(svg)).toBeUndefined();
    expect(FOREIGN.exec(svg)).toBeNull();
    expect(width).toBeLessThanOrEqual(2048);
    for (const name of ["kind-worker1", "kind-worker69"]) expect(svg).toContain(`>${name}<`);
    expect(svg).toMatch(/>[^<]*zone-[ab] · ✕ [^<]*1/i);
  });

  it("shows from afar what the page would show from there, not the inside of the rooms that were near", () => {
    const topology = survey(world);
    const near = must(topology.rooms[3], "a room").netns;
    const scene = layout(topology, world, new Set(), new Set([near]));
    expect(scene.boxes.some(({ type }) => type === "room")).toBe(true);
    const { svg } = draw({ ...still(world), scene });
    expect(svg).not.toContain("flannel.1");
    expect(svg).toContain(">kind-worker3<");
  });

  it("has the rooms of a packet whole, and the others as tiles below", () => {
    const topology = survey(world);
    const [a, b] = [must(topology.rooms[1], "a room"), must(topology.rooms[2], "a room")];
    const scene = layout(topology, world, new Set([a.netns, b.netns]));
    const { svg, height } = draw({ ...still(world), scene });
    expect(svg.match(/>flannel\.1</g)).toHaveLength(2);
    expect(svg).toContain(">kind-worker69<");
    expect(fault(svg)).toBeUndefined();
    const focus = must(scene.far?.focus, "a focus");
    const part = must(drawBoard({ ...still(world), scene }, "A part", studio, focus), "a picture");
    expect(part.height).toBeLessThan(height);
  });

  it("of a thousand nodes stays a picture that fits", () => {
    const large = still(worldOf(largeJournal({ nodes: 1000, podsPerNode: 10, zones: 3 })));
    const { svg, width } = draw(large);
    expect(width).toBeLessThanOrEqual(2048);
    expect(svg.length).toBeLessThan(2_000_000);
  });
});
