import { describe, expect, it } from "vitest";
import { seconds } from "../../sim/time.ts";
import { rest } from "../../testkit/node-world.ts";
import { createPod, flannelWorld, podEvents, podOf } from "../../testkit/kube-world.ts";

const app = (probe: object) => ({
  containers: [
    {
      name: "app",
      image: "example.com/app:1",
      ports: [{ name: "web", containerPort: 80, protocol: "TCP" as const }],
      readinessProbe: probe,
    },
  ],
});

/** The words of a real kubelet, v1.36. */
describe("a readiness probe over the network", () => {
  const world = flannelWorld();
  createPod(world, "http", "kind-worker", app({ httpGet: { path: "/ready", port: "web" } }));
  createPod(world, "tcp", "kind-worker", app({ tcpSocket: { port: 80 } }));
  createPod(world, "refused", "kind-worker", app({ tcpSocket: { port: 81 } }));
  createPod(world, "nobody", "kind-worker", app({ httpGet: { path: "/", port: 81 } }));
  rest(world, seconds(20));
  const isReady = (name: string): string | undefined =>
    podOf(world, name).status?.conditions?.find((c) => c.type === "Ready")?.status;

  it("makes a pod ready that answers", () => {
    expect(["http", "tcp", "refused", "nobody"].map(isReady)).toEqual(["True", "True", "False", "False"]);
  });

  it("says what went wrong", () => {
    const ip = (name: string): string => podOf(world, name).status?.podIP ?? "";
    expect(podEvents(world, "refused").at(-1)).toBe(
      `Unhealthy: Readiness probe failed: dial tcp ${ip("refused")}:81: connect: connection refused`,
    );
    expect(podEvents(world, "nobody").at(-1)).toBe(
      `Unhealthy: Readiness probe failed: Get "http://${ip("nobody")}:81/": dial tcp ${ip("nobody")}:81: connect: connection refused`,
    );
  });
});
