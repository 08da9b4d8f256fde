import { beforeAll, describe, expect, it } from "vitest";
import { layout } from "../../app/model/layout/layout.ts";
import { loadBundled } from "../../lab/bundled.ts";
import { loadUserland } from "../../lab/programs.ts";
import { GALLERY } from "../../scenario/gallery/index.ts";
import { Board } from "./board.ts";

beforeAll(loadUserland, 60_000);
// A board is driven without a pause: what a URL stands for has to be there before.
beforeAll(loadBundled, 60_000);

const only = process.env["GALLERY"];
const wanted = GALLERY.filter(({ id }) => only === undefined || only.split(",").includes(id));

describe.each(wanted)("$id", ({ load }) => {
  it("every place that a packet comes to is on the board, and wires lead there", async () => {
    const scenario = await load();
    const board = new Board(scenario);
    for (const probe of scenario.probes ?? []) {
      const story = board.ask(probe);
      if (story === undefined) continue;
      board.world.moveToEnd();
      const { wires } = layout(board.cast.topology, board.world, story.visited);
      const known = new Set(wires.ids);
      const lost = new Set(story.hops.flatMap(({ way }) => way.filter((spot) => !known.has(spot))));
      expect.soft([...lost], `${probe.title.en}: not on the board`).toEqual([]);
      for (const strand of new Set(story.hops.map((hop) => hop.strand))) {
        const spots = story.hops.filter((hop) => hop.strand === strand).flatMap(({ way }) => way);
        const torn = spots.flatMap((to, i) => {
          const from = spots[i - 1];
          return from === undefined || wires.reaches(from, to) ? [] : [`${from} -> ${to}`];
        });
        expect.soft([...new Set(torn)], `${probe.title.en}: no wire`).toEqual([]);
      }
    }
  }, 60_000);
});
