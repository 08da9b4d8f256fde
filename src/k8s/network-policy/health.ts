import { utf8Encode } from "../../base/utf8.ts";
import type { Task } from "../../sim/task.ts";
import { type HttpHandler, serveHttp } from "../../userland/http/server.ts";
import type { Process } from "../../userland/os/process.ts";
import { IPV4_ANY } from "../../wire/address.ts";

const BACKLOG = 128;

/** What /healthz tells: alive once the first sync has begun. Models: kube-router pkg/healthcheck. */
export interface Health {
  healthy: boolean;
}

function page(health: Health, path: string): readonly [status: number, reason: string, text: string] {
  if (path !== "/healthz") return [404, "Not Found", "404 page not found\n"];
  return health.healthy ? [200, "OK", "OK\n"] : [500, "Internal Server Error", "Unhealthy"];
}

/** Answers on the health port until the process ends. The result tells that the port is taken. */
export function listenHealth(
  process: Process,
  port: number,
): { readonly serve: (health: Health) => Task<void> } | undefined {
  const listener = process.net.socket.tcp("kube-router");
  listener.setOptions({ reuseAddress: true });
  if (!listener.bind({ address: IPV4_ANY, port }).ok || !listener.listen(BACKLOG).ok) {
    listener.close();
    return undefined;
  }
  return {
    *serve(health) {
      const handler: HttpHandler = function* ({ request }) {
        const [status, reason, text] = page(health, request.target);
        const body = utf8Encode(text);
        const fields = [
          { name: "Content-Type", value: "text/plain; charset=utf-8" },
          { name: "Content-Length", value: String(body.length) },
        ];
        return { status, reason, fields, body };
      };
      try {
        yield* serveHttp(process, listener, handler, { version: "HTTP/1.1", headFirst: false });
      } finally {
        listener.close();
      }
    },
  };
}
