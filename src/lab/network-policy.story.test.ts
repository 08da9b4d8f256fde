import { expect, test } from "vitest";
import { firstLight } from "../scenario/first-light.ts";
import kubeRouter from "../scenario/data/kube-router-firewall.yaml?raw";
import type { Scenario } from "../scenario/schema.ts";
import { type LabRun, openLab } from "./index.ts";
import { loadUserland } from "./programs.ts";

const POLICY = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: redis, namespace: default}
spec:
  podSelector: {matchLabels: {app: redis}}
  ingress:
  - from: [{podSelector: {matchLabels: {app: guestbook}}}]
    ports: [{port: 6379}]
`;

function finish(run: LabRun): number {
  for (;;) {
    const status = run.step();
    if (status !== undefined) return status;
  }
}

test("the guestbook with kube-router: its daemon set is applied like any manifest, and a policy holds behind Services", async () => {
  await loadUserland();
  const scenario: Scenario = {
    ...firstLight,
    manifests: [
      ...firstLight.manifests,
      { name: "kube-router-firewall.yaml", yaml: kubeRouter, after: "nodes-ready" },
      { name: "redis-policy.yaml", yaml: POLICY, after: "nodes-ready" },
    ],
  };
  const opened = openLab(scenario);
  if (!opened.ok) throw new Error(opened.error.message);
  const { lab, start } = opened.value;
  finish(start);
  const shell = (command: string): string => {
    let text = "";
    const run = lab.act({ kind: "shell", at: "", command }, (_, part) => (text += part));
    if (!run.ok) throw new Error(run.error.message);
    finish(run.value);
    return text;
  };
  const connect = (from: string): string =>
    shell(`kubectl exec deploy/${from} -- nc -vz -w 2 redis-master 6379 2>&1 | head -1`);
  expect(connect("frontend")).toBe("Connection to redis-master 6379 port [tcp/redis] succeeded!\n");
  expect(connect("redis-replica")).toBe(
    "nc: connect to redis-master port 6379 (tcp) failed: Connection refused\n",
  );
  shell("kubectl delete netpol redis; sleep 1");
  expect(connect("redis-replica")).toBe("Connection to redis-master 6379 port [tcp/redis] succeeded!\n");
  expect(shell("kubectl -n kube-system get ds kube-router --no-headers").replaceAll(/ +/g, " ")).toMatch(
    /^kube-router 3 3 3 3 3 <none> /,
  );
});
