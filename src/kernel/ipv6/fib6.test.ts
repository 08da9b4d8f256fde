import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatIpv6, inPrefix6, type Ipv6 } from "../../wire/address6.ts";
import { ip6, TestNet6 } from "../../testkit/net6.ts";
import { AddressBook6 } from "./intern.ts";

/** Addresses that share few prefixes by chance are drawn from few values. */
const group = fc.constantFrom(0, 1, 2, 0x8000, 0xffff);
const address = fc
  .tuple(group, group, group, group, group, group)
  .map(([a, b, c, d, e, f]) => [0x2001, 0xdb8, a, b, c, d, e, f] as readonly number[] as Ipv6);
const length = fc.constantFrom(16, 31, 32, 33, 48, 56, 63, 64, 65, 96, 127, 128);

describe("numbers for addresses", () => {
  test("one number an address, and the address again from it", () => {
    const book = new AddressBook6();
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 8, maxLength: 8 }), (groups) => {
        const a = groups as readonly number[] as Ipv6;
        const number = book.of(a);
        const bytes = new Uint8Array(16);
        book.write(bytes, 0, number);
        expect(book.groups(number)).toEqual(groups);
        expect(book.read(bytes, 0)).toBe(number);
      }),
    );
  });

  test("masks and prefixes agree with the slow ones of wire", () => {
    const book = new AddressBook6();
    fc.assert(
      fc.property(address, address, length, (a, b, bits) => {
        expect(book.inPrefix(book.of(a), book.of(b), bits)).toBe(inPrefix6(a, b, bits));
        expect(book.inPrefix(book.masked(book.of(a), bits), book.of(a), bits)).toBe(true);
        expect(book.commonBits(book.of(a), book.of(b)) >= bits).toBe(inPrefix6(a, b, bits));
      }),
    );
  });
});

interface Typed {
  readonly dst: { readonly address: Ipv6; readonly length: number };
  readonly metric: number;
  readonly device: "e0" | "e1";
}

/** The rule of RFC 8200's hosts and Linux's tables: longest prefix, then the smallest metric. */
function naive(routes: readonly Typed[], dst: Ipv6): Typed | undefined {
  let best: Typed | undefined;
  for (const route of routes) {
    if (!inPrefix6(dst, route.dst.address, route.dst.length)) continue;
    const longer = best === undefined || route.dst.length > best.dst.length;
    if (longer || (route.dst.length === best!.dst.length && route.metric < best!.metric)) best = route;
  }
  return best;
}

describe("fib6", () => {
  const route = fc.record({
    dst: fc.record({ address, length }),
    metric: fc.integer({ min: 1, max: 9 }),
    device: fc.constantFrom("e0" as const, "e1" as const),
  });

  test("finds what a walk over all routes finds, as routes come and go", () => {
    fc.assert(
      fc.property(
        fc.array(route, { maxLength: 25 }),
        fc.array(address, { minLength: 1, maxLength: 10 }),
        fc.nat(),
        (typed, targets, drop) => {
          const net = new TestNet6("a", "b");
          net.wire("a", "e0", "02:00:00:00:00:01", "b", "e0", "02:00:00:00:00:02");
          net.wire("a", "e1", "02:00:00:00:00:03", "b", "e1", "02:00:00:00:00:04");
          const api = net.at("a").ipv6.route;
          const accepted: Typed[] = [];
          for (const { dst, metric, device } of typed) {
            const added = api.add({ dst, metric, nexthops: [{ dev: net.dev("a", device) }] }, "add");
            if (added.ok) accepted.push({ dst, metric, device });
          }
          const gone = accepted.length === 0 ? undefined : accepted.splice(drop % accepted.length, 1)[0];
          if (gone !== undefined) expect(api.delete({ dst: gone.dst, metric: gone.metric }).ok).toBe(true);
          for (const dst of targets) {
            const found = api.get({ dst });
            const wanted = naive(accepted, dst);
            const name = found.ok ? net.at("a").link.byIndex(found.value.dev)?.name : found.error.errno;
            expect([formatIpv6(dst), name]).toEqual([formatIpv6(dst), wanted?.device ?? "ENETUNREACH"]);
            if (found.ok) expect(found.value.entry.metric).toBe(wanted?.metric);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  test("a flow keeps to one of several next hops, flows are spread over them", () => {
    const net = new TestNet6("a", "b");
    net.wire("a", "e0", "02:00:00:00:00:01", "b", "e0", "02:00:00:00:00:02");
    net.address6("a", "e0", "2001:db8::1/64", { noDad: true });
    const hops = ["2001:db8::2", "2001:db8::3"].map((gateway) => ({ gateway: ip6(gateway) }));
    net.at("a").ipv6.route.add({ dst: { address: ip6("2001:db8:9::"), length: 64 }, nexthops: hops }, "add");
    const chosen = new Set<string>();
    for (let i = 1; i < 40; i++) {
      const dst = ip6(`2001:db8:9::${i.toString(16)}`);
      const ask = (): string => {
        const found = net.at("a").ipv6.route.get({ dst });
        return found.ok && found.value.gateway !== undefined ? formatIpv6(found.value.gateway) : "none";
      };
      const first = ask();
      expect(ask()).toBe(first);
      chosen.add(first);
    }
    expect([...chosen].sort()).toEqual(["2001:db8::2", "2001:db8::3"]);
  });
});
