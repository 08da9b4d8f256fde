import { expect, test } from "vitest";
import { ControlPlane, FLANNEL, GUESTBOOK, NODES } from "../../testkit/control-plane.ts";

const SUFFIX = "[bcdfghjklmnpqrstvwxz2456789]";
const NAME = new RegExp(`^(frontend|redis-master|redis-replica)-${SUFFIX}{8,10}-${SUFFIX}{5}$`);

function placed(world: ControlPlane, namespace: string): readonly string[] {
  return world.client
    .list("Pod", { namespace })
    .map((pod) => `${pod.metadata.name.split("-").slice(0, 2).join("-")} ${pod.spec.nodeName ?? "-"}`);
}

test("a new cluster: ranges in the order of registration, taints, the system's pods", () => {
  const world = new ControlPlane();
  const { client } = world;
  expect(client.list("Node").map((node) => [node.metadata.name, node.spec?.podCIDR])).toEqual([
    ["kind-control-plane", "10.244.0.0/24"],
    ["kind-worker", "10.244.1.0/24"],
    ["kind-worker2", "10.244.2.0/24"],
  ]);
  expect(client.get("Node", "", "kind-worker")?.spec?.taints).toEqual([
    { key: "node.kubernetes.io/not-ready", effect: "NoSchedule" },
  ]);
  const proxies = placed(world, "kube-system").filter((line) => line.startsWith("kube-proxy"));
  expect(proxies.toSorted()).toEqual(NODES.map((node) => `kube-proxy ${node}`));
  expect(placed(world, "kube-system").filter((line) => line.endsWith(" -"))).toHaveLength(2);
  expect(client.get("Service", "default", "kubernetes")?.spec.clusterIP).toBe("10.96.0.1");
  expect(client.get("Service", "kube-system", "kube-dns")?.spec.clusterIP).toBe("10.96.0.10");
});

test("the guestbook waits for a network, then spreads over the workers", () => {
  const world = new ControlPlane();
  const { client } = world;
  world.create(GUESTBOOK);
  world.pass(2);
  const waiting = client.list("Pod", { namespace: "default" });
  expect(waiting).toHaveLength(6);
  for (const pod of waiting) {
    expect(pod.metadata.name).toMatch(NAME);
    expect(pod.status?.conditions?.[0]).toMatchObject({
      type: "PodScheduled",
      status: "False",
      reason: "Unschedulable",
      message:
        "0/3 nodes are available: 3 node(s) had untolerated taint(s). no new claims to deallocate, preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.",
    });
  }
  world.create(FLANNEL);
  world.pass(2);
  const daemons = client.list("Pod", { namespace: "kube-flannel" }).map((pod) => pod.spec.nodeName ?? "");
  expect(daemons.toSorted()).toEqual(NODES);
  world.allReady();
  world.settle(20);
  const nodes = client.list("Pod", { namespace: "default" }).map((pod) => pod.spec.nodeName ?? "-");
  expect(nodes.toSorted()).toEqual([
    ...Array<string>(3).fill("kind-worker"),
    ...Array<string>(3).fill("kind-worker2"),
  ]);
  expect(client.get("Deployment", "default", "frontend")?.status).toMatchObject({
    readyReplicas: 3,
    availableReplicas: 3,
  });
  expect(client.get("Endpoints", "default", "frontend")?.subsets?.[0]?.addresses).toHaveLength(3);
  expect(client.get("Node", "", "kind-worker")?.spec?.taints).toBeUndefined();
});

test("a template's change rolls out; deleting the Deployment takes everything with it", () => {
  const world = new ControlPlane();
  const { client } = world;
  world.allReady();
  world.create(GUESTBOOK);
  world.settle(10);
  const names = () => client.list("Pod", { namespace: "default" }).map((pod) => pod.metadata.name);
  const before = names();
  client.modify("Deployment", "default", "frontend", (now) => {
    const { template } = now.spec;
    const containers = template.spec.containers.map((each) => ({
      ...each,
      image: "gcr.io/google-samples/gb-frontend:v6",
    }));
    return {
      ...now,
      spec: { ...now.spec, template: { ...template, spec: { ...template.spec, containers } } },
    };
  });
  world.settle(20);
  const sets = client
    .list("ReplicaSet", { namespace: "default" })
    .filter((set) => set.metadata.name.startsWith("frontend"));
  expect(sets.map((set) => set.spec.replicas).toSorted()).toEqual([0, 3]);
  expect(names().filter((name) => before.includes(name) && name.startsWith("frontend"))).toEqual([]);
  expect(names()).toHaveLength(6);
  client.delete("Deployment", "default", "frontend");
  world.settle(5);
  expect(names().filter((name) => name.startsWith("frontend"))).toEqual([]);
});

test("a deleted namespace takes its contents along", () => {
  const world = new ControlPlane();
  world.create(FLANNEL);
  world.settle(2);
  world.client.delete("Namespace", "", "kube-flannel");
  world.settle(8);
  expect(world.client.get("Namespace", "", "kube-flannel")).toBeUndefined();
  expect(world.client.list("Pod", { namespace: "kube-flannel" })).toEqual([]);
});

test("a node that is not ready any more loses its pods when their patience ends", () => {
  const world = new ControlPlane();
  world.allReady();
  world.create(GUESTBOOK);
  world.settle(10);
  world.client.updateStatus("Node", "", "kind-worker", (node) => ({
    ...node,
    status: {
      ...node.status,
      conditions: [{ type: "Ready", status: "Unknown", reason: "NodeStatusUnknown" }],
    },
  }));
  world.pass(1);
  expect(
    world.client.get("Node", "", "kind-worker")?.spec?.taints?.map(({ key, effect }) => `${key}:${effect}`),
  ).toEqual(["node.kubernetes.io/unreachable:NoSchedule", "node.kubernetes.io/unreachable:NoExecute"]);
  const there = () => world.client.list("Pod", { namespace: "default", nodeName: "kind-worker" }).length;
  world.pass(290);
  expect(there()).toBe(3);
  world.settle(15);
  expect(there()).toBe(0);
});

test("one seed, one history", () => {
  const names = (seed: number) => {
    const world = new ControlPlane(seed);
    world.create(GUESTBOOK);
    world.pass(10);
    return world.client.list("Pod").map((pod) => pod.metadata.name);
  };
  expect(names(7)).toEqual(names(7));
  expect(names(7)).not.toEqual(names(8));
});
