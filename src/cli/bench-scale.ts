import { spawnSync } from "node:child_process";
import { must } from "../base/result.ts";
import { utf8Decode } from "../base/utf8.ts";
import { KNOWN_IMAGES } from "../container/images/index.ts";
import { type Draft, ApiClient } from "../k8s/api/index.ts";
import { readKind, startCluster } from "../lab/cluster.ts";
import { runScripts } from "../lab/script.ts";
import { World } from "../lab/world.ts";
import { seconds } from "../sim/time.ts";

/** How large a cluster is. Its network is kindnet, its services have the pods in equal shares. */
export interface Scale {
  readonly nodes: number;
  readonly podsPerNode: number;
  readonly services: number;
}

export interface ScaleCost {
  /** CPU seconds until every pod is ready. */
  readonly build: number;
  /** Peak of resident memory in megabytes. */
  readonly peak: number;
  /** CPU milliseconds of a request from a pod to a Service: with all that sleeps on its way, and once more. */
  readonly first: number;
  readonly again: number;
}

const NAMESPACE = "default";

function cpu(since?: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1e6;
}

function kindOf({ nodes }: Scale): string {
  const workers = Array.from({ length: nodes }, () => "- role: worker").join("\n");
  const ranges = "podSubnet: 10.0.0.0/8, serviceSubnet: 172.20.0.0/14";
  return `kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nnetworking: {${ranges}}\nnodes:\n- role: control-plane\n${workers}\n`;
}

function deploymentOf(name: string, replicas: number): Draft<"Deployment"> {
  const labels = { app: name };
  const containers = [{ name: "web", image: "nginx:1.29", ports: [{ containerPort: 80 }] }];
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace: NAMESPACE },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers } },
    },
  };
}

function apply(admin: ApiClient, { nodes, podsPerNode, services }: Scale): void {
  for (let i = 0; i < services; i++) {
    const name = `app-${i}`;
    admin.mustCreate("Service", {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name, namespace: NAMESPACE },
      spec: { selector: { app: name }, ports: [{ port: 80 }], sessionAffinity: "ClientIP" },
    });
    admin.mustCreate("Deployment", deploymentOf(name, Math.round((nodes * podsPerNode) / services)));
  }
}

function ready(admin: ApiClient): number {
  return admin.list("Deployment").reduce((sum, { status }) => sum + (status?.readyReplicas ?? 0), 0);
}

function ask(world: World, command: string): number {
  const before = process.cpuUsage();
  let said = "";
  const { status } = runScripts(world, {
    scripts: [{ path: "/ask.sh", text: command }],
    cwd: "/",
    captures: false,
    output: (_, bytes) => (said += utf8Decode(bytes)),
  });
  if (status !== 0 || !said.includes("Welcome to nginx!")) throw new Error(`no answer: ${said}`);
  return cpu(before) * 1000;
}

/** Builds the cluster in this process and asks it. */
export function measureScale(scale: Scale): ScaleCost {
  const begin = process.cpuUsage();
  const config = readKind("bench.yaml", kindOf(scale));
  if (!config.ok) throw new Error(config.error);
  const world = new World({ seed: 1, traced: false });
  runScripts(world, {
    scripts: [{ path: "/none.sh", text: "true" }],
    cwd: "/",
    captures: false,
    output: () => undefined,
  });
  const { cluster } = startCluster(world, config.value, { images: KNOWN_IMAGES });
  const admin = new ApiClient(cluster.options.store, "kubectl");
  world.pass(seconds(20));
  apply(admin, scale);
  const wanted = Math.round((scale.nodes * scale.podsPerNode) / scale.services) * scale.services;
  while (ready(admin) < wanted) world.pass(seconds(5));
  const build = cpu(begin);
  const peak = process.resourceUsage().maxRSS / 1024;
  const client = must(admin.list("Pod", { namespace: NAMESPACE })[0], "pod").metadata.name;
  const request = `kubectl exec ${client} -- curl -s http://$(kubectl get svc app-0 -o jsonpath='{.spec.clusterIP}')/`;
  const first = ask(world, request);
  return { build, peak, first, again: ask(world, request) };
}

/** The same in a process of its own, whose memory nothing else has used. */
export function measureScaleApart({ nodes, podsPerNode, services }: Scale): ScaleCost {
  const program = must(process.argv[1], "program");
  const size = [nodes, podsPerNode, services].map(String);
  const flags = ["--max-old-space-size=8192", "--enable-source-maps"];
  const ran = spawnSync(process.execPath, [...flags, program, "bench", "scale", ...size], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [build = NaN, peak = NaN, first = NaN, again = NaN] = ran.stdout.trim().split(" ").map(Number);
  return { build, peak, first, again };
}
