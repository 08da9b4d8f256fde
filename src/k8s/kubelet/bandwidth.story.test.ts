import { expect, it } from "vitest";
import { writeText } from "../../container/files.ts";
import { seconds } from "../../sim/time.ts";
import { kubeWorld, nodeOf, podEvents } from "../../testkit/kube-world.ts";
import { rest } from "../../testkit/node-world.ts";

const CONF = {
  name: "mynet",
  cniVersion: "1.0.0",
  plugins: [
    { type: "bridge", isDefaultGateway: true, ipam: { type: "host-local", subnet: "10.22.0.0/24" } },
    { type: "bandwidth", capabilities: { bandwidth: true } },
  ],
};

function withAnnotation(way: "ingress" | "egress") {
  const world = kubeWorld();
  const { host } = nodeOf(world, "kind-worker");
  writeText(host.fs, "/etc/cni/net.d/10-mynet.conflist", JSON.stringify(CONF));
  world.client.mustCreate("Pod", {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "slow", annotations: { [`kubernetes.io/${way}-bandwidth`]: "10M" } },
    spec: { nodeName: "kind-worker", containers: [{ name: "app", image: "example.com/app:1" }] },
  });
  rest(world, seconds(10));
  return { world, net: world.kernel.open(host.netns, { name: "test" }) };
}

it("a pod's annotation limits what comes to it", () => {
  const { net } = withAnnotation("ingress");
  expect(net.qdisc.list().find(({ options }) => options.kind === "tbf")?.options).toMatchObject({
    rate: 1_250_000,
    // The largest burst there is, and the rate's share of 25 ms.
    limit: 31_250 + 536_870_911,
  });
});

it("a limit of what leaves it is refused by name", () => {
  const { world, net } = withAnnotation("egress");
  expect(net.qdisc.list().some(({ options }) => options.kind === "tbf")).toBe(false);
  expect(podEvents(world, "slow").join("\n")).toContain("egress limit (ifb, mirred) is not modelled yet");
});
