import { expect, it } from "vitest";
import type { Scenario } from "../../scenario/schema.ts";
import { type Change, ScenarioDocument } from "./document.ts";
import { MemoryShelf, type Shelf } from "./shelf.ts";

const named = (name: string): Scenario => ({ version: 1, name, seed: 1, manifests: [] });

function page(shelf: Shelf, prefix: string) {
  const seen: { name: string; change: Change }[] = [];
  const ids: string[] = [];
  let count = 0;
  const document = new ScenarioDocument({
    shelf: () => Promise.resolve(shelf),
    now: () => ++count,
    newId: () => `${prefix}${++count}`,
    becameWork: (id) => ids.push(id),
    changed: ({ name }, _, change) => seen.push({ name, change }),
  });
  return { document, seen, ids };
}

it("keeps every edit with its history, and a reload goes on where it was", async () => {
  const shelf = new MemoryShelf();
  const { document, ids } = page(shelf, "a");
  document.open(named("one"), { kind: "gallery", id: "docker" });
  expect(document.state.saving).toBe("untouched");
  expect(await shelf.list()).toEqual([]);
  document.edit(named("two"));
  document.edit(named("three"));
  document.undo();
  await document.settled();
  expect(document.state.saving).toBe("saved");

  const again = page(shelf, "b");
  expect(await again.document.openWork(ids[0] ?? "")).toBe(true);
  expect(again.document.state.scenario?.name).toBe("two");
  again.document.redo();
  expect(again.document.state.scenario?.name).toBe("three");
  again.document.undo();
  again.document.undo();
  again.document.undo();
  expect(again.document.state.scenario?.name).toBe("one");
  await again.document.settled();
  expect((await shelf.list()).map(({ scenario }) => scenario.name)).toEqual(["one"]);
});

it("tells the world what is new and why", () => {
  const { document, seen } = page(new MemoryShelf(), "a");
  document.open(named("one"), { kind: "first" });
  document.edit(named("two"));
  document.undo();
  document.redo();
  document.redo();
  expect(seen.map(({ name, change }) => `${change} ${name}`)).toEqual([
    "open one",
    "edit two",
    "undo one",
    "redo two",
  ]);
});

it("keeps the work of two pages that edit the same one", async () => {
  const shelf = new MemoryShelf();
  const first = page(shelf, "a");
  first.document.open(named("start"), { kind: "first" });
  first.document.edit(named("both"));
  await first.document.settled();
  const second = page(shelf, "b");
  await second.document.openWork(first.ids[0] ?? "");
  first.document.edit(named("from the first"));
  await first.document.settled();
  second.document.edit(named("from the second"));
  await second.document.settled();
  expect(second.document.state.message?.key).toBe("work.forked");
  second.document.edit(named("second, later"));
  await second.document.settled();
  const names = (await shelf.list()).map(({ scenario }) => scenario.name).sort();
  expect(names).toEqual(["from the first", "second, later"]);
});

it("says so when nothing can be kept, and goes on", async () => {
  const broken: Shelf = {
    list: () => Promise.resolve([]),
    read: () => Promise.resolve(undefined),
    put: () => Promise.reject(new Error("quota")),
    remove: () => Promise.resolve(),
  };
  const { document } = page(broken, "a");
  document.open(named("one"), { kind: "first" });
  document.edit(named("two"));
  await document.settled();
  expect(document.state.saving).toBe("failed");
  expect(document.state.scenario?.name).toBe("two");
});
