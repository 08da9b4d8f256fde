import { utf8Encode } from "../../base/utf8.ts";
import { Coroutine } from "../../sim/task.ts";
import { type HttpAnswer, serveHttp } from "../../userland/http/server.ts";
import type { Process } from "../../userland/os/process.ts";
import type { Ipv4 } from "../../wire/address.ts";

const BACKLOG = 128;

/** What flanneld's health port tells. */
export interface Health {
  /** Its subnet file is written: pods can be given addresses. */
  ready: boolean;
}

/** Alive as long as it answers; ready once told so. Models: flannel main.go mustRunHealthz. */
function answer(health: Health, path: string): HttpAnswer {
  const known = path === "/healthz" || path === "/readyz";
  const well = path === "/healthz" || health.ready;
  const text = path === "/healthz" ? "flanneld is running" : health.ready ? "flanneld is ready" : "";
  const body = utf8Encode(known ? text : "404 page not found\n");
  return {
    status: known ? (well ? 200 : 503) : 404,
    reason: known ? (well ? "OK" : "Service Unavailable") : "Not Found",
    fields: [
      { name: "Content-Type", value: "text/plain; charset=utf-8" },
      { name: "Content-Length", value: String(body.length) },
    ],
    body,
  };
}

/** Answers on the port until the result is called; undefined where the port is taken. */
export function serveHealth(
  process: Process,
  address: Ipv4,
  port: number,
  health: Health,
): (() => void) | undefined {
  const listener = process.net.socket.tcp("flanneld");
  listener.setOptions({ reuseAddress: true });
  if (!listener.bind({ address, port }).ok || !listener.listen(BACKLOG).ok) {
    listener.close();
    return undefined;
  }
  const task = new Coroutine(
    process.host.queue,
    serveHttp(
      process,
      listener,
      function* ({ request }) {
        return answer(health, request.target.split("?")[0] ?? "");
      },
      { version: "HTTP/1.1", headFirst: false },
    ),
  ).start();
  return () => {
    task.kill("KILL");
    listener.close();
  };
}
