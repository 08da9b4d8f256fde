import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { utf8Decode } from "../base/utf8.ts";
import { runLab } from "./run.ts";

const FLANNEL = readFileSync(new URL("../scenario/data/kube-flannel.yml", import.meta.url), "utf8");

/** kind knows three modes; the oldest is a matter of kube-proxy's own configuration. */
function kindConfig(mode: string): string {
  const patch = `
kubeadmConfigPatches:
- |
  apiVersion: kubeproxy.config.k8s.io/v1alpha1
  kind: KubeProxyConfiguration
  mode: ${mode}`;
  return `kind: Cluster
apiVersion: kind.x-k8s.io/v1alpha4
networking:
  disableDefaultCNI: true
  kubeProxyMode: ${mode === "userspace" ? "iptables" : mode}${mode === "userspace" ? patch : ""}
nodes:
- role: control-plane
- role: worker
- role: worker
`;
}

const APPLICATION = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: example.com/names:1, ports: [{containerPort: 80}]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: one, labels: {app: one}}
spec: {nodeName: kind-worker, containers: [{name: web, image: example.com/names:1, ports: [{containerPort: 80}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {type: NodePort, selector: {app: web}, ports: [{port: 80, nodePort: 30080}]}
---
apiVersion: v1
kind: Service
metadata: {name: one}
spec: {type: LoadBalancer, externalTrafficPolicy: Local, selector: {app: one}, ports: [{port: 80}]}
`;

/** Each line asks one thing and says what came of it: the HTTP status, or curl's exit status. */
const SCRIPT = `
kubectl apply -f - >/dev/null <<'END'
${FLANNEL}
END
kubectl wait --for=condition=Ready nodes --all --timeout=120s >/dev/null
kubectl apply -f - >/dev/null <<'END'
${APPLICATION}
END
kubectl wait --for=condition=Ready pods --all --timeout=120s >/dev/null
sleep 5
ask() { echo "$1: $("\${@:2}" -s -m 3 -o /dev/null -w '%{http_code}') $?"; }
web=$(kubectl get svc web -o jsonpath='{.spec.clusterIP}')
check=$(kubectl get svc one -o jsonpath='{.spec.healthCheckNodePort}')
pod() { kubectl exec one -- curl "$@" 2>/dev/null; }
node() { ssh kind-worker curl "$@"; }
ask 'pod to ClusterIP' pod $web
ask 'pod to the name' pod web.default.svc.cluster.local
ask 'pod to itself by its Service' pod one.default.svc.cluster.local
echo "it saw $(kubectl logs one | tail -1 | sed 's/.*answered \\(.*\\):.*/\\1/')"
ask 'node to ClusterIP' node $web
for n in 2 3 4; do ask "outside to NodePort of 172.18.0.$n" curl 172.18.0.$n:30080; done
for n in 3 4; do ask "health check of 172.18.0.$n" curl 172.18.0.$n:$check/healthz; done
kubectl scale deployment web --replicas=0 >/dev/null
kubectl wait --for=delete pod -l app=web --timeout=60s >/dev/null
sleep 3
ask 'nobody serves ClusterIP' pod $web
ask 'nobody serves NodePort' curl 172.18.0.3:30080
ask 'a port that the Service has not' pod $web:81
kubectl scale deployment web --replicas=2 >/dev/null
sleep 10
ask 'served again' pod $web
`;

function run(mode: string): readonly string[] {
  let text = "";
  const result = runLab({
    scripts: [{ path: "/root/story.sh", text: SCRIPT }],
    cwd: "/root",
    seed: 1,
    captures: false,
    traced: false,
    kind: { path: "kind.yaml", text: kindConfig(mode) },
    output: (_, bytes) => (text += utf8Decode(bytes)),
  });
  expect(result.message).toBeUndefined();
  return text.trimEnd().split("\n");
}

/** Statuses of curl. */
const REFUSED = "000 7";
const RESET = "000 56";

describe.each(["iptables", "nftables", "ipvs", "userspace"])("Services in %s mode", (mode) => {
  test("are reached from everywhere, refuse when nobody serves, and serve again", () => {
    // A proxy of flesh and blood has accepted the connection before it knows that there is nobody.
    const nobody = mode === "userspace" ? RESET : REFUSED;
    expect(run(mode)).toEqual([
      "pod to ClusterIP: 200 0",
      "pod to the name: 200 0",
      "pod to itself by its Service: 200 0",
      // Never its own address, or it would answer past the one that rewrote the request.
      "it saw 10.244.1.1",
      "node to ClusterIP: 200 0",
      "outside to NodePort of 172.18.0.2: 200 0",
      "outside to NodePort of 172.18.0.3: 200 0",
      "outside to NodePort of 172.18.0.4: 200 0",
      "health check of 172.18.0.3: 200 0",
      "health check of 172.18.0.4: 503 0",
      `nobody serves ClusterIP: ${nobody}`,
      `nobody serves NodePort: ${nobody}`,
      `a port that the Service has not: ${REFUSED}`,
      "served again: 200 0",
    ]);
  });
});
