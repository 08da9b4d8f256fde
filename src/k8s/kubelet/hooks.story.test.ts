import { describe, expect, it } from "vitest";
import type { Container, Pod } from "../api/index.ts";
import { eventsAbout } from "../api/index.ts";
import { seconds } from "../../sim/time.ts";
import { createPod, flannelWorld, type KubeWorld, podEvents, podOf } from "../../testkit/kube-world.ts";
import { rest } from "../../testkit/node-world.ts";

const withHooks = (lifecycle: Container["lifecycle"], more: Partial<Container> = {}) => ({
  containers: [{ name: "app", image: "nginx", lifecycle, ...more }],
});

function secondsToEnd(world: KubeWorld, name: string, most: number): number {
  const began = world.queue.now;
  world.client.delete("Pod", "default", name, {});
  while (world.client.get("Pod", "default", name) !== undefined && world.queue.now - began < seconds(most))
    rest(world, seconds(0.5));
  return (world.queue.now - began) / seconds(1);
}

describe("postStart", () => {
  it("is waited for before the container counts as running", () => {
    const world = flannelWorld();
    createPod(world, "slow", "kind-worker", withHooks({ postStart: { sleep: { seconds: 20 } } }));
    rest(world, seconds(15));
    expect(podOf(world, "slow").status?.containerStatuses?.[0]?.ready).toBe(false);
    rest(world, seconds(15));
    expect(podOf(world, "slow").status?.containerStatuses?.[0]?.ready).toBe(true);
  });

  it("ends the container when it fails", () => {
    const world = flannelWorld();
    createPod(world, "bad", "kind-worker", withHooks({ postStart: { exec: { command: ["false"] } } }));
    rest(world, seconds(8));
    const events = podEvents(world, "bad");
    expect(events).toContain("FailedPostStartHook: PostStartHook failed");
    const status = podOf(world, "bad").status?.containerStatuses?.[0];
    expect(status?.state?.waiting?.reason).toBe("CrashLoopBackOff");
    expect(status?.lastState?.terminated?.exitCode).toBe(143);
  });
});

describe("preStop", () => {
  it("runs before SIGTERM, and shares the grace period with it", () => {
    const world = flannelWorld();
    const script = "echo bye > /proc/1/fd/1; sleep 7";
    createPod(
      world,
      "polite",
      "kind-worker",
      withHooks({ preStop: { exec: { command: ["sh", "-c", script] } } }),
    );
    createPod(world, "sleeper", "kind-worker", withHooks({ preStop: { sleep: { seconds: 5 } } }));
    createPod(world, "endless", "kind-worker", {
      ...withHooks({ preStop: { exec: { command: ["sleep", "600"] } } }),
      terminationGracePeriodSeconds: 10,
    });
    rest(world, seconds(20));
    expect(secondsToEnd(world, "polite", 60)).toBeCloseTo(8, -1);
    expect(secondsToEnd(world, "sleeper", 60)).toBeGreaterThanOrEqual(5);
    const endless = secondsToEnd(world, "endless", 60);
    expect(endless).toBeGreaterThanOrEqual(10);
    expect(endless).toBeLessThan(15);
  });

  it("asks a port of the pod", () => {
    const world = flannelWorld();
    const hook = { preStop: { httpGet: { path: "/drain", port: 80 } } };
    createPod(world, "web", "kind-worker", withHooks(hook, { ports: [{ containerPort: 80 }] }));
    createPod(
      world,
      "deaf",
      "kind-worker",
      withHooks({ preStop: { httpGet: { path: "/drain", port: 81 } } }),
    );
    rest(world, seconds(20));
    const after = (name: string): string => {
      const pod: Pod = podOf(world, name);
      secondsToEnd(world, name, 40);
      return eventsAbout(world.client, pod)
        .map((e) => e.reason)
        .join(" ");
    };
    expect(after("web")).not.toContain("FailedPreStopHook");
    expect(after("deaf")).toContain("FailedPreStopHook");
  });
});
