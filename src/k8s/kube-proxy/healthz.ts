import { notFound, page, pathOf, servePages } from "../../userland/http/pages.ts";
import type { HttpAnswer } from "../../userland/http/server.ts";
import type { Process } from "../../userland/os/process.ts";
import { IPV4_ANY } from "../../wire/address.ts";
import { type ApiClient, timestamp } from "../api/index.ts";

const PORT = 10_256;
const TO_BE_DELETED = "ToBeDeletedByClusterAutoscaler";
const NO_SNIFF = { name: "X-Content-Type-Options", value: "nosniff" };

/** GET /healthz and /livez: whether the rules are kept and the node stays. Models: pkg/proxy/healthcheck/proxy_health.go. */
function answer(process: Process, client: ApiClient, node: string, path: string): HttpAnswer {
  if (path !== "/healthz" && path !== "/livez") return notFound();
  const found = client.get("Node", "", node);
  const leaves =
    found === undefined ||
    found.metadata.deletionTimestamp !== undefined ||
    found.spec?.taints?.some(({ key }) => key === TO_BE_DELETED) === true;
  const now = timestamp(process.host.queue.now);
  const text = `{"lastUpdated": "${now}","currentTime": "${now}","nodeEligible": ${!leaves}}`;
  return page(path === "/livez" || !leaves ? 200 : 503, text, "application/json", [NO_SNIFF]);
}

/** kube-proxy's own health on every address of the node; the result stops it. */
export function serveHealthz(process: Process, client: ApiClient, node: string): () => void {
  const at = { name: "kube-proxy", address: IPV4_ANY, port: PORT };
  return servePages(process, at, (call) => answer(process, client, node, pathOf(call))) ?? (() => {});
}
