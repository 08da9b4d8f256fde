import { expect, test } from "vitest";
import fc from "fast-check";
import { TraceReader } from "../../trace/reader.ts";
import { TraceWriter } from "../../trace/writer.ts";
import { ControlLog, differences, filterDeeds } from "./control.ts";

function logOf(): ControlLog {
  const clock = { now: 0 };
  const writer = new TraceWriter(clock);
  const row = (object: object): object => ({ kind: "Pod", namespace: "default", name: "web", object });
  clock.now = 1e9;
  writer.control("kubelet", "kind-worker", "SyncPod web");
  writer.change("object", 0, "Pod/web", null, row({ spec: {} }), "deployment-controller", "create");
  clock.now = 2e9;
  writer.change("route", 1, "r", null, { dst: "0.0.0.0/0" }, "flanneld", "ip route add");
  writer.change(
    "object",
    0,
    "Pod/web",
    row({ spec: {}, metadata: { resourceVersion: "1" } }),
    row({ spec: { nodeName: "kind-worker" }, metadata: { resourceVersion: "2" } }),
    "kube-scheduler",
    "bind",
  );
  writer.change("object", 0, "Pod/web", row({ spec: {} }), null, "kubectl", "delete");
  const reader = new TraceReader();
  reader.append(writer.take());
  const log = new ControlLog(reader);
  log.catchUp();
  return log;
}

test("what components said and which objects they changed, in order; routes are not theirs", () => {
  const log = logOf();
  expect(
    log.deeds.map(({ time, component, kind, object, text }) => [time / 1e9, component, kind, object, text]),
  ).toEqual([
    [1, "kubelet kind-worker", "said", undefined, "SyncPod web"],
    [1, "deployment-controller", "created", "Pod default/web", "create"],
    [2, "kube-scheduler", "changed", "Pod default/web", "bind"],
    [2, "kubectl", "deleted", "Pod default/web", "delete"],
  ]);
  expect(log.components()).toEqual([
    "deployment-controller",
    "kube-scheduler",
    "kubectl",
    "kubelet kind-worker",
  ]);
});

test("a change tells which values are others now, without the version that every write raises", () => {
  const log = logOf();
  expect(log.changes(log.deeds[2]!)).toEqual([
    { path: "spec.nodeName", before: undefined, after: "kind-worker" },
  ]);
  expect(log.changes(log.deeds[0]!)).toEqual([]);
});

test("filters by component and by words of object or text", () => {
  const { deeds } = logOf();
  expect(filterDeeds(deeds, "kubectl", "")).toHaveLength(1);
  expect(filterDeeds(deeds, "", "POD bind")).toHaveLength(1);
  expect(filterDeeds(deeds, "", "nothing like it")).toEqual([]);
});

test("an object differs from itself in nothing, and from another one in both directions alike", () => {
  const json = fc.jsonValue({ maxDepth: 3 });
  fc.assert(
    fc.property(json, json, (a, b) => {
      expect(differences(a, a)).toEqual([]);
      const turned = differences(b, a).map(({ path, before, after }) => ({
        path,
        before: after,
        after: before,
      }));
      expect(new Set(differences(a, b).map((each) => JSON.stringify(each)))).toEqual(
        new Set(turned.map((each) => JSON.stringify(each))),
      );
    }),
  );
});
