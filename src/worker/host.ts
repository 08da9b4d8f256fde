import type { Request, Response } from "../protocol/messages.ts";
import { PROTOCOL_VERSION } from "../protocol/messages.ts";
import type { Lab, OpenLab, Refusal, Run } from "./lab.ts";

/** What the host is given: how to make a world, how to answer, and how to give other messages a turn. */
export interface HostPorts {
  readonly open: OpenLab;
  /** Fetches what code the request needs; resolves at once when it is there. */
  readonly prepare?: (request: Request) => Promise<void>;
  readonly post: (message: Response, transfer: readonly ArrayBuffer[]) => void;
  /** Resolves when messages that came meanwhile were delivered. */
  readonly breathe: () => Promise<void>;
}

/**
 * The engine's side of the protocol. It holds at most one world and works on one request at a time; a second one
 * is refused as busy, `stop` ends the first. Runs in a worker, in tests and on the command line alike.
 */
export class Host {
  private readonly ports: HostPorts;
  private lab: Lab | undefined;
  private working: number | undefined;
  private stopping = false;

  constructor(ports: HostPorts) {
    this.ports = ports;
  }

  async receive(request: Request): Promise<void> {
    const { id } = request;
    if (request.type === "stop") {
      this.stopping = this.working !== undefined;
      this.done(id, this.lab?.traceLength() ?? 0, 0);
      return;
    }
    if (this.working !== undefined) {
      this.fail(id, { reason: "busy", message: `request ${this.working} is still running` });
      return;
    }
    this.working = id;
    this.stopping = false;
    try {
      await this.work(request);
    } catch (error) {
      this.lab = undefined;
      this.fail(id, { reason: "crash", message: describe(error) });
    } finally {
      this.working = undefined;
    }
  }

  private async work(request: Exclude<Request, { type: "stop" }>): Promise<void> {
    const { id } = request;
    await this.ports.prepare?.(request);
    if (request.type === "open") {
      await this.openLab(request);
      return;
    }
    const lab = this.lab;
    if (lab === undefined) {
      this.fail(id, { reason: "stopped", message: "no scenario is open" });
      return;
    }
    const from = lab.traceLength();
    if (request.type === "advance") {
      await this.drive(id, lab, lab.advance(request.nanos), from);
      return;
    }
    if (request.type === "terminal") {
      const done = lab.terminal(request.terminal, request.action);
      this.sendTrace(id, lab);
      if (done.ok) this.done(id, from, 0);
      else this.fail(id, done.error);
      return;
    }
    const run = lab.act(request.action, (stream, text) => {
      this.ports.post({ type: "output", id, stream, text }, []);
    });
    if (run.ok) await this.drive(id, lab, run.value, from);
    else this.fail(id, run.error);
  }

  private async openLab(request: Extract<Request, { type: "open" }>): Promise<void> {
    const { id, version, scenario } = request;
    this.lab = undefined;
    if (version !== PROTOCOL_VERSION) {
      const message = `the page speaks version ${version} of the protocol, the engine ${PROTOCOL_VERSION}; reload the page`;
      this.fail(id, { reason: "version", message });
      return;
    }
    const opened = this.ports.open(scenario);
    if (!opened.ok) {
      this.fail(id, opened.error);
      return;
    }
    const { lab, start } = opened.value;
    this.lab = lab;
    await this.drive(id, lab, start, 0);
  }

  /** Runs slice by slice; after each one the page gets what was recorded. */
  private async drive(id: number, lab: Lab, run: Run, from: number): Promise<void> {
    for (;;) {
      const status = run.step();
      this.sendTrace(id, lab);
      if (status !== undefined) {
        this.done(id, from, status);
        return;
      }
      await this.ports.breathe();
      if (this.stopping) {
        this.fail(id, { reason: "stopped", message: "stopped on request" });
        return;
      }
    }
  }

  /** What was recorded, then what terminals told. */
  private sendTrace(id: number, lab: Lab): void {
    const chunk = lab.takeTrace();
    if (chunk.count > 0 || chunk.texts.length > 0) {
      const transfer = [chunk.words.buffer, chunk.times.buffer, chunk.bytes.buffer];
      this.ports.post({ type: "trace", id, chunk }, transfer);
    }
    for (const { terminal, event } of lab.takeTerminals())
      this.ports.post({ type: "terminal", id, terminal, event }, []);
  }

  private done(id: number, from: number, status: number): void {
    const now = this.lab?.now() ?? 0;
    const to = this.lab?.traceLength() ?? from;
    this.ports.post({ type: "done", id, now, from, to, status }, []);
  }

  private fail(id: number, { reason, message }: Refusal): void {
    this.ports.post({ type: "failed", id, reason, message }, []);
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
