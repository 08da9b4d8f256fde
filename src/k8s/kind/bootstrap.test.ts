import { expect, test } from "vitest";
import { parseKindConfig } from "../../formats/kind.ts";
import { must } from "../../base/result.ts";
import { EventQueue } from "../../sim/queue.ts";
import { Random } from "../../sim/random.ts";
import { seconds } from "../../sim/time.ts";
import { withCondition } from "../api/conditions.ts";
import { decode } from "../api/decode.ts";
import { parseManifest } from "../../formats/manifest.ts";
import { ApiClient, ApiStore } from "../api/index.ts";
import guestbook from "../../scenario/data/guestbook-all-in-one.yaml?raw";
import flannel from "../../scenario/data/kube-flannel.yml?raw";
import { bootstrapControlPlane } from "./bootstrap.ts";

const CONFIG = `
kind: Cluster
apiVersion: kind.x-k8s.io/v1alpha4
networking: {disableDefaultCNI: true}
nodes: [{role: control-plane}, {role: worker}, {role: worker}]
`;

const NODES = ["kind-control-plane", "kind-worker", "kind-worker2"];

function cluster(seed = 1) {
  const queue = new EventQueue();
  const store = new ApiStore({ queue, random: new Random(seed) });
  const client = new ApiClient(store, "test");
  const config = parseKindConfig(CONFIG);
  if (!config.ok) throw new Error(config.error.message);
  bootstrapControlPlane(store, config.value, "172.18.0.2");
  for (const name of NODES) register(client, name);
  queue.runUntil(seconds(10));
  return { queue, store, client };
}

function register(client: ApiClient, name: string): void {
  client.mustCreate("Node", {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name, labels: { "kubernetes.io/os": "linux", "kubernetes.io/hostname": name } },
    spec:
      name === NODES[0]
        ? { taints: [{ key: "node-role.kubernetes.io/control-plane", effect: "NoSchedule" }] }
        : {},
    status: {
      allocatable: { cpu: "8", memory: "16Gi", pods: "110" },
      conditions: [{ type: "Ready", status: "False", reason: "KubeletNotReady" }],
    },
  });
}

function becomeReady(client: ApiClient, name: string): void {
  client.updateStatus("Node", "", name, (node) => ({
    ...node,
    status: {
      ...node.status,
      conditions: withCondition(
        node.status?.conditions,
        { type: "Ready", status: "True" },
        client.store.timestamp(),
      ),
    },
  }));
}

function apply(client: ApiClient, text: string): void {
  for (const { value } of parseManifest(text).documents) {
    const kind = must(
      client.store.resources().find((info) => info.kind === value["kind"]),
      "kind",
    );
    const draft = decode(kind, value);
    if (!draft.ok) throw new Error(draft.error.message);
    const made = client.store.create("test", kind.id, draft.value);
    if (!made.ok) throw new Error(made.error.message);
  }
}

/** Stands in for every kubelet: what is bound runs, what is to go goes. */
function runBoundPods(client: ApiClient): void {
  for (const pod of client.list("Pod")) {
    const { namespace = "", name, deletionTimestamp } = pod.metadata;
    if ((pod.spec.nodeName ?? "") === "") continue;
    if (deletionTimestamp !== undefined) {
      client.delete("Pod", namespace, name, { gracePeriodSeconds: 0 });
      continue;
    }
    const ready = { type: "Ready", status: "True" };
    client.updateStatus("Pod", namespace, name, (now) => ({
      ...now,
      status: {
        ...now.status,
        phase: "Running",
        podIP: `10.244.9.${Number(now.metadata.resourceVersion) % 250}`,
        conditions: withCondition(now.status?.conditions, ready, client.store.timestamp()),
      },
    }));
  }
}

const nodeOf = (client: ApiClient, namespace: string) =>
  client
    .list("Pod", { namespace })
    .map((pod) => `${pod.metadata.name.replace(/-[a-z0-9]+$/, "")} ${pod.spec.nodeName ?? "-"}`);

test("a new cluster: ranges in the order of registration, taints, the system's pods", () => {
  const { client } = cluster();
  expect(client.list("Node").map((node) => [node.metadata.name, node.spec?.podCIDR])).toEqual([
    ["kind-control-plane", "10.244.0.0/24"],
    ["kind-worker", "10.244.1.0/24"],
    ["kind-worker2", "10.244.2.0/24"],
  ]);
  expect(client.get("Node", "", "kind-worker")?.spec?.taints).toEqual([
    { key: "node.kubernetes.io/not-ready", effect: "NoSchedule" },
  ]);
  expect(
    nodeOf(client, "kube-system")
      .map((line) => line.replace(/^coredns-\w+/, "coredns"))
      .toSorted(),
  ).toEqual([
    "coredns -",
    "coredns -",
    "kube-proxy kind-control-plane",
    "kube-proxy kind-worker",
    "kube-proxy kind-worker2",
  ]);
  expect(client.get("Service", "default", "kubernetes")?.spec.clusterIP).toBe("10.96.0.1");
  expect(client.get("Service", "kube-system", "kube-dns")?.spec.clusterIP).toBe("10.96.0.10");
});

test("the guestbook waits for a network, then spreads over the workers", () => {
  const { client, queue } = cluster();
  apply(client, guestbook);
  queue.runUntil(seconds(12));
  const waiting = client.list("Pod", { namespace: "default" });
  expect(waiting).toHaveLength(6);
  for (const pod of waiting) {
    expect(pod.metadata.name).toMatch(
      /^(frontend|redis-master|redis-replica)-[bcdfghjklmnpqrstvwxz2456789]{8,10}-[bcdfghjklmnpqrstvwxz2456789]{5}$/,
    );
    expect(pod.status?.conditions?.[0]).toMatchObject({
      type: "PodScheduled",
      status: "False",
      reason: "Unschedulable",
      message:
        "0/3 nodes are available: 3 node(s) had untolerated taint(s). no new claims to deallocate, preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.",
    });
  }
  apply(client, flannel);
  queue.runUntil(seconds(14));
  expect(client.list("Pod", { namespace: "kube-flannel" }).map((pod) => pod.spec.nodeName)).toEqual(
    expect.arrayContaining(NODES),
  );
  for (const name of NODES) becomeReady(client, name);
  queue.runUntil(seconds(30));
  runBoundPods(client);
  queue.runUntil(seconds(31));
  const perNode = new Map<string, number>();
  for (const pod of client.list("Pod", { namespace: "default" })) {
    perNode.set(pod.spec.nodeName ?? "-", (perNode.get(pod.spec.nodeName ?? "-") ?? 0) + 1);
  }
  expect([...perNode].toSorted()).toEqual([
    ["kind-worker", 3],
    ["kind-worker2", 3],
  ]);
  expect(client.get("Deployment", "default", "frontend")?.status).toMatchObject({
    readyReplicas: 3,
    availableReplicas: 3,
  });
  expect(client.get("Endpoints", "default", "frontend")?.subsets?.[0]?.addresses).toHaveLength(3);
  expect(client.get("Node", "", "kind-worker")?.spec?.taints).toBeUndefined();
});

test("a template's change rolls out; deleting the Deployment takes everything with it", () => {
  const { client, queue } = cluster();
  for (const name of NODES) becomeReady(client, name);
  apply(client, guestbook);
  const settle = (until: number) => {
    for (let s = queue.now / 1e9; s < until; s += 0.5) {
      queue.runUntil(seconds(s));
      runBoundPods(client);
    }
  };
  settle(20);
  const before = client.list("Pod", { namespace: "default" }).map((pod) => pod.metadata.name);
  client.modify("Deployment", "default", "frontend", (now) => {
    const [container] = now.spec.template.spec.containers;
    const spec = {
      ...now.spec.template.spec,
      containers: [{ ...container!, image: "gcr.io/google-samples/gb-frontend:v6" }],
    };
    return { ...now, spec: { ...now.spec, template: { ...now.spec.template, spec } } };
  });
  settle(40);
  const sets = client
    .list("ReplicaSet", { namespace: "default" })
    .filter((set) => set.metadata.name.startsWith("frontend"));
  expect(sets.map((set) => set.spec.replicas).toSorted()).toEqual([0, 3]);
  const after = client.list("Pod", { namespace: "default" }).map((pod) => pod.metadata.name);
  expect(after.filter((name) => before.includes(name) && name.startsWith("frontend"))).toEqual([]);
  expect(after).toHaveLength(6);
  client.delete("Deployment", "default", "frontend");
  settle(45);
  expect(
    client.list("Pod", { namespace: "default" }).filter((pod) => pod.metadata.name.startsWith("frontend")),
  ).toEqual([]);
});

test("a deleted namespace takes its contents along", () => {
  const { client, queue } = cluster();
  apply(client, flannel);
  queue.runUntil(seconds(12));
  runBoundPods(client);
  client.delete("Namespace", "", "kube-flannel");
  for (let s = 12; s < 20; s++) {
    queue.runUntil(seconds(s));
    runBoundPods(client);
  }
  expect(client.get("Namespace", "", "kube-flannel")).toBeUndefined();
  expect(client.list("Pod", { namespace: "kube-flannel" })).toEqual([]);
});

test("one seed, one history", () => {
  const names = (seed: number) => {
    const { client, queue } = cluster(seed);
    apply(client, guestbook);
    queue.runUntil(seconds(20));
    return client.list("Pod").map((pod) => pod.metadata.name);
  };
  expect(names(7)).toEqual(names(7));
  expect(names(7)).not.toEqual(names(8));
});
