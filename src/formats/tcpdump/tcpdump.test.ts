import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { must } from "../../base/result.ts";
import { decodePcap, type PcapRecord } from "../../wire/pcap.ts";
import { compileFilter } from "./filter/compile.ts";
import { type DumpOptions, packetText } from "./print/packet.ts";
import { PLAIN, type PrintOptions } from "./print/printer.ts";
import { TcpStreams } from "./print/streams.ts";

/**
 * Packets of every kind that is printed, made for this purpose, and what tcpdump 4.99.3 of Debian 12 printed of them
 * (`tcpdump -nt OPTIONS -r FILE`), and which of them passed its filters (libpcap 1.10.3).
 */
const folder = new URL("fixtures/", import.meta.url);

function capture(name: string): readonly PcapRecord[] {
  const file = decodePcap(readFileSync(new URL(`${name}.pcap`, folder)));
  return must(file.ok ? file.value : undefined, name).records;
}

function optionsOf(words: string): { readonly print: PrintOptions; readonly dump: DumpOptions | undefined } {
  const count = (letter: string): number => words.split(letter).length - 1;
  return {
    print: {
      ...PLAIN,
      verbose: count("v"),
      quiet: words.includes("q"),
      link: words.includes("e"),
      absoluteSequence: words.includes("S"),
      dumped: words.includes("x"),
    },
    dump: words.includes("x") ? { form: "hex", whole: false } : undefined,
  };
}

function printed(records: readonly PcapRecord[], words: string): string {
  const { print, dump } = optionsOf(words);
  const streams = new TcpStreams();
  return records
    .map((record) => {
      const length = record.originalLength ?? record.bytes.length;
      const text = packetText(print, streams, { linkType: 1, bytes: record.bytes, length }, dump);
      streams.settle();
      return `${text}\n`;
    })
    .join("");
}

describe("prints as tcpdump does", () => {
  const runs = readdirSync(folder)
    .filter((name) => name.endsWith(".pcap"))
    .map((name) => name.replace(".pcap", ""))
    .flatMap((name) => {
      const sections = readFileSync(new URL(`${name}.txt`, folder), "utf8").split(/^\$ tcpdump -nt ?/m);
      return sections.slice(1).map((section) => {
        const end = section.indexOf("\n");
        return { name, words: section.slice(0, end), text: section.slice(end + 1) };
      });
    });
  test.each(runs)("$name $words", ({ name, words, text }) => {
    expect(printed(capture(name), words)).toBe(text);
  });
});

function ranges(passed: readonly number[]): string {
  const parts: string[] = [];
  for (let i = 0; i < passed.length;) {
    let j = i;
    while (passed[j + 1] === passed[j]! + 1) j++;
    parts.push(i === j ? String(passed[i]) : `${passed[i]}-${passed[j]}`);
    i = j + 1;
  }
  return parts.length === 0 ? "none" : parts.join(" ");
}

function filtered(name: string, expression: string): string {
  let filter = compileFilter(expression, 1);
  if (!filter.ok && filter.error.kind === "host")
    filter = compileFilter(expression, 1, new Map([[filter.error.name, undefined]]));
  if (!filter.ok) return filter.error.kind === "message" ? `! ${filter.error.text}` : filter.error.kind;
  const passes = filter.value;
  return ranges(
    capture(name).flatMap(({ bytes, originalLength }, i) =>
      passes({ linkType: 1, bytes, length: originalLength ?? bytes.length }) ? [i] : [],
    ),
  );
}

describe("filters as tcpdump does", () => {
  const lines = readFileSync(new URL("filters.txt", folder), "utf8").split("\n");
  const cases = lines.flatMap((line, i) =>
    /^\w+: /.test(line) ? [[line, lines[i + 1]!.trim()] as const] : [],
  );
  test.each(cases)("%s", (line, result) => {
    const [name, expression] = [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(": ") + 2)];
    expect(filtered(name, expression)).toBe(result);
  });
});

describe("any input", () => {
  test("bytes become text", () => {
    const all = readdirSync(folder)
      .filter((name) => name.endsWith(".pcap"))
      .flatMap((name) => capture(name.replace(".pcap", "")));
    const mutated = fc
      .tuple(fc.constantFrom(...all), fc.nat(), fc.nat(255), fc.nat())
      .map(([{ bytes }, at, value, cut]) => {
        const copy = bytes.slice(0, bytes.length - (cut % 8 === 0 ? cut % (bytes.length + 1) : 0));
        if (copy.length > 0) copy[at % copy.length] = value;
        return copy;
      });
    fc.assert(
      fc.property(mutated, fc.nat(3), fc.boolean(), (bytes, verbose, link) => {
        const options = { ...PLAIN, verbose, link };
        packetText(options, new TcpStreams(), { linkType: 1, bytes, length: bytes.length });
      }),
      { numRuns: 3000 },
    );
  });

  test("words become a filter or a complaint", () => {
    const words =
      "tcp udp ip host net port src dst and or not ( ) [ ] : & | = != 10.0.0.1 10.0.0.0/8 80 0x10 vlan len \\tcp fd00::1 - foo";
    const expression = fc.array(fc.constantFrom(...words.split(" ")), { maxLength: 9 });
    fc.assert(
      fc.property(expression, fc.string(), (list, odd) => {
        for (const text of [list.join(" "), odd]) compileFilter(text, 1);
      }),
      { numRuns: 2000 },
    );
  });
});
