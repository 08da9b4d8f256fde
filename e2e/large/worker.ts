/// <reference lib="webworker" />
import { largeJournal, largeTraffic } from "../../src/app/model/testing/large.ts";
import type { Request, Response } from "../../src/protocol/messages.ts";

/**
 * Stands in for the engine where the page's size is tested: it opens a made-up large cluster, whatever the scenario, and
 * whatever is asked sets off several thousand packets. How fast the engine is has a bench of its own.
 */
const options = { nodes: 1000, podsPerNode: 10, zones: 3, brokenEvery: 487, down: [77, 502] };
/** So many that 2,000 are under way at the same time: a trip takes half of the time in which they leave. */
const PACKETS = 5000;

const writer = largeJournal(options);
const post = (message: Response): void => self.postMessage(message);
let length = 0;

self.onmessage = ({ data }: MessageEvent<Request>): void => {
  const { id } = data;
  const from = length;
  if (data.type === "act") largeTraffic(writer, PACKETS, options);
  const chunk = writer.take();
  length += chunk.count;
  if (chunk.count > 0) post({ type: "trace", id, chunk });
  post({ type: "done", id, now: 0, from, to: length, status: 0 });
};
