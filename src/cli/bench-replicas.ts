import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { must } from "../base/result.ts";
import { utf8Decode } from "../base/utf8.ts";
import { KNOWN_IMAGES } from "../container/images/index.ts";
import { ApiClient } from "../k8s/api/index.ts";
import { readKind, startCluster } from "../lab/cluster.ts";
import { runScripts } from "../lab/script.ts";
import { World } from "../lab/world.ts";
import { millis, seconds } from "../sim/time.ts";

/** 300 replicas applied to first answer: a Deployment and a NodePort Service on three idle nodes, here and in webernetes. */

const REPLICAS = 300;
const PORT = 31_000;
const PEER = "e2e/peers/webernetes.mjs";
const KIND = `kind: Cluster
apiVersion: kind.x-k8s.io/v1alpha4
nodes: [{ role: control-plane }, { role: worker }, { role: worker }, { role: worker }]
`;

/** Seconds, from applying: of the processor and of the wall, to the first answer and until all replicas are ready. */
interface Spent {
  readonly firstCpu: number;
  readonly firstWall: number;
  readonly allCpu: number;
  readonly allWall: number;
}

function spentSince(cpu: NodeJS.CpuUsage, wall: number): readonly [number, number] {
  const { user, system } = process.cpuUsage(cpu);
  return [(user + system) / 1e6, (performance.now() - wall) / 1e3];
}

function run(world: World, text: string): string {
  let said = "";
  runScripts(world, {
    scripts: [{ path: "/bench.sh", text }],
    cwd: "/",
    captures: false,
    output: (_, bytes) => (said += utf8Decode(bytes)),
  });
  return said;
}

/** In this process; prints the four numbers. */
export function benchReplicasHere(): number {
  const config = readKind("bench.yaml", KIND);
  if (!config.ok) throw new Error(config.error);
  const world = new World({ seed: 1, traced: false });
  run(world, "true");
  const { cluster } = startCluster(world, config.value, { images: KNOWN_IMAGES });
  const admin = new ApiClient(cluster.options.store, "kubectl");
  world.pass(seconds(30));
  const node = must(
    admin.list("Node").find(({ metadata }) => metadata.name === "kind-worker"),
    "node",
  );
  const address = node.status?.addresses?.find(({ type }) => type === "InternalIP")?.address ?? "";
  const [cpu, wall] = [process.cpuUsage(), performance.now()];
  apply(admin);
  const request = `curl -s -m 1 http://${address}:${PORT}/`;
  while (!run(world, request).includes("Welcome to nginx!")) world.pass(millis(50));
  const first = spentSince(cpu, wall);
  const ready = (): number => admin.get("Deployment", "default", "web")?.status?.readyReplicas ?? 0;
  while (ready() < REPLICAS) world.pass(millis(50));
  process.stdout.write(`${[...first, ...spentSince(cpu, wall)].join(" ")}\n`);
  return 0;
}

function apply(admin: ApiClient): void {
  const labels = { app: "web" };
  const containers = [{ name: "web", image: "nginx", ports: [{ containerPort: 80 }] }];
  admin.mustCreate("Deployment", {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web", namespace: "default" },
    spec: {
      replicas: REPLICAS,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers } },
    },
  });
  admin.mustCreate("Service", {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "web", namespace: "default" },
    spec: {
      type: "NodePort",
      selector: labels,
      ports: [{ port: 80, targetPort: 80, nodePort: PORT }],
    },
  });
}

function apart(...words: readonly string[]): Spent | undefined {
  const ran = spawnSync(process.execPath, words, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
  const numbers = ran.stdout.trim().split(" ").map(Number);
  const [firstCpu = NaN, firstWall = NaN, allCpu = NaN, allWall = NaN] = numbers;
  return ran.status === 0 && !Number.isNaN(allWall) ? { firstCpu, firstWall, allCpu, allWall } : undefined;
}

type Row = (what: string, value: string, goal?: string) => void;

/** Both, each in a process of its own, one after the other. */
export function replicaRows(row: Row): void {
  const ours = apart(must(process.argv[1], "program"), "bench", "replicas-here");
  const peer = existsSync(PEER) ? apart(PEER, String(REPLICAS)) : undefined;
  const shown = (spent: Spent | undefined, side: "first" | "all"): string =>
    spent === undefined ? "failed" : `${spent[`${side}Cpu`].toFixed(2)} s`;
  for (const [side, what] of [
    ["first", `${REPLICAS} replicas applied to first answer, CPU`],
    ["all", `${REPLICAS} replicas applied until all are ready, CPU`],
  ] as const) {
    row(what, shown(ours, side));
    row("the same in @ngrok/webernetes 0.3.5", shown(peer, side));
    if (ours === undefined || peer === undefined) continue;
    row("webernetes : ours", `${(peer[`${side}Cpu`] / ours[`${side}Cpu`]).toFixed(1)} x`);
    row("by the wall, webernetes : ours", `${(peer[`${side}Wall`] / ours[`${side}Wall`]).toFixed(1)} x`);
  }
}
