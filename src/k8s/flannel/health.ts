import { notFound, page, pathOf, servePages } from "../../userland/http/pages.ts";
import type { Process } from "../../userland/os/process.ts";
import type { Ipv4 } from "../../wire/address.ts";

/** What flanneld's health port tells. */
export interface Health {
  /** Its subnet file is written: pods can be given addresses. */
  ready: boolean;
}

/**
 * Alive as long as it answers; ready once told so. Answers until the result is called; undefined where the port is
 * taken. Models: flannel main.go mustRunHealthz.
 */
export function serveHealth(
  process: Process,
  address: Ipv4,
  port: number,
  health: Health,
): (() => void) | undefined {
  return servePages(process, { name: "flanneld", address, port }, (call) => {
    const path = pathOf(call);
    if (path === "/healthz") return page(200, "flanneld is running");
    if (path !== "/readyz") return notFound();
    return health.ready ? page(200, "flanneld is ready") : page(503, "");
  });
}
