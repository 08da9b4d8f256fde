import type { Result } from "../base/result.ts";
import { err, ok } from "../base/result.ts";
import {
  type Action,
  type FailureReason,
  PROTOCOL_VERSION,
  type Request,
  type Response,
  type TerminalAction,
  type TerminalEvent,
} from "../protocol/messages.ts";
import type { Scenario } from "../scenario/schema.ts";
import type { TraceChunk } from "../trace/writer.ts";

/** The two ends of a channel to an engine, whether it runs in a worker or in this thread. */
export interface EnginePort {
  send(request: Request): void;
  /** Called once, before anything is sent. `crashed` is for an engine that died without an answer. */
  listen(received: (response: Response) => void, crashed: (message: string) => void): void;
  close(): void;
}

export interface EngineListener {
  trace(chunk: TraceChunk): void;
  output(stream: "stdout" | "stderr", text: string): void;
  terminal?(terminal: number, event: TerminalEvent): void;
}

export interface Finished {
  readonly now: number;
  readonly from: number;
  readonly to: number;
  readonly status: number;
}

export interface EngineFailure {
  readonly reason: FailureReason;
  readonly message: string;
}

export type Answer = Result<Finished, EngineFailure>;

type Ask =
  | { readonly type: "open"; readonly version: number; readonly scenario: Scenario }
  | { readonly type: "act"; readonly action: Action }
  | { readonly type: "terminal"; readonly terminal: number; readonly action: TerminalAction }
  | { readonly type: "advance"; readonly nanos: number }
  | { readonly type: "stop" };

/** One engine with one world. After a crash every request fails; make a new client to go on. */
export class EngineClient {
  private readonly port: EnginePort;
  private readonly listener: EngineListener;
  private readonly waiting = new Map<number, (answer: Answer) => void>();
  private lastId = 0;
  private dead: EngineFailure | undefined;

  constructor(port: EnginePort, listener: EngineListener) {
    this.port = port;
    this.listener = listener;
    port.listen(
      (response) => this.receive(response),
      (message) => this.die({ reason: "crash", message }),
    );
  }

  open(scenario: Scenario): Promise<Answer> {
    return this.ask({ type: "open", version: PROTOCOL_VERSION, scenario });
  }

  act(action: Action): Promise<Answer> {
    return this.ask({ type: "act", action });
  }

  terminal(terminal: number, action: TerminalAction): Promise<Answer> {
    return this.ask({ type: "terminal", terminal, action });
  }

  advance(nanos: number): Promise<Answer> {
    return this.ask({ type: "advance", nanos });
  }

  stop(): Promise<Answer> {
    return this.ask({ type: "stop" });
  }

  close(): void {
    this.die({ reason: "stopped", message: "the engine was closed" });
  }

  private ask(ask: Ask): Promise<Answer> {
    if (this.dead !== undefined) return Promise.resolve(err(this.dead));
    const id = ++this.lastId;
    return new Promise((resolve) => {
      this.waiting.set(id, resolve);
      this.port.send({ ...ask, id });
    });
  }

  private receive(response: Response): void {
    if (this.dead !== undefined) return;
    switch (response.type) {
      case "trace":
        this.listener.trace(response.chunk);
        return;
      case "output":
        this.listener.output(response.stream, response.text);
        return;
      case "terminal":
        this.listener.terminal?.(response.terminal, response.event);
        return;
      case "done": {
        const { now, from, to, status } = response;
        this.settle(response.id, ok({ now, from, to, status }));
        return;
      }
      case "failed": {
        const { reason, message } = response;
        this.settle(response.id, err({ reason, message }));
        if (reason === "crash") this.die({ reason, message });
      }
    }
  }

  private settle(id: number, answer: Answer): void {
    const resolve = this.waiting.get(id);
    this.waiting.delete(id);
    resolve?.(answer);
  }

  private die(failure: EngineFailure): void {
    if (this.dead !== undefined) return;
    this.dead = failure;
    this.port.close();
    for (const id of [...this.waiting.keys()]) this.settle(id, err(failure));
  }
}
