import { utf8Encode } from "../../base/utf8.ts";
import { Coroutine } from "../../sim/task.ts";
import { type HttpAnswer, serveHttp } from "../../userland/http/server.ts";
import type { Process } from "../../userland/os/process.ts";
import { IPV4_ANY } from "../../wire/address.ts";
import { type ApiClient, timestamp } from "../api/index.ts";

const PORT = 10_256;
const BACKLOG = 128;
const TO_BE_DELETED = "ToBeDeletedByClusterAutoscaler";

/** GET /healthz and /livez: whether the rules are kept and the node stays. Models: pkg/proxy/healthcheck/proxy_health.go. */
function answer(process: Process, client: ApiClient, node: string, path: string): HttpAnswer {
  const found = client.get("Node", "", node);
  const leaves =
    found === undefined ||
    found.metadata.deletionTimestamp !== undefined ||
    found.spec?.taints?.some(({ key }) => key === TO_BE_DELETED) === true;
  const known = path === "/healthz" || path === "/livez";
  const healthy = path === "/livez" || !leaves;
  const now = timestamp(process.host.queue.now);
  const text = `{"lastUpdated": "${now}","currentTime": "${now}","nodeEligible": ${!leaves}}`;
  const body = utf8Encode(known ? text : "404 page not found\n");
  return {
    status: known ? (healthy ? 200 : 503) : 404,
    reason: known ? (healthy ? "OK" : "Service Unavailable") : "Not Found",
    fields: [
      { name: "Content-Type", value: known ? "application/json" : "text/plain; charset=utf-8" },
      { name: "X-Content-Type-Options", value: "nosniff" },
      { name: "Content-Length", value: String(body.length) },
    ],
    body,
  };
}

/** kube-proxy's own health on every address of the node; the result stops it. */
export function serveHealthz(process: Process, client: ApiClient, node: string): () => void {
  const listener = process.net.socket.tcp("kube-proxy");
  listener.setOptions({ reuseAddress: true });
  if (!listener.bind({ address: IPV4_ANY, port: PORT }).ok || !listener.listen(BACKLOG).ok) {
    listener.close();
    return () => {};
  }
  const task = new Coroutine(
    process.host.queue,
    serveHttp(
      process,
      listener,
      function* ({ request }) {
        return answer(process, client, node, request.target.split("?")[0] ?? "");
      },
      { version: "HTTP/1.1", headFirst: false },
    ),
  ).start();
  return () => {
    task.kill("KILL");
    listener.close();
  };
}
