import fc from "fast-check";
import { expect, test } from "vitest";
import { EventQueue } from "../../sim/queue.ts";
import { Random } from "../../sim/random.ts";
import { seconds } from "../../sim/time.ts";
import { ApiClient } from "./client.ts";
import { ApiStore, keyOf } from "./store.ts";
import type { AnyObject } from "./types.ts";

const step = fc.record({
  verb: fc.constantFrom("create", "update", "delete", "hold", "free"),
  name: fc.constantFrom("a", "b", "c"),
  value: fc.nat(3),
  pause: fc.nat(3),
});

function play(steps: readonly { verb: string; name: string; value: number; pause: number }[]) {
  const queue = new EventQueue();
  const store = new ApiStore({ queue, random: new Random(5) });
  const client = new ApiClient(store, "test");
  client.mustCreate("Namespace", { apiVersion: "v1", kind: "Namespace", metadata: { name: "default" } });
  const changes: { before: AnyObject | undefined; after: AnyObject | undefined; key: string }[] = [];
  store.observer = (change) => changes.push(change);
  const seen = new Map<string, AnyObject>();
  const versions: number[] = [];
  client.watch("ConfigMap", ({ type, object }) => {
    if (type === "DELETED") seen.delete(keyOf(object));
    else {
      seen.set(keyOf(object), object);
      versions.push(Number(object.metadata.resourceVersion));
    }
  });
  for (const { verb, name, value, pause } of steps) {
    const data = { v: String(value) };
    const finalizers = (list: readonly string[]) =>
      client.modify("ConfigMap", "default", name, (now) => ({
        ...now,
        metadata: { ...now.metadata, finalizers: list },
      }));
    if (verb === "create")
      client.create("ConfigMap", { apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data });
    else if (verb === "update") client.modify("ConfigMap", "default", name, (now) => ({ ...now, data }));
    else if (verb === "delete") client.delete("ConfigMap", "default", name);
    else finalizers(verb === "hold" ? ["x/y"] : []);
    queue.runUntil(seconds(queue.now / 1e9 + pause / 1000));
  }
  queue.runUntil(seconds(queue.now / 1e9 + 1));
  return { store, client, seen, versions, changes };
}

test("whatever is written, a watcher ends up with what is stored, in the order of versions", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const { client, seen, versions } = play(steps);
      const stored = client.list("ConfigMap");
      expect([...seen.keys()].toSorted()).toEqual(stored.map(keyOf).toSorted());
      for (const object of stored) expect(seen.get(keyOf(object))).toBe(object);
      expect(versions).toEqual(versions.toSorted((a, b) => a - b));
    }),
  );
});

test("undoing the observed changes one by one leads back to the empty store", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const { client, changes } = play(steps);
      const state = new Map(client.list("ConfigMap").map((object) => [keyOf(object), object as AnyObject]));
      for (const { key, before, after } of changes.toReversed()) {
        expect(state.get(key)).toBe(after);
        if (before === undefined) state.delete(key);
        else state.set(key, before);
      }
      expect(state.size).toBe(0);
    }),
  );
});
