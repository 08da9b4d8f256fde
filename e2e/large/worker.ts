/// <reference lib="webworker" />
import { largeJournal } from "../../src/app/model/testing/large.ts";
import type { Request, Response } from "../../src/protocol/messages.ts";

/** Stands in for the engine in the page's tests of size: answers `open` with the journal of a made-up large cluster. */
const writer = largeJournal({
  nodes: 1000,
  podsPerNode: 10,
  zones: 3,
  brokenEvery: 487,
  down: [77, 502],
});
const post = (message: Response): void => self.postMessage(message);
let length = 0;

self.onmessage = ({ data }: MessageEvent<Request>): void => {
  const { id } = data;
  const from = length;
  if (data.type === "open") {
    const chunk = writer.take();
    length += chunk.count;
    post({ type: "trace", id, chunk });
  }
  post({ type: "done", id, now: 0, from, to: length, status: 0 });
};
