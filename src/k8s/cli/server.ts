import type { ApiClient } from "../api/index.ts";

/** Where the API server listens, as the cluster itself has it. */
export function serverAddress(client: ApiClient): string {
  const address = client.get("Endpoints", "default", "kubernetes")?.subsets?.[0]?.addresses?.[0]?.ip;
  return `https://${address ?? "127.0.0.1"}:6443`;
}
