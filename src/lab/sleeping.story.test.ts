import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { must } from "../base/result.ts";
import { utf8Decode } from "../base/utf8.ts";
import { KNOWN_IMAGES } from "../container/images/index.ts";
import type { Cluster } from "../k8s/cluster.ts";
import { seconds } from "../sim/time.ts";
import { provideLateCode } from "../testkit/late.ts";
import { readKind, startCluster } from "./cluster.ts";
import { runScripts } from "./script.ts";
import { World } from "./world.ts";

const FLANNEL = readFileSync(new URL("../scenario/data/kube-flannel.yml", import.meta.url), "utf8");
const KIND = `kind: Cluster
apiVersion: kind.x-k8s.io/v1alpha4
networking: {disableDefaultCNI: PLUGIN}
nodes:
- role: control-plane
- role: worker
- role: worker
- role: worker
`;

interface Play {
  readonly cluster: Cluster;
  readonly asleep: () => readonly string[];
  /** Runs a script to its end; the result is what it printed. */
  readonly run: (script: string) => string;
}

function play(sleep: boolean, network: "kindnet" | "flannel"): Play {
  provideLateCode();
  const world = new World({ seed: 1, traced: false });
  const config = readKind("kind.yaml", KIND.replace("PLUGIN", String(network === "flannel")));
  if (!config.ok) throw new Error(config.error);
  const { cluster } = startCluster(world, config.value, { images: KNOWN_IMAGES, sleep });
  const run = (text: string): string => {
    let printed = "";
    const result = runScripts(world, {
      scripts: [{ path: "/story.sh", text }],
      cwd: "/",
      captures: false,
      output: (_, bytes) => (printed += utf8Decode(bytes)),
    });
    return result.status === 0 ? printed : `${printed}exit ${result.status}\n`;
  };
  // What the cluster brings along stays on the control plane: where it went would be a matter of milliseconds.
  run("sleep 1; kubectl cordon kind-worker kind-worker2 kind-worker3");
  world.pass(seconds(20));
  if (network === "flannel") run(`kubectl apply -f - <<'END'\n${FLANNEL}\nEND\n`);
  run("kubectl wait --for=condition=Ready node --all --timeout=120s; sleep 20");
  return {
    cluster,
    run,
    asleep: () => [...cluster.nodes.values()].filter((node) => node.asleep).map(({ name }) => name),
  };
}

const pod = (name: string, node: string, more = ""): string =>
  `{apiVersion: v1, kind: Pod, metadata: {name: ${name}, labels: {app: web}}, spec: {nodeName: ${node}, containers: [{name: nginx, image: "nginx:1.27"${more}}]}}`;

const apply = (...objects: readonly string[]): string =>
  `kubectl apply -f - <<'END'\n${objects.join("\n---\n")}\nEND\n`;

const SERVICE =
  "{apiVersion: v1, kind: Service, metadata: {name: web}, spec: {clusterIP: 10.96.7.7, selector: {app: web}, ports: [{port: 80}]}}";

/** Pods of a Service on two nodes, each made a second after the other; one goes again. */
const PODS = `
${apply(pod("a", "kind-worker"))}sleep 1
${apply(pod("b", "kind-worker2"))}sleep 1
${apply(pod("gone", "kind-worker"))}sleep 5
kubectl delete pod gone
${apply(pod("c", "kind-worker"))}
${apply(SERVICE)}kubectl wait --for=condition=Ready pod --all --timeout=60s
sleep 20
`;

/** Everything that a node's kernel holds, without what chance decides. */
const LOOK = `
for n in kind-worker kind-worker2 kind-worker3; do
  echo "== $n"
  ssh $n 'ip -o addr; ip route; ip neigh show nud permanent; bridge fdb show dev flannel.1; iptables-save; ipset list; nft list ruleset | grep -v handle; crictl pods | grep -o Ready.*; crictl ps | cut -c14-' 2>&1
done | grep -v '^#' | sed -E 's/([0-9a-f]{2}:){5}[0-9a-f]{2}/MAC/g; s/veth[0-9a-f]+/VETH/g; s/@if[0-9]+/@IF/g; s/\\[[0-9]+:[0-9]+\\]//g; s/link-netns[a-z]* [^ ]+//g; s/[0-9]+ (seconds|minutes) ago/AGO/g; s/[0-9a-f]{13}/ID/g; s/(kube-flannel-ds|kube-proxy|kindnet)-[a-z0-9]{5}/\\1/g; s/About a minute ago/AGO/g; s/AGO +/AGO /' | sed -E 's/^[0-9]+: //' | sort
`;

describe("a node that slept", () => {
  test.each(["kindnet", "flannel"] as const)("is as if it had never: %s", (network) => {
    const [eager, lazy] = [play(false, network), play(true, network)];
    expect(eager.run(PODS)).toBe(lazy.run(PODS));
    expect(eager.asleep()).toEqual([]);
    expect(lazy.asleep()).toEqual(["kind-worker", "kind-worker2", "kind-worker3"]);
    const addresses = "kubectl get pods -o custom-columns=N:.metadata.name,IP:.status.podIP";
    expect(lazy.run(addresses)).toBe(eager.run(addresses));
    const seen = lazy.run(LOOK);
    expect(seen).toContain("KUBE-SVC-");
    expect(seen.split("\n").length).toBeGreaterThan(100);
    expect(seen).toBe(eager.run(LOOK));
    expect(lazy.asleep()).toEqual([]);
    expect(lazy.run(addresses)).toBe(eager.run(addresses));
    // What the kubelet said about pods that are gone is lost.
    const events =
      "kubectl get events -o custom-columns=R:.reason,O:.involvedObject.name | grep -v gone | sort | uniq";
    expect(lazy.run(events)).toBe(eager.run(events));
  });

  test("wakes by the first packet to it, and the packet is answered", () => {
    const { run, asleep, cluster } = play(true, "flannel");
    run(PODS);
    const node = must(cluster.nodes.get("kind-worker2"), "node");
    expect(node.asleep).toBe(true);
    expect(run("ping -c 1 -W 1 172.18.0.4")).toContain("1 received");
    expect(asleep()).toEqual(["kind-worker", "kind-worker3"]);
    // From a pod to a pod: the tunnel's packet wakes the other node.
    expect(
      run("kubectl exec b -- curl -s http://$(kubectl get pod a -o jsonpath='{.status.podIP}')/"),
    ).toContain("Welcome to nginx!");
    expect(asleep()).toEqual(["kind-worker3"]);
    expect(
      run("kubectl exec b -- curl -s http://$(kubectl get svc web -o jsonpath='{.spec.clusterIP}')/"),
    ).toContain("Welcome to nginx!");
  });

  test("wakes with some others when a page opens: what is asked first needs pods on two nodes", () => {
    const { run, asleep, cluster } = play(true, "kindnet");
    cluster.rouse(2);
    expect(asleep()).toHaveLength(3);
    run(PODS);
    cluster.rouse(1);
    expect(asleep()).toEqual(["kind-worker2", "kind-worker3"]);
    cluster.rouse(2);
    expect(asleep()).toEqual(["kind-worker3"]);
    cluster.rouse(3);
    expect(asleep()).toEqual(["kind-worker3"]);
  });

  test("does not promise a network that flanneld would refuse", () => {
    const { run, asleep } = play(true, "kindnet");
    expect(asleep()).toHaveLength(3);
    // A network of flannel's that does not hold the nodes' ranges: flanneld ends, and that only the node itself can tell.
    run(`kubectl apply -f - <<'END'\n${FLANNEL.replace("10.244.0.0/16", "10.9.0.0/16")}\nEND\nsleep 30`);
    expect(asleep()).toEqual([]);
    expect(run("kubectl get pods -n kube-flannel")).toMatch(/Error|CrashLoopBackOff/);
  });

  test("wakes when a page opens also where all pods are in a namespace of their own", () => {
    const { run, asleep, cluster } = play(true, "kindnet");
    run(`kubectl create namespace shop; kubectl create deployment web -n shop --image nginx --replicas 3
      kubectl uncordon kind-worker kind-worker2 kind-worker3; sleep 30`);
    cluster.rouse(2);
    expect(asleep()).toHaveLength(1);
  });

  test("wakes when something comes whose outcome nobody knows", () => {
    const { run, asleep } = play(true, "kindnet");
    run(apply(pod("probed", "kind-worker3", ", readinessProbe: {httpGet: {port: 80}}")));
    run("kubectl wait --for=condition=Ready pod/probed --timeout=60s");
    expect(asleep()).toEqual(["kind-worker", "kind-worker2"]);
    expect(run("kubectl get pod probed")).toContain("1/1     Running");
  });

  test("wakes when somebody asks for what its kubelet said", () => {
    const { run, asleep } = play(true, "kindnet");
    run(PODS);
    expect(run("kubectl describe pod b")).toMatch(/Started +\d+s +kubelet .*Container started/);
    expect(asleep()).toEqual(["kind-worker", "kind-worker3"]);
  });

  test("has its pods deleted and gives their addresses to others in their turn", () => {
    const { run, asleep } = play(true, "kindnet");
    run(PODS);
    expect(run("kubectl delete pod a b")).toContain('pod "a" deleted');
    expect(run("kubectl get pods --no-headers | cut -d' ' -f1")).toBe("c\n");
    run(`${apply(pod("d", "kind-worker"))}kubectl wait --for=condition=Ready pod/d`);
    expect(run("kubectl get pods -o custom-columns=N:.metadata.name,IP:.status.podIP --no-headers")).toBe(
      "c     10.244.1.4\nd     10.244.1.5\n",
    );
    expect(asleep()).toHaveLength(3);
    expect(run("kubectl exec d -- ip -4 -o addr show eth0")).toContain("10.244.1.5/24");
  });
});
