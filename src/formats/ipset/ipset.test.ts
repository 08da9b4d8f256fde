import fc from "fast-check";
import { expect, test } from "vitest";
import type { IpsetPart, IpsetType } from "../../kernel/uapi/index.ts";
import { parseElements } from "./element.ts";
import { IpsetFailure } from "./failure.ts";
import { parseCreate, parseExtensions, parseType, TYPES } from "./options.ts";
import { keyText } from "./print.ts";

function read(text: string, type: IpsetType, family: "inet" | "inet6" = "inet"): string[] {
  try {
    return [...parseElements(text, { type, family })].map((parts) => keyText(parts, { type }));
  } catch (error) {
    if (!(error instanceof IpsetFailure)) throw error;
    return [error.message];
  }
}

test("ranges of addresses become the fewest networks, or every address", () => {
  expect(read("10.0.0.0-10.0.0.6", "hash:net")).toEqual(["10.0.0.0/30", "10.0.0.4/31", "10.0.0.6"]);
  expect(read("10.0.0.6-10.0.0.4", "hash:ip")).toEqual(["10.0.0.4", "10.0.0.5", "10.0.0.6"]);
  expect(read("10.0.1.7/30", "hash:ip")).toEqual(["10.0.1.4", "10.0.1.5", "10.0.1.6", "10.0.1.7"]);
});

test("ports have a protocol, tcp unless it is said; ICMP has types", () => {
  expect(read("1.1.1.1,80-82", "hash:ip,port")).toEqual([
    "1.1.1.1,tcp:80",
    "1.1.1.1,tcp:81",
    "1.1.1.1,tcp:82",
  ]);
  expect(read("1.1.1.1,udp:domain", "hash:ip,port")).toEqual(["1.1.1.1,udp:53"]);
  expect(read("1.1.1.1,icmp:8/0", "hash:ip,port")).toEqual(["1.1.1.1,icmp:echo-request"]);
  expect(read("fd00::1,icmpv6:129/0", "hash:ip,port", "inet6")).toEqual(["fd00::1,ipv6-icmp:echo-reply"]);
});

const words = fc.array(
  fc.oneof(
    fc.constantFrom(
      "family",
      "inet6",
      "hashsize",
      "timeout",
      "counters",
      "comment",
      "range",
      "1-9",
      "netmask",
      "24",
      "-6",
      "before",
    ),
    fc.string({ maxLength: 8 }),
  ),
  { maxLength: 6 },
);

/** Only the parsers' own failure may come out. */
function survives(work: () => unknown): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof IpsetFailure)) throw error;
    expect(error.message).not.toBe("");
  }
}

test("whatever is typed, a parser answers or says why not", () => {
  const pieces = fc.array(
    fc.oneof(
      fc.constantFrom("10.0.0.1", "/24", "-", ",", "tcp:", "80", "icmp:", "fd00::", "[", "]", "10.0.0.9"),
      fc.string({ maxLength: 3 }),
    ),
    { maxLength: 7 },
  );
  fc.assert(
    fc.property(
      fc.constantFrom(...Object.values(TYPES)),
      words,
      pieces,
      fc.boolean(),
      (type, options, text, v6) => {
        survives(() => parseType(options[0] ?? ""));
        survives(() => parseCreate("s", type, options));
        survives(() => parseExtensions(type, "add", options));
        survives(() => {
          const elements: (readonly IpsetPart[])[] = [];
          for (const parts of parseElements(text.join(""), { type, family: v6 ? "inet6" : "inet" })) {
            elements.push(parts);
            if (elements.length > 100) break;
          }
        });
      },
    ),
  );
});
