import { describe, expect, test } from "vitest";
import { Exit } from "../args/exit.ts";
import { formatPrefix } from "../../wire/address.ts";
import { parseLinkAddress, parseWrittenPrefix } from "./addresses.ts";
import { answerText } from "./answer.ts";
import { printJson } from "./json.ts";
import { Report } from "./report.ts";

function complaint(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof Exit) return `${error.status} ${error.text}`;
    throw error;
  }
  return "none";
}

describe("addresses as iproute2 reads them", () => {
  test.each([
    ["10.1.2.3", "10.1.2.3/32"],
    ["10.1/16", "10.1.0.0/16"],
    ["10.0.0.0/255.255.0.0", "10.0.0.0/16"],
    ["default", "0.0.0.0/0"],
    ["0x0a.1.1.1", "10.1.1.1/32"],
  ])("%s", (word, prefix) => {
    expect(formatPrefix(parseWrittenPrefix(word))).toBe(prefix);
  });

  test.each([
    [
      () => parseWrittenPrefix("10.0.0.0/33"),
      '1 Error: any valid prefix is expected rather than "10.0.0.0/33".\n',
    ],
    [() => parseWrittenPrefix("foo", "inet"), '1 Error: inet prefix is expected rather than "foo".\n'],
    [() => parseWrittenPrefix("fe80::/64"), "95 flannelgraph: IPv6 is not modelled yet\n"],
    [() => parseLinkAddress("zz"), '1 "zz" is invalid lladdr.\n'],
    [() => parseLinkAddress("02:00"), "1 Invalid address length 2 - must be 6 bytes\n"],
  ])("complaint %#", (run, text) => {
    expect(complaint(run)).toBe(text);
  });
});

test("the kernel's answers: extended acknowledgement before errno", () => {
  expect(answerText({ errno: "EEXIST" })).toBe("RTNETLINK answers: File exists\n");
  expect(answerText({ errno: "EINVAL", extack: "Nexthop has invalid gateway" })).toBe(
    "Error: Nexthop has invalid gateway.\n",
  );
});

describe("a report", () => {
  const fill = (out: Report): string => {
    out.object(null, () => {
      out.add("name", "eth0", "eth0 ");
      out.array("flags", () => out.item("UP", "<UP>"));
      out.breakLine();
      out.add("time", { raw: "0.00" }, "0.00");
    });
    return out.text();
  };

  test("as text, on one line, as JSON", () => {
    expect(fill(new Report({ json: false }))).toBe("eth0 <UP>\n0.00");
    expect(fill(new Report({ json: false, oneLine: true }))).toBe("eth0 <UP>\\0.00");
    expect(fill(new Report({ json: true }))).toBe('[{"name":"eth0","flags":["UP"],"time":0.00}]\n');
  });

  test("pretty JSON as json_writer.c indents it", () => {
    expect(fill(new Report({ json: true, pretty: true }))).toBe(
      '[ {\n        "name": "eth0",\n        "flags": [ "UP" ],\n        "time": 0.00\n    } ]\n',
    );
    expect(printJson([], true)).toBe("[ ]");
  });

  test("an empty listing is an empty array, a change is nothing", () => {
    const listing = new Report({ json: true });
    listing.begin();
    expect(listing.text()).toBe("[]\n");
    expect(new Report({ json: true }).text()).toBe("");
  });
});
