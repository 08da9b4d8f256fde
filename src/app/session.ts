import { EngineClient, type EngineFailure, type EnginePort } from "../client/index.ts";
import type { Result } from "../base/result.ts";
import { err, ok } from "../base/result.ts";
import type { Action } from "../protocol/messages.ts";
import type { Scenario } from "../scenario/schema.ts";
import { TraceReader } from "../trace/reader.ts";
import { RuleCounts } from "./model/rule-counts.ts";
import { WorldState } from "./model/world.ts";

/** Records of an action, from the first to the one behind the last. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** The engine and everything it has told so far. A new session begins from nothing. */
export class Session {
  readonly reader = new TraceReader();
  readonly world = new WorldState(this.reader);
  readonly counts = new RuleCounts(this.reader);
  private readonly client: EngineClient;
  /** What the last action wrote to its standard error. */
  complaint = "";

  /** `told` is called whenever more of the trace has come. */
  constructor(port: EnginePort, told: () => void) {
    this.client = new EngineClient(port, {
      trace: (chunk) => {
        this.reader.append(chunk);
        told();
      },
      output: (stream, text) => {
        if (stream === "stderr") this.complaint += text;
      },
    });
  }

  async open(scenario: Scenario): Promise<Result<void, EngineFailure>> {
    const answer = await this.client.open(scenario);
    return answer.ok ? ok() : err(answer.error);
  }

  async act(action: Action): Promise<Result<Stretch, EngineFailure>> {
    this.complaint = "";
    const answer = await this.client.act(action);
    return answer.ok ? ok({ from: answer.value.from, to: answer.value.to }) : err(answer.error);
  }

  close(): void {
    this.client.close();
  }

  /** The last thing that a component of the control plane said. */
  lastWord(): string {
    for (let i = this.reader.length - 1; i >= Math.max(0, this.reader.length - 400); i--) {
      if (this.reader.kind(i) !== "control") continue;
      const record = this.reader.record(i);
      if (record.kind === "control") return `${record.component}: ${record.text}`;
    }
    return "";
  }
}
