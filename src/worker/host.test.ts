import { expect, it } from "vitest";
import { err, ok } from "../base/result.ts";

import { PROTOCOL_VERSION, type Response } from "../protocol/messages.ts";
import { TraceWriter } from "../trace/writer.ts";
import { Host } from "./host.ts";
import type { Lab, OpenLab } from "./lab.ts";

const SCENARIO = { version: 1 as const, name: "test", seed: 1, manifests: [] };

/** A lab that writes one record a slice and dies of "crash". */
function fakeLab(): Lab {
  const writer = new TraceWriter({ now: 7 });
  const slices = (count: number) => {
    let left = count;
    return {
      step: () => {
        writer.control("lab", "", `slice ${left}`);
        return --left > 0 ? undefined : 0;
      },
    };
  };
  return {
    now: () => 7,
    traceLength: () => writer.length,
    takeTrace: () => writer.take(),
    terminal: () => ok(),
    takeTerminals: () => [],
    advance: () => slices(1),
    act: (action, output) => {
      if (action.kind === "shell" && action.command === "crash") throw new Error("boom");
      if (action.kind === "ping" && action.from === "nowhere")
        return err({ reason: "place", message: "no such place" });
      output("stdout", "hello");
      return ok(slices(3));
    },
  };
}

const open: OpenLab = () => {
  const lab = fakeLab();
  return ok({ lab, start: lab.advance(0) });
};

function host(): { readonly host: Host; readonly posted: Response[] } {
  const posted: Response[] = [];
  return {
    posted,
    host: new Host({ open, post: (message) => posted.push(message), breathe: () => Promise.resolve() }),
  };
}

const shape = (message: Response): string =>
  message.type === "failed"
    ? `failed ${message.reason}`
    : message.type === "done"
      ? `done ${message.from}-${message.to}`
      : message.type;

it("sends the trace slice by slice before the answer", async () => {
  const { host: h, posted } = host();
  await h.receive({ type: "open", id: 1, version: PROTOCOL_VERSION, scenario: SCENARIO });
  await h.receive({ type: "act", id: 2, action: { kind: "ping", from: "a", to: "b" } });
  expect(posted.map(shape)).toEqual(["trace", "done 0-1", "output", "trace", "trace", "trace", "done 1-4"]);
});

it("refuses another version, a second request while one runs, and an unknown place", async () => {
  const { host: h, posted } = host();
  await h.receive({ type: "open", id: 1, version: PROTOCOL_VERSION + 1, scenario: SCENARIO });
  await h.receive({ type: "open", id: 2, version: PROTOCOL_VERSION, scenario: SCENARIO });
  const running = h.receive({ type: "act", id: 3, action: { kind: "ping", from: "a", to: "b" } });
  await h.receive({ type: "advance", id: 4, nanos: 1 });
  await running;
  await h.receive({ type: "act", id: 5, action: { kind: "ping", from: "nowhere", to: "b" } });
  const failures = posted
    .filter((message) => message.type === "failed")
    .map(({ id, reason }) => `${id} ${reason}`);
  expect(failures).toEqual(["1 version", "4 busy", "5 place"]);
});

it("stops between slices when asked", async () => {
  const { host: h, posted } = host();
  await h.receive({ type: "open", id: 1, version: PROTOCOL_VERSION, scenario: SCENARIO });
  const running = h.receive({ type: "act", id: 2, action: { kind: "ping", from: "a", to: "b" } });
  await h.receive({ type: "stop", id: 3 });
  await running;
  expect(posted.filter(({ id, type }) => id === 2 && type === "failed").map(shape)).toEqual([
    "failed stopped",
  ]);
});
