import { beforeAll, expect, it } from "vitest";
import { must } from "../../base/result.ts";
import { TraceReader } from "../../trace/reader.ts";
import { format, loadLateWords } from "../i18n/text.ts";
import { Health } from "../model/health.ts";
import { largeJournal } from "../model/testing/large.ts";
import { survey } from "../model/topology.ts";
import { WorldState } from "../model/world.ts";
import { tileWords } from "./far-picture.ts";

beforeAll(loadLateWords);

it("a tile says that its node sleeps and what wakes it, and that it is chosen", () => {
  const reader = new TraceReader();
  reader.append(largeJournal({ nodes: 3, podsPerNode: 2, zones: 0 }).take());
  const world = new WorldState(reader);
  world.moveToEnd();
  const room = must(survey(world).rooms[1], "a room");
  const tile = { room, x: 0, y: 0, width: 10, height: 10 };
  const health = new Health(world);
  const say = (key: Parameters<typeof format>[1], values?: Parameters<typeof format>[2]): string =>
    format("en", key, values);
  expect(tileWords(say, health, tile)).toBe("kind-worker1: ready, 2 of 2 pods ready");
  const asleep = { of: () => ({ ...health.of(room), isHollow: true }) };
  const chosen = { room: () => true, pod: () => false };
  expect(tileWords(say, asleep, tile, chosen)).toMatch(
    / · asleep: .* until you go there or a packet comes · chosen$/,
  );
});
