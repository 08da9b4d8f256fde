import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatIpv4, ipv4, parsePrefix } from "../../../wire/address.ts";
import { AddressPool, DEFAULT_POOLS, freePool, overlaps } from "../../docker/ipam.ts";
import { humanDuration } from "./format.ts";
import { parsePublish } from "./spec.ts";
import { renderTemplate, type Value } from "./template.ts";

const SECOND = 1_000_000_000;

describe("templates", () => {
  const object: Value = {
    Name: "web",
    State: { Pid: 7, Running: true },
    Networks: { b: { IP: "10.0.0.2" }, a: { IP: "10.0.0.1" } },
    List: ["x", "y"],
  };
  it.each([
    ["{{.Name}}", "web"],
    ["{{.State.Pid}} {{.State.Running}}", "7 true"],
    ["{{range .Networks}}{{.IP}} {{end}}", "10.0.0.1 10.0.0.2 "],
    ["{{range $k, $v := .Networks}}{{$k}}={{$v.IP}};{{end}}", "a=10.0.0.1;b=10.0.0.2;"],
    ['{{(index .Networks "b").IP}}', "10.0.0.2"],
    ['{{json .List}} {{join .List ","}} {{len .List}}', '["x","y"] x,y 2'],
    ["{{if .State.Running}}up{{else}}down{{end}}", "up"],
    ["{{with .State}}{{.Pid}}{{end}}", "7"],
    ["{{if and .Name (not .State.Running)}}a{{else}}b{{end}}", "b"],
    ["{{.Name | upper | printf}}", undefined],
    ["{{.List}} {{.State}}", "[x y] map[Pid:7 Running:true]"],
    ["a {{- .Name -}} b", "awebb"],
  ])("%s", (template, text) => {
    const rendered = renderTemplate(template, object);
    expect(rendered.ok ? rendered.value : undefined).toBe(text);
  });

  it("name what is not there, and where they ask for it", () => {
    expect(renderTemplate("{{.State.Nope}}", object)).toEqual({
      ok: false,
      error: 'template: :1:8: executing "" at <.State.Nope>: map has no entry for key "Nope"',
    });
  });

  it("leave text without actions alone, and never throw", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const rendered = renderTemplate(text, object);
        if (!text.includes("{{")) expect(rendered).toEqual({ ok: true, value: text });
      }),
    );
  });
});

describe("-p", () => {
  const text = (spec: string): string[] =>
    parsePublish("run", spec).map(
      (p) =>
        `${p.hostIp === undefined ? "*" : formatIpv4(p.hostIp)}:${p.hostPort}->${p.containerPort}/${p.protocol}`,
    );
  it.each([
    ["80", ["*:0->80/tcp"]],
    ["8080:80", ["*:8080->80/tcp"]],
    ["127.0.0.1:8080:80/udp", ["127.0.0.1:8080->80/udp"]],
    ["127.0.0.1::80", ["127.0.0.1:0->80/tcp"]],
    ["8000-8001:80-81", ["*:8000->80/tcp", "*:8001->81/tcp"]],
  ])("%s", (spec, expected) => {
    expect(text(spec)).toEqual(expected);
  });

  it.each([
    ["x:80", "invalid hostPort: x"],
    ["80:x", "invalid containerPort: x"],
    ["1.2.3:80:80", "invalid IP address: 1.2.3"],
    ["80/xyz", "invalid proto: xyz"],
    ["1-3:1-2", "invalid ranges specified for container and host Ports: 1-2 and 1-3"],
    ["8080:80/sctp", "flannelgraph: docker run --publish with sctp is not modelled yet"],
  ])("%s is refused", (spec, message) => {
    expect(() => parsePublish("run", spec)).toThrow(message);
  });
});

describe("addresses", () => {
  it("come from the first pool that nobody uses", () => {
    const first = freePool([]);
    expect(first).toEqual(parsePrefix("172.17.0.0/16"));
    expect(freePool([parsePrefix("172.16.0.0/14")!])).toEqual(parsePrefix("172.20.0.0/16"));
    expect(freePool(DEFAULT_POOLS)).toBeUndefined();
  });

  it("are unique, inside the subnet, lowest first, and come back", () => {
    const subnet = { address: ipv4(0x0a000000), length: 29 };
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 40 }), (steps) => {
        const pool = new AddressPool(subnet);
        const held: number[] = [];
        for (const take of steps) {
          const taken = take ? pool.take() : undefined;
          if (taken?.ok === true) {
            expect(held).not.toContain(taken.value);
            for (let lower = subnet.address + 1; lower < taken.value; lower++) expect(held).toContain(lower);
            expect(overlaps({ address: taken.value, length: 32 }, subnet)).toBe(true);
            held.push(taken.value);
          } else if (take) expect(held).toHaveLength(6);
          else pool.release(ipv4(held.shift() ?? 0));
        }
      }),
    );
  });
});

it.each([
  [0, "Less than a second"],
  [1, "1 second"],
  [59, "59 seconds"],
  [60, "About a minute"],
  [150, "2 minutes"],
  [3600, "About an hour"],
  [7200, "2 hours"],
  [86_400 * 3, "3 days"],
  [86_400 * 21, "3 weeks"],
])("%i seconds are %s", (time, text) => {
  expect(humanDuration(time * SECOND)).toBe(text);
});
