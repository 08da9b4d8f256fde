/**
 * 300 replicas in @ngrok/webernetes: from applying a Deployment and a Service of type NodePort to the first answer through
 * it, and until all are ready. `node e2e/peers/webernetes.mjs REPLICAS` prints four numbers: seconds of CPU and of the wall
 * for either. Its clock is the wall's, as in a page. Its modules name each other without endings, which Node does not
 * resolve: they are bundled first.
 */
import { mkdirSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const PORT = 31_000;
const NODES = 3;
const ASK_EVERY_MS = 50;
const GIVE_UP_MS = 90_000;

/** The package as one module. @returns {Promise<typeof import("@ngrok/webernetes")>} */
async function load() {
  const { rolldown } = await import("rolldown");
  const cache = `${root}node_modules/.cache/peers`;
  mkdirSync(cache, { recursive: true });
  const bundler = await rolldown({
    input: "@ngrok/webernetes",
    cwd: root,
    platform: "node",
    logLevel: "silent",
  });
  const file = `${cache}/webernetes-${process.pid}.mjs`;
  await bundler.write({ file, format: "esm", codeSplitting: false });
  await bundler.close();
  return await import(pathToFileURL(file).href);
}

const { BaseImage, Cluster } = await load();

class Web extends BaseImage {
  static imageName = "web";
  static imageVersion = "1.0";
  defaultCommand = ["server"];

  /**
   * @override
   * @param {import("@ngrok/webernetes").ProcessContext} context
   * @param {readonly string[]} argv
   */
  async exec(context, argv) {
    if (argv[0] !== "server") return await super.exec(context, argv);
    context.listenHttp(80, async () => ({ status: 200, body: "hello\n" }));
    return await context.waitUntilKilled();
  }
}

/**
 * @param {number} replicas
 * @returns {import("@ngrok/webernetes").ClusterApplyResource[]}
 */
function manifests(replicas) {
  const labels = { app: "web" };
  const containers = [{ name: "web", image: "web:1.0", ports: [{ containerPort: 80 }] }];
  const template = { metadata: { labels }, spec: { containers } };
  const ports = [{ port: 80, targetPort: 80, nodePort: PORT, protocol: "TCP" }];
  return [
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "web" },
      spec: { replicas, selector: { matchLabels: labels }, template },
    },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "web" },
      spec: { type: "NodePort", selector: labels, ports },
    },
  ];
}

const replicas = Number(process.argv[2] ?? "300");
const cluster = new Cluster({ nodes: NODES });
cluster.registerImage(Web);
await cluster.init();
/** @param {number} ms */
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const began = { wall: performance.now(), cpu: process.cpuUsage() };
function spent() {
  const { user, system } = process.cpuUsage(began.cpu);
  return [(user + system) / 1e6, (performance.now() - began.wall) / 1e3];
}

await cluster.apply(manifests(replicas));
/** @type {number[] | undefined} */
let first;
async function ask() {
  try {
    const response = await cluster.fetch(`http://node-1:${PORT}`);
    if (response.body === "hello\n") first ??= spent();
  } catch {
    // Nobody is there yet.
  }
}
for (;;) {
  // A request that hangs must not hide that the next one would be answered.
  if (first === undefined) void ask();
  await pause(ASK_EVERY_MS);
  if (performance.now() - began.wall > GIVE_UP_MS) throw new Error("no answer, or not all are ready");
  if (first === undefined) continue;
  const deployment = await cluster.api.appsv1.readNamespacedDeployment({ name: "web", namespace: "default" });
  if (deployment.status?.readyReplicas === replicas) break;
}
process.stdout.write(`${[...(first ?? []), ...spent()].join(" ")}\n`);
process.exit(0);
