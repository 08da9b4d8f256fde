import { utf8Encode } from "../../../base/utf8.ts";
import { Coroutine } from "../../../sim/task.ts";
import { type HttpAnswer, serveHttp } from "../../../userland/http/server.ts";
import type { Process } from "../../../userland/os/process.ts";
import { IPV4_ANY, IPV4_LOOPBACK, parseIpv4 } from "../../../wire/address.ts";

const BACKLOG = 128;

/** What Felix's health port tells: live as long as it answers, ready once the dataplane was in step for the first time. */
export interface Health {
  ready: boolean;
}

const COLUMNS = ["COMPONENT", "TIMEOUT", "LIVENESS", "READINESS", "DETAIL"] as const;

function centred(text: string, width: number): string {
  const left = Math.floor((width - text.length) / 2);
  return " ".repeat(left) + text + " ".repeat(width - text.length - left);
}

/** Models: libcalico-go/lib/health Summary. */
export function healthTable({ ready }: Health): string {
  const rows = [
    ["CalculationGraph", "30s", "reporting live", "reporting ready", ""],
    ["FelixStartup", "-", "reporting live", "reporting ready", ""],
    [
      "InternalDataplaneMainLoop",
      "1m30s",
      "reporting live",
      ready ? "reporting ready" : "reporting non-ready",
      "",
    ],
  ];
  const widths = COLUMNS.map((name, i) => Math.max(name.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const rule = `+${widths.map((width) => "-".repeat(width + 2)).join("+")}+`;
  const line = (cells: readonly string[]): string => `|${cells.map((cell) => ` ${cell} `).join("|")}|`;
  const head = line(COLUMNS.map((name, i) => centred(name, widths[i] ?? 0)));
  const body = rows.map((row) => line(row.map((cell, i) => cell.padEnd(widths[i] ?? 0))));
  return [rule, head, rule, ...body, rule].join("\n");
}

function answer(health: Health, path: string): HttpAnswer {
  const known = path === "/liveness" || path === "/readiness";
  const well = path === "/liveness" || health.ready;
  const body = utf8Encode(known ? healthTable(health) : "404 page not found\n");
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

/** Answers on the port until the result is called; undefined where it is taken. */
export function serveFelixHealth(
  process: Process,
  host: string,
  port: number,
  health: Health,
): (() => void) | undefined {
  const listener = process.net.socket.tcp("calico-node");
  listener.setOptions({ reuseAddress: true });
  const address = host === "localhost" ? IPV4_LOOPBACK : (parseIpv4(host) ?? IPV4_ANY);
  if (!listener.bind({ address, port }).ok || !listener.listen(BACKLOG).ok) {
    listener.close();
    return undefined;
  }
  const handler = function* ({ request }: { readonly request: { readonly target: string } }) {
    return answer(health, request.target.split("?")[0] ?? "");
  };
  const serving = serveHttp(process, listener, handler, { version: "HTTP/1.1", headFirst: false });
  const task = new Coroutine(process.host.queue, serving).start();
  return () => {
    task.kill("KILL");
    listener.close();
  };
}
