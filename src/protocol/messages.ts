import type { Scenario } from "../scenario/schema.ts";
import type { TraceChunk } from "../trace/writer.ts";

/** Raised with every change of these messages; client and worker of different versions refuse each other. */
export const PROTOCOL_VERSION = 2;

/** What the page may ask the engine to do in the world. Places are network namespace labels ("kind-worker", "kind-worker.default.frontend-x"). */
export type Action =
  | { readonly kind: "ping"; readonly from: string; readonly to: string }
  | {
      readonly kind: "udp";
      readonly from: string;
      readonly to: string;
      readonly port: number;
      readonly text: string;
    }
  | { readonly kind: "shell"; readonly at: string; readonly command: string };

/** What the page may do with a terminal. The page numbers them; a number is used once. Places are those of `Action`; "" is the first machine. */
export type TerminalAction =
  | { readonly kind: "open"; readonly at: string; readonly columns: number; readonly rows: number }
  /** Keys, as a terminal emulator sends them. */
  | { readonly kind: "input"; readonly text: string }
  | { readonly kind: "resize"; readonly columns: number; readonly rows: number }
  | { readonly kind: "close" };

/** What a terminal tells. Commands are numbered within it; `from` and `to` are places in the trace, as those of `done`. */
export type TerminalEvent =
  | { readonly kind: "output"; readonly text: string }
  | { readonly kind: "command"; readonly number: number; readonly text: string; readonly from: number }
  /** The command runs this program in this namespace: its packets are the command's. */
  | { readonly kind: "program"; readonly number: number; readonly netns: number; readonly program: string }
  | { readonly kind: "result"; readonly number: number; readonly status: number; readonly to: number }
  /** Whether something runs there that waits for time to pass; at a prompt, nothing does. */
  | { readonly kind: "busy"; readonly busy: boolean }
  | { readonly kind: "ended"; readonly status: number };

/** Page to worker. Every request carries a number that its answers repeat. */
export type Request =
  | { readonly type: "open"; readonly id: number; readonly version: number; readonly scenario: Scenario }
  | { readonly type: "act"; readonly id: number; readonly action: Action }
  /** Does something at a terminal, at this moment: `advance` lets its programs go on. */
  | {
      readonly type: "terminal";
      readonly id: number;
      readonly terminal: number;
      readonly action: TerminalAction;
    }
  /** Lets virtual time pass: controllers work, timers run. */
  | { readonly type: "advance"; readonly id: number; readonly nanos: number }
  | { readonly type: "stop"; readonly id: number };

/** Closed set of reasons for which a request fails. */
export type FailureReason = "version" | "scenario" | "place" | "busy" | "stopped" | "crash";

/** Worker to page. `trace` comes before the `done` or `failed` of the request that caused it. */
export type Response =
  | { readonly type: "trace"; readonly id: number; readonly chunk: TraceChunk }
  /** Text that a command printed. */
  | {
      readonly type: "output";
      readonly id: number;
      readonly stream: "stdout" | "stderr";
      readonly text: string;
    }
  /** Comes after the trace of what led to it, whatever the request was. */
  | {
      readonly type: "terminal";
      readonly id: number;
      readonly terminal: number;
      readonly event: TerminalEvent;
    }
  /** `now` is virtual nanoseconds; `from` and `to` are the first record of this request and the one after its last. */
  | {
      readonly type: "done";
      readonly id: number;
      readonly now: number;
      readonly from: number;
      readonly to: number;
      readonly status: number;
    }
  | {
      readonly type: "failed";
      readonly id: number;
      readonly reason: FailureReason;
      readonly message: string;
    };
