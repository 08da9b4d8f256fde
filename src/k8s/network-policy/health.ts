import { notFound, page, pathOf, servePages } from "../../userland/http/pages.ts";
import type { Process } from "../../userland/os/process.ts";
import { IPV4_ANY } from "../../wire/address.ts";

/** What /healthz tells: alive once the first sync has begun. Models: kube-router pkg/healthcheck. */
export interface Health {
  healthy: boolean;
}

/** Answers on the health port until the result is called; undefined where the port is taken. */
export function serveHealth(process: Process, port: number, health: Health): (() => void) | undefined {
  return servePages(process, { name: "kube-router", address: IPV4_ANY, port }, (call) => {
    if (pathOf(call) !== "/healthz") return notFound();
    return health.healthy ? page(200, "OK\n") : page(500, "Unhealthy");
  });
}
