import { describe, expect, it } from "vitest";
import { utf8Decode } from "../base/utf8.ts";
import { seconds } from "../sim/time.ts";
import { kubeWorld, type KubeWorld } from "../testkit/kube-world.ts";
import { rest, run } from "../testkit/node-world.ts";
import { NULL_FILE, sinkFile } from "../userland/os/io.ts";
import { Process } from "../userland/os/process.ts";
import { parseKindConfig } from "../formats/kind.ts";
import { refusedByCluster } from "./cluster.ts";

function ssh(world: KubeWorld, ...words: readonly string[]): { status: number; text: string } {
  const { docker, cluster } = world;
  let text = "";
  const out = sinkFile((bytes) => (text += utf8Decode(bytes)));
  const files = new Map([
    [0, NULL_FILE],
    [1, out],
    [2, out],
  ]);
  const options = {
    argv: ["ssh", ...words],
    env: new Map<string, string>(),
    cwd: "/",
    netns: docker.netns,
    files,
  };
  const process = Process.spawn(docker, cluster.ssh, options);
  const status = run(world, process.wait());
  return { status, text };
}

describe("ssh to a node", () => {
  it("runs the command by the node's shell, in the node's namespace and files", () => {
    const world = kubeWorld();
    expect(ssh(world, "kind-worker", "cat /etc/hostname;", "exit 3")).toEqual({
      status: 3,
      text: "kind-worker\n",
    });
    expect(ssh(world, "-o", "StrictHostKeyChecking=no", "root@172.18.0.4", "echo $USER").text).toBe("root\n");
  });

  it("says what ssh says of a host that is not there", () => {
    expect(ssh(kubeWorld(), "nowhere", "true")).toEqual({
      status: 255,
      text: "ssh: Could not resolve hostname nowhere: Name or service not known\n",
    });
  });
});

describe("a cluster", () => {
  it("shows the control plane's static pods", () => {
    const world = kubeWorld();
    rest(world, seconds(3));
    const pods = world.client.list("Pod", { namespace: "kube-system" });
    expect(pods.map((pod) => [pod.metadata.name, pod.status?.phase, pod.status?.podIP])).toEqual(
      ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"].map((name) => [
        `${name}-kind-control-plane`,
        "Running",
        "172.18.0.2",
      ]),
    );
  });

  it("refuses by name what it cannot be", () => {
    const nodes = "nodes:\n- role: control-plane\n- role: control-plane\n";
    const parsed = parseKindConfig(`kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\n${nodes}`);
    expect(parsed.ok && refusedByCluster(parsed.value)).toContain("more than one control-plane node");
  });
});
