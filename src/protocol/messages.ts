import type { Scenario } from "../scenario/schema.ts";
import type { TraceChunk } from "../trace/writer.ts";

/** Raised with every change of these messages; client and worker of different versions refuse each other. */
export const PROTOCOL_VERSION = 1;

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

/** Page to worker. Every request carries a number that its answers repeat. */
export type Request =
  | { readonly type: "open"; readonly id: number; readonly version: number; readonly scenario: Scenario }
  | { readonly type: "act"; readonly id: number; readonly action: Action }
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
