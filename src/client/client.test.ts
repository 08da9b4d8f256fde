import { expect, it } from "vitest";
import type { Request, Response } from "../protocol/messages.ts";
import { EngineClient, type EnginePort } from "./client.ts";

const SCENARIO = { version: 1 as const, name: "test", seed: 1, manifests: [] };

/** An engine that answers as told, and can be killed. */
class FakeEngine implements EnginePort {
  readonly sent: Request[] = [];
  isClosed = false;
  answer: (response: Response) => void = () => undefined;
  crash: (message: string) => void = () => undefined;

  send(request: Request): void {
    this.sent.push(request);
  }

  listen(received: (response: Response) => void, crashed: (message: string) => void): void {
    this.answer = received;
    this.crash = crashed;
  }

  close(): void {
    this.isClosed = true;
  }
}

function connect(): { readonly engine: FakeEngine; readonly client: EngineClient; readonly heard: string[] } {
  const engine = new FakeEngine();
  const heard: string[] = [];
  const client = new EngineClient(engine, {
    trace: (chunk) => heard.push(`trace ${chunk.count}`),
    output: (stream, text) => heard.push(`${stream} ${text}`),
  });
  return { engine, client, heard };
}

it("matches answers with requests by their number", async () => {
  const { engine, client, heard } = connect();
  const first = client.open(SCENARIO);
  const second = client.advance(5);
  engine.answer({ type: "output", id: 2, stream: "stdout", text: "hello" });
  engine.answer({ type: "done", id: 2, now: 5, from: 1, to: 2, status: 0 });
  engine.answer({ type: "failed", id: 1, reason: "scenario", message: "no" });
  expect(await second).toEqual({ ok: true, value: { now: 5, from: 1, to: 2, status: 0 } });
  expect(await first).toEqual({ ok: false, error: { reason: "scenario", message: "no" } });
  expect(heard).toEqual(["stdout hello"]);
});

it("fails everything, now and later, when the engine crashes", async () => {
  const { engine, client } = connect();
  const waiting = client.open(SCENARIO);
  engine.crash("out of memory");
  const crash = { ok: false, error: { reason: "crash", message: "out of memory" } };
  expect(await waiting).toEqual(crash);
  expect(await client.advance(1)).toEqual(crash);
  expect(engine.isClosed).toBe(true);
  expect(engine.sent).toHaveLength(1);
});
