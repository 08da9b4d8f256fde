import { expect, test } from "vitest";
import { TraceReader } from "./reader.ts";
import { TraceWriter } from "./writer.ts";

test("what is written is read, across chunks", () => {
  const clock = { now: 5 };
  const writer = new TraceWriter(clock);
  const reader = new TraceReader();
  const frame = Uint8Array.from({ length: 200 }, (_, i) => i);
  writer.origin(1, 7, "socket", 0, "ping");
  writer.frame(1, 2, false, 7, frame, 10, 110, 100);
  reader.append(writer.take());
  clock.now = 9;
  writer.route(1, true, 7, 0x0a000001, 0x0a000002, "unicast", 33, 4, 0x0a000003);
  writer.neigh(1, 2, 7, 0x0a000003, "resolved", 0x02_00_00_00_00_05);
  writer.drop(1, 2, 7, "NEIGH_FAILED", "arp_error_report");
  writer.change("route", 1, "33", null, { id: 33 }, "ip", "ip route add");
  writer.frame(1, 2, true, 7, frame, 0, 4, 4);
  reader.append(writer.take());
  const records = [...reader];
  expect(records.map((r) => [r.kind, r.time])).toEqual([
    ["origin", 5],
    ["frame", 5],
    ["route", 9],
    ["neigh", 9],
    ["drop", 9],
    ["change", 9],
    ["frame", 9],
  ]);
  expect(records[0]).toMatchObject({ origin: "socket", owner: "ping", skb: 7 });
  expect(records[1]).toMatchObject({ direction: "out", dev: 2, length: 100, bytes: frame.subarray(10, 110) });
  expect(records[2]).toMatchObject({
    purpose: "input",
    dst: 0x0a000001,
    entry: 33,
    outDev: 4,
    nexthop: 0x0a000003,
  });
  expect(records[3]).toMatchObject({ address: 0x0a000003, result: "resolved", mac: 0x02_00_00_00_00_05 });
  expect(records[4]).toMatchObject({ reason: "NEIGH_FAILED", where: "arp_error_report" });
  expect(records[5]).toMatchObject({
    table: "route",
    key: "33",
    before: null,
    after: '{"id":33}',
    actor: "ip",
  });
  expect(records[6]).toMatchObject({ direction: "in", bytes: frame.subarray(0, 4) });
});

test("a gap between chunks is a bug", () => {
  const writer = new TraceWriter({ now: 0 });
  writer.control("kubelet", "kind-worker", "hello");
  writer.take();
  writer.control("kubelet", "kind-worker", "again");
  expect(() => new TraceReader().append(writer.take())).toThrow("expected 0");
});
