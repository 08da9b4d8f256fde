import type { Result } from "../base/result.ts";
import type { Action, FailureReason, TerminalAction, TerminalEvent } from "../protocol/messages.ts";
import type { Scenario } from "../scenario/schema.ts";
import type { TraceChunk } from "../trace/writer.ts";

/** Why a lab refuses: a reason of the protocol and a sentence for people. */
export interface Refusal {
  readonly reason: FailureReason;
  readonly message: string;
}

/** Where a command's text goes. */
export type Output = (stream: "stdout" | "stderr", text: string) => void;

/**
 * Something that takes a while, done in slices so that the host can send on what was recorded and hear "stop".
 * `step` works for a slice and answers the exit status when all is done, undefined when there is more to do.
 */
export interface Run {
  step(): number | undefined;
}

/** What the host needs of a world. The engine's own type may offer more. */
export interface Lab {
  /** Virtual nanoseconds since the world began. */
  now(): number;
  /** Records written since the world began. */
  traceLength(): number;
  /** The records since the last call; the host sends them to the page. */
  takeTrace(): TraceChunk;
  /** Starts an action; a place that is not there is refused. */
  act(action: Action, output: Output): Result<Run, Refusal>;
  /** Opens, feeds or closes a terminal, at this moment. */
  terminal(number: number, action: TerminalAction): Result<void, Refusal>;
  /** What terminals told since the last call, in order. */
  takeTerminals(): readonly { readonly terminal: number; readonly event: TerminalEvent }[];
  /** Lets virtual time pass. */
  advance(nanos: number): Run;
}

/** Reads a scenario and answers a world at time 0 together with the run that brings it up. */
export type OpenLab = (scenario: Scenario) => Result<{ readonly lab: Lab; readonly start: Run }, Refusal>;
