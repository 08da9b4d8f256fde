import { expect, test } from "vitest";
import { ControlPlane } from "../../testkit/control-plane.ts";

const pod = (name: string, spec: string): string =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}}\nspec: {containers: [{name: c, image: redis${spec}`;

/** Where the pod went, or the reason why it waits. */
function fate(world: ControlPlane, name: string): string {
  const found = world.client.get("Pod", "default", name);
  return found?.spec.nodeName ?? found?.status?.conditions?.[0]?.message ?? "?";
}

function ready(): ControlPlane {
  const world = new ControlPlane();
  world.allReady();
  world.pass(5);
  return world;
}

const NEVER = "3 Preemption is not helpful for scheduling.";

test.each([
  [
    "a selector that no node has",
    pod("p", "}], nodeSelector: {disk: ssd}}"),
    `0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 node(s) didn't match Pod's node affinity/selector. no new claims to deallocate, preemption: 0/3 nodes are available: ${NEVER}`,
  ],
  [
    "more than any node has",
    pod("p", ", resources: {requests: {cpu: 9, memory: 1Ti}}}]}"),
    `0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 Insufficient cpu, 2 Insufficient memory. no new claims to deallocate, preemption: 0/3 nodes are available: ${NEVER}`,
  ],
  [
    "an affinity by name",
    pod(
      "p",
      "}], affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchFields: [{key: metadata.name, operator: In, values: [kind-worker2]}]}]}}}}",
    ),
    "kind-worker2",
  ],
  [
    "a toleration of everything and the control plane's name",
    pod(
      "p",
      "}], tolerations: [{operator: Exists}], nodeSelector: {kubernetes.io/hostname: kind-control-plane}}",
    ),
    "kind-control-plane",
  ],
  [
    "a scheduling gate",
    pod("p", "}], schedulingGates: [{name: x/y}]}"),
    "Scheduling is blocked due to non-empty scheduling gates",
  ],
])("%s", (_, manifest, expected) => {
  const world = ready();
  world.create(manifest);
  world.pass(1);
  expect(fate(world, "p")).toBe(expected);
});

test("what a node has no room for goes elsewhere, and waits when there is nowhere", () => {
  const world = ready();
  for (const name of ["a", "b", "c"])
    world.create(pod(name, ", ports: [{containerPort: 80, hostPort: 80}]}]}"));
  world.pass(1);
  expect(["a", "b"].map((name) => fate(world, name)).toSorted()).toEqual(["kind-worker", "kind-worker2"]);
  expect(fate(world, "c")).toBe(
    "0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 node(s) didn't have free ports for the requested pod ports. no new claims to deallocate, preemption: 0/3 nodes are available: 1 Preemption is not helpful for scheduling, 2 No preemption victims found for incoming pod.",
  );
  world.client.delete("Pod", "default", "a", { gracePeriodSeconds: 0 });
  world.pass(3);
  expect(fate(world, "c")).toMatch(/^kind-worker2?$/);
});

test("a cordoned node takes nothing new", () => {
  const world = ready();
  world.run("kubectl cordon kind-worker");
  for (const name of ["a", "b", "c"]) world.create(pod(name, "}]}"));
  world.pass(1);
  expect(["a", "b", "c"].map((name) => fate(world, name))).toEqual(Array<string>(3).fill("kind-worker2"));
});

test("the event counts how often it was tried in vain", () => {
  const world = new ControlPlane();
  world.create(pod("p", "}]}"));
  world.pass(1);
  world.run("kubectl label node kind-worker x=y");
  world.pass(5);
  const text = world.run("kubectl describe pod p").text;
  expect(text).toMatch(
    /Warning {2}FailedScheduling {2}\d+s \(x2 over \d+s\) {2}default-scheduler {2}0\/3 nodes/,
  );
});
