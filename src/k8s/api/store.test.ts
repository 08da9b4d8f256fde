import { expect, test } from "vitest";
import { EventQueue } from "../../sim/queue.ts";
import { Random } from "../../sim/random.ts";
import { seconds } from "../../sim/time.ts";
import { ApiClient } from "./client.ts";
import { ApiStore, type StoreChange } from "./store.ts";
import type { Draft } from "./types.ts";

const namespace: Draft<"Namespace"> = { apiVersion: "v1", kind: "Namespace", metadata: { name: "default" } };
const pod = (name: string): Draft<"Pod"> => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name },
  spec: { containers: [{ name: "c", image: "redis" }] },
});
const configMap = (name: string, data: Record<string, string>): Draft<"ConfigMap"> => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name },
  data,
});

function server() {
  const queue = new EventQueue();
  const store = new ApiStore({ queue, random: new Random(1) });
  const client = new ApiClient(store, "test");
  client.mustCreate("Namespace", namespace);
  client.mustCreate("ServiceAccount", {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { name: "default" },
  });
  return { queue, store, client };
}

test("a write fills in what the server owns and signs the change", () => {
  const { store, client, queue } = server();
  const seen: StoreChange[] = [];
  store.observer = (change) => seen.push(change);
  queue.runUntil(seconds(90));
  const made = client.mustCreate("ConfigMap", configMap("a", { x: "1" }));
  expect(made.metadata).toMatchObject({
    name: "a",
    namespace: "default",
    creationTimestamp: "2026-01-01T00:01:30Z",
    resourceVersion: "3",
  });
  expect(made.metadata.uid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(seen.map(({ verb, kind, key, actor }) => [verb, kind, key, actor])).toEqual([
    ["create", "ConfigMap", "default/a", "test"],
  ]);
});

test("refusals carry the server's words", () => {
  const { client } = server();
  const made = client.mustCreate("ConfigMap", configMap("a", {}));
  const again = client.create("ConfigMap", configMap("a", {}));
  expect(again.ok ? "" : again.error.message).toBe('configmaps "a" already exists');
  client.modify("ConfigMap", "default", "a", (current) => ({ ...current, data: { x: "2" } }));
  const stale = client.update("ConfigMap", { ...made, data: { x: "3" } });
  expect(stale.ok ? "" : stale.error.message).toBe(
    'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again',
  );
  const gone = client.delete("Deployment", "default", "b");
  expect(gone.ok ? "" : gone.error.message).toBe('deployments.apps "b" not found');
  const nowhere = client.create("Pod", { ...pod("p"), metadata: { name: "p", namespace: "none" } });
  expect(nowhere.ok ? "" : nowhere.error.message).toBe('namespaces "none" not found');
});

test("a watcher hears what is there, then every change in order, a little later", () => {
  const { client, queue } = server();
  client.mustCreate("ConfigMap", configMap("a", {}));
  const heard: string[] = [];
  client.watch("ConfigMap", ({ type, object }) => heard.push(`${type} ${object.metadata.name}`));
  client.mustCreate("ConfigMap", configMap("b", {}));
  client.modify("ConfigMap", "default", "a", (current) => ({ ...current, data: { x: "1" } }));
  client.modify("ConfigMap", "default", "a", (current) => current);
  client.delete("ConfigMap", "default", "b");
  expect(heard).toEqual([]);
  queue.runUntil(seconds(1));
  expect(heard).toEqual(["ADDED a", "ADDED b", "MODIFIED a", "DELETED b"]);
});

test("a watcher of one node hears of a pod when it is bound there", () => {
  const { client, queue } = server();
  const heard: string[] = [];
  client.watch("Pod", ({ type, object }) => heard.push(`${type} ${object.metadata.name}`), {
    nodeName: "n1",
  });
  client.mustCreate("Pod", pod("p"));
  const bind = (nodeName: string) =>
    client.modify("Pod", "default", "p", (p) => ({ ...p, spec: { ...p.spec, nodeName } }), "bind");
  bind("n1");
  queue.runUntil(seconds(1));
  expect(heard).toEqual(["ADDED p"]);
});

test("a bound pod is marked with its grace period and goes when the kubelet says so", () => {
  const { client, queue } = server();
  client.mustCreate("Pod", pod("p"));
  client.modify("Pod", "default", "p", (p) => ({ ...p, spec: { ...p.spec, nodeName: "n1" } }), "bind");
  queue.runUntil(seconds(5));
  client.delete("Pod", "default", "p");
  expect(client.get("Pod", "default", "p")?.metadata).toMatchObject({
    deletionTimestamp: "2026-01-01T00:00:35Z",
    deletionGracePeriodSeconds: 30,
  });
  client.delete("Pod", "default", "p", { gracePeriodSeconds: 0 });
  expect(client.get("Pod", "default", "p")).toBeUndefined();
});

test("finalizers hold an object until the last is taken away", () => {
  const { client } = server();
  const held = { ...configMap("a", {}), metadata: { name: "a", finalizers: ["example.com/hold"] } };
  client.mustCreate("ConfigMap", held);
  client.delete("ConfigMap", "default", "a");
  expect(client.get("ConfigMap", "default", "a")?.metadata.deletionTimestamp).toBe("2026-01-01T00:00:00Z");
  client.modify("ConfigMap", "default", "a", (c) => ({ ...c, metadata: { ...c.metadata, finalizers: [] } }));
  expect(client.get("ConfigMap", "default", "a")).toBeUndefined();
});
