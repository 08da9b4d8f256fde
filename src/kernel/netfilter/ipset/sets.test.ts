import fc from "fast-check";
import { expect, test } from "vitest";
import { ip, TestNet } from "../../../testkit/net.ts";
import { seconds } from "../../../sim/time.ts";
import { mask } from "../../../wire/address.ts";
import type { Ipv4 } from "../../../wire/address.ts";
import type { IpsetElement, IpsetPart } from "../../uapi/index.ts";

const net = (address: string, length: number): IpsetPart => ({ kind: "net", address: ip(address), length });
const host = (address: string): IpsetPart => ({ kind: "address", address: ip(address) });
const errno = (result: { ok: boolean; error?: { errno: string } }): string =>
  result.ok ? "ok" : (result.error?.errno ?? "");

test("the longest network that covers an address decides, also against it", () => {
  const { ipset } = new TestNet("r").at("r");
  ipset.create({ name: "n", type: "hash:net" });
  ipset.add("n", { parts: [net("10.0.0.0", 8)] });
  ipset.add("n", { parts: [net("10.1.0.0", 16)], nomatch: true });
  ipset.add("n", { parts: [net("10.1.2.0", 24)] });
  const has = (address: string): boolean | undefined => {
    const found = ipset.test("n", { parts: [net(address, 32)] });
    return found.ok ? found.value : undefined;
  };
  expect([has("10.9.9.9"), has("10.1.9.9"), has("10.1.2.9"), has("11.0.0.1")]).toEqual([
    true,
    false,
    true,
    false,
  ]);
  ipset.delete("n", { parts: [net("10.1.0.0", 16)] });
  expect(has("10.1.9.9")).toBe(true);
});

test("elements end when their time is over", () => {
  const world = new TestNet("r");
  const { ipset } = world.at("r");
  ipset.create({ name: "t", type: "hash:ip", timeout: 10 });
  ipset.add("t", { parts: [host("10.0.0.1")] });
  ipset.add("t", { parts: [host("10.0.0.2")], timeout: 3 });
  ipset.add("t", { parts: [host("10.0.0.3")], timeout: 0 });
  world.settle(seconds(5));
  expect(ipset.get("t")!.elements.map((e) => e.timeout)).toEqual([5, 0]);
  world.settle(seconds(6));
  expect(ipset.get("t")!.elements.length).toBe(1);
});

test("what the kernel refuses", () => {
  const { ipset } = new TestNet("r").at("r");
  expect(errno(ipset.create({ name: "a", type: "hash:ip", maxelem: 1 }))).toBe("ok");
  expect(errno(ipset.create({ name: "a", type: "hash:net" }, true))).toBe("EEXIST");
  expect(errno(ipset.add("a", { parts: [host("10.0.0.1")] }))).toBe("ok");
  expect(errno(ipset.add("a", { parts: [host("10.0.0.1")] }))).toBe("EEXIST");
  expect(errno(ipset.add("a", { parts: [host("10.0.0.1")] }, true))).toBe("ok");
  expect(errno(ipset.add("a", { parts: [host("10.0.0.2")] }))).toBe("ENOSPC");
  expect(errno(ipset.delete("a", { parts: [host("10.0.0.2")] }))).toBe("ESRCH");
  expect(errno(ipset.create({ name: "b", type: "bitmap:port", range: { from: 1, to: 9 } }))).toBe("ok");
  expect(errno(ipset.add("b", { parts: [{ kind: "port", protocol: 0, port: 10 }] }))).toBe("ERANGE");
  expect(errno(ipset.create({ name: "l", type: "list:set" }))).toBe("ok");
  expect(errno(ipset.add("l", { parts: [{ kind: "set", name: "a" }] }))).toBe("ok");
  expect(errno(ipset.add("l", { parts: [{ kind: "set", name: "l" }] }))).toBe("ELOOP");
  expect(errno(ipset.add("l", { parts: [{ kind: "set", name: "x" }] }))).toBe("EPROTO");
  expect([errno(ipset.destroy("a")), errno(ipset.rename("a", "c")), errno(ipset.swap("a", "b"))]).toEqual([
    "EBUSY",
    "EBUSY",
    "EINVAL",
  ]);
  ipset.flush("l");
  expect(errno(ipset.destroy())).toBe("ok");
  expect(ipset.list()).toEqual([]);
});

test("swap exchanges what stands under two names", () => {
  const { ipset } = new TestNet("r").at("r");
  ipset.create({ name: "a", type: "hash:ip" });
  ipset.create({ name: "b", type: "hash:ip" });
  ipset.add("a", { parts: [host("10.0.0.1")] });
  ipset.swap("a", "b");
  expect(ipset.list().map((s) => [s.name, s.elements.length])).toEqual([
    ["a", 0],
    ["b", 1],
  ]);
});

test("hash:net answers as a look through the list does", () => {
  const networks = fc.array(
    fc.record({ address: fc.nat(0xff), length: fc.integer({ min: 24, max: 32 }), nomatch: fc.boolean() }),
    { maxLength: 30 },
  );
  fc.assert(
    fc.property(
      networks,
      fc.array(fc.nat(0xff), { maxLength: 20 }),
      fc.array(fc.nat(29)),
      (all, asked, gone) => {
        const { ipset } = new TestNet("r").at("r");
        ipset.create({ name: "n", type: "hash:net" });
        const list = new Map<string, { base: number; length: number; nomatch: boolean }>();
        const element = (n: { address: number; length: number; nomatch: boolean }): IpsetElement => ({
          parts: [{ kind: "net", address: (0x0a000000 + n.address) as Ipv4, length: n.length }],
          nomatch: n.nomatch,
        });
        for (const n of all) {
          const base = ((0x0a000000 + n.address) & mask(n.length)) >>> 0;
          const key = `${base}/${n.length}`;
          expect(ipset.add("n", element(n)).ok).toBe(!list.has(key));
          if (!list.has(key)) list.set(key, { base, length: n.length, nomatch: n.nomatch });
        }
        for (const i of gone) {
          const n = all[i];
          if (n === undefined) continue;
          const key = `${((0x0a000000 + n.address) & mask(n.length)) >>> 0}/${n.length}`;
          expect(ipset.delete("n", element(n)).ok).toBe(list.delete(key));
        }
        for (const last of asked) {
          const address = 0x0a000000 + last;
          const covering = [...list.values()]
            .filter((n) => (address & mask(n.length)) >>> 0 === n.base)
            .sort((a, b) => b.length - a.length);
          const found = ipset.test("n", { parts: [{ kind: "net", address: address as Ipv4, length: 32 }] });
          expect(found).toEqual({ ok: true, value: covering[0] !== undefined && !covering[0].nomatch });
        }
        expect(ipset.get("n")!.elements.length).toBe(list.size);
      },
    ),
    { numRuns: 200 },
  );
});
