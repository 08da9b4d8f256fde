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

describe("a readiness probe by gRPC or HTTPS", () => {
  const world = flannelWorld();
  createPod(world, "grpc", "kind-worker", app({ grpc: { port: 80 } }));
  createPod(world, "https", "kind-worker", app({ httpGet: { path: "/", port: 80, scheme: "HTTPS" } }));
  createPod(world, "nobody", "kind-worker", app({ grpc: { port: 81 } }));
  const server = ["python3", "-m", "http.server", "80"];
  const probed = app({ httpGet: { path: "/", port: 80, scheme: "HTTPS" } }).containers[0]!;
  createPod(world, "plain", "kind-worker", { containers: [{ ...probed, command: server }] });
  const byGrpc = app({ grpc: { port: 80 } }).containers[0]!;
  createPod(world, "page", "kind-worker", { containers: [{ ...byGrpc, command: server }] });
  rest(world, seconds(30));
  const isReady = (name: string): string | undefined =>
    podOf(world, name).status?.conditions?.find((c) => c.type === "Ready")?.status;

  it("is a conversation with the pod, which must speak it", () => {
    expect(["grpc", "https", "nobody", "plain", "page"].map(isReady)).toEqual([
      "True",
      "True",
      "False",
      "False",
      "False",
    ]);
  });

  it("says what went wrong", () => {
    const ip = (name: string): string => podOf(world, name).status?.podIP ?? "";
    const late = (name: string, port: number): string =>
      `Unhealthy: Readiness probe failed: timeout: failed to connect service "${ip(name)}:${port}" within 1s: context deadline exceeded`;
    expect(podEvents(world, "nobody").at(-1)).toBe(late("nobody", 81));
    expect(podEvents(world, "page").at(-1)).toBe(late("page", 80));
    expect(podEvents(world, "plain").at(-1)).toBe(
      `Unhealthy: Readiness probe failed: Get "https://${ip("plain")}:80/": EOF`,
    );
  });
});

describe("an exec probe", () => {
  const world = flannelWorld();
  const run = (...command: string[]): object => app({ exec: { command }, timeoutSeconds: 2 });
  createPod(world, "passes", "kind-worker", run("test", "-f", "/etc/hostname"));
  createPod(world, "fails", "kind-worker", run("cat", "/tmp/healthy"));
  createPod(world, "slow", "kind-worker", run("sleep", "5"));
  createPod(world, "unknown", "kind-worker", run("own-checker", "--fast"));
  createPod(world, "script", "kind-worker", run("sh", "-c", "own-checker --fast"));
  const known = app({ exec: { command: ["own-checker"] } }).containers[0]!;
  createPod(world, "missing", "kind-worker", {
    containers: [{ ...known, image: "registry.k8s.io/coredns/coredns", command: ["sleep", "100"] }],
  });
  rest(world, seconds(30));
  const isReady = (name: string): string | undefined =>
    podOf(world, name).status?.conditions?.find((c) => c.type === "Ready")?.status;

  it("runs in the container; what an image that nobody knows would run is taken as passed", () => {
    const names = ["passes", "fails", "slow", "unknown", "script", "missing"];
    expect(names.map(isReady)).toEqual(["True", "False", "False", "True", "True", "False"]);
  });

  it("says what went wrong", () => {
    expect(podEvents(world, "fails").at(-1)).toBe(
      "Unhealthy: Readiness probe failed: cat: /tmp/healthy: No such file or directory\n",
    );
    expect(podEvents(world, "slow").at(-1)).toBe(
      'Unhealthy: Readiness probe failed: command timed out: "sleep 5" timed out after 2s',
    );
    expect(podEvents(world, "missing").at(-1)).toMatch(
      /^Unhealthy: Readiness probe errored and resulted in unknown state: .*exec: "own-checker": executable file not found in \$PATH$/,
    );
  });
});
