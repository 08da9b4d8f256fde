import { utf8Encode } from "../../base/utf8.ts";
import { Coroutine } from "../../sim/task.ts";
import type { IpAddress } from "../../wire/ip-address.ts";
import type { Process } from "../os/process.ts";
import { type HttpAnswer, type HttpCall, serveHttp } from "./server.ts";

const REASONS: Readonly<Record<number, string>> = {
  200: "OK",
  404: "Not Found",
  500: "Internal Server Error",
  503: "Service Unavailable",
};
/** As Go's net/http answers who asks for what is not there. */
const NOT_FOUND = "404 page not found\n";
const BACKLOG = 4096;

/** A short text as an answer; further fields stand between its type and its length. */
export function page(
  status: number,
  text: string,
  type = "text/plain; charset=utf-8",
  fields: HttpAnswer["fields"] = [],
): HttpAnswer {
  const body = utf8Encode(text);
  return {
    status,
    reason: REASONS[status] ?? "",
    fields: [
      { name: "Content-Type", value: type },
      ...fields,
      { name: "Content-Length", value: String(body.length) },
    ],
    body,
  };
}

export const notFound = (): HttpAnswer => page(404, NOT_FOUND);

/** The path that is asked for, without its query. */
export function pathOf({ request }: HttpCall): string {
  return request.target.split("?")[0] ?? "";
}

/**
 * Answers from memory beside what a program does otherwise: health, readiness, metrics. The result ends it; undefined
 * where the port is taken.
 */
export function servePages(
  process: Process,
  at: { readonly name: string; readonly address: IpAddress; readonly port: number },
  answer: (call: HttpCall) => HttpAnswer,
): (() => void) | undefined {
  const listener = process.net.socket.tcp(at.name);
  listener.setOptions({ reuseAddress: true });
  if (!listener.bind({ address: at.address, port: at.port }).ok || !listener.listen(BACKLOG).ok) {
    listener.close();
    return undefined;
  }
  const server = serveHttp(
    process,
    listener,
    function* (call) {
      return answer(call);
    },
    { version: "HTTP/1.1", headFirst: false },
  );
  const task = new Coroutine(process.host.queue, server).start();
  return () => {
    task.kill("KILL");
    listener.close();
  };
}
