import { beforeAll, describe, expect, it } from "vitest";
import { loadLateWords } from "../../app/i18n/text.ts";
import { bornAt, copiesAt, copyDots } from "../../app/model/copies.ts";
import { spot } from "../../app/model/layout/scene.ts";
import type { Story } from "../../app/model/story.ts";
import { must } from "../../base/result.ts";
import { loadBundled } from "../../lab/bundled.ts";
import { loadUserland } from "../../lab/programs.ts";
import { galleryEntry } from "../../scenario/gallery/index.ts";
import { Board } from "./board.ts";

beforeAll(async () => {
  await Promise.all([loadUserland(), loadBundled(), loadLateWords()]);
}, 60_000);

async function open(id: string): Promise<Board> {
  return new Board(await must(galleryEntry(id), id).load());
}

const ends = (board: Board, { copies }: Story): string[] =>
  copies.map(({ kind, netns, fate }) => `${kind}: ${board.cast.name(netns)} ${fate}`).sort();

describe("copies of a packet", () => {
  it("a bridge floods an ARP request: to the third namespace and up into the host, neither wants it", async () => {
    const board = await open("bridge");
    const story = must(board.sendFrom("test1", "ping -c1 -W1 10.0.0.2"), "story");
    expect(ends(board, story)).toEqual(["copy: host unwanted", "copy: test3 unwanted"]);
    // They leave at one hop, and are shown at their ends as long as the question is.
    const at = story.hops.findIndex((_, i) => bornAt(story.copies, story.hops, i).length > 0);
    expect(board.headlines(story)[at]).toContain("br-veth2");
    expect(bornAt(story.copies, story.hops, at)).toHaveLength(2);
    const moving = copiesAt(story.copies, story.hops, at).filter(({ spots }) => spots.length > 1);
    expect(moving.map(({ copy }) => board.cast.name(copy.netns))).toEqual(["test3"]);
    expect(moving.every(({ isOver }) => !isOver)).toBe(true);
    const answer = story.hops.findLastIndex(({ lane }) => lane === "arp");
    const late = copiesAt(story.copies, story.hops, answer);
    expect(late.every(({ isOver }) => isOver)).toBe(true);
    const third = must(board.netnsOf("test3"), "test3");
    expect(late.map(({ spots }) => spots.at(-1)?.startsWith(spot.device(third, 0).slice(0, -1)))).toContain(
      true,
    );
    // In the timeline both have a dot where they leave, and one where nobody wants them.
    const dots = copyDots(story.copies, story.hops);
    expect(dots[at]?.map(({ fate }) => fate)).toEqual(["going", "going"]);
    expect(dots.flat().filter(({ fate }) => fate === "unwanted")).toHaveLength(2);
    expect(dots.at(-1)).toEqual([]);
    // What follows is no broadcast: the board is clean again.
    expect(copiesAt(story.copies, story.hops, story.hops.length - 1)).toEqual([]);
  });

  it("a packet cut into three pieces: two go beside the one that is followed, until they are put together", async () => {
    const board = await open("namespaces-and-a-cable");
    board.sendFrom("left", "ping -c1 -W1 10.0.0.2");
    const story = must(board.sendFrom("left", "ping -c1 -W1 -s 3000 10.0.0.2"), "story");
    const there = story.copies.filter(({ strand }) => strand === 0);
    expect(there.map(({ kind, fate, netns }) => [kind, fate, board.cast.name(netns)])).toEqual([
      ["fragment", "merged", "right"],
      ["fragment", "merged", "right"],
    ]);
    const ready = story.hops.findIndex(
      ({ lead }) => lead.anchor.kind === "hook" && lead.anchor.hook === "INPUT",
    );
    expect(board.headlines(story).at(-1)).toContain("gets its answer");
    expect(copiesAt(story.copies, story.hops, ready - 1).length).toBe(2);
    expect(copiesAt(story.copies, story.hops, ready + 1)).toEqual([]);
    const merged = copyDots(story.copies, story.hops)
      .flat()
      .filter(({ fate }) => fate === "merged");
    expect(merged).toHaveLength(story.copies.filter(({ fate }) => fate === "merged").length);
  });

  it("a switch floods to all nodes what only one of them is asked for", async () => {
    const board = await open("host-gw");
    const [first] = must((await must(galleryEntry("host-gw"), "host-gw").load()).probes, "probes");
    const story = must(board.ask(must(first, "probe")), "story");
    expect(story.copies.length).toBeGreaterThan(0);
    expect(new Set(story.copies.map(({ fate }) => fate))).toEqual(new Set(["unwanted"]));
  });
});
