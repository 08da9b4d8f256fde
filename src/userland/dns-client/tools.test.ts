import { readFileSync } from "node:fs";
import { beforeEach, describe, expect, test } from "vitest";
import { Console } from "../../testkit/console.ts";
import { utf8Encode } from "../../base/utf8.ts";
import { parseIpv4 } from "../../wire/address.ts";
import { dnsServer } from "../dns-server/server.ts";
import { parseZone, Zones } from "../dns-server/zone.ts";
import { Process } from "../os/process.ts";

/**
 * What dig, nslookup, host (BIND 9.18.49) and getent (glibc 2.36) of Debian 12 said to a name server at 10.0.0.53 with
 * the zones of dns-server/fixtures/zone.txt; ids, times and dates left out.
 */
const userland = new URL("../", import.meta.url);

let lab: Console;

beforeEach(() => {
  lab = new Console();
  lab.setUp("ip addr add 10.0.0.53/32 dev lo\nip addr add 10.0.0.54/32 dev lo");
  lab.host.fs.write("/etc/resolv.conf", utf8Encode("nameserver 10.0.0.53\nsearch example.com\n"), "truncate");
  lab.host.fs.write(
    "/etc/hosts",
    utf8Encode("127.0.0.1 localhost\n10.0.0.77 filehost alias77\n"),
    "truncate",
  );
  const zones = new Zones(parseZone(readFileSync(new URL("dns-server/fixtures/zone.txt", userland), "utf8")));
  for (const port of [53, 5300]) {
    const address = parseIpv4("10.0.0.53");
    if (address === undefined) throw new Error("bug");
    const server = dnsServer({
      address,
      port,
      *reply(_, query) {
        return zones.reply(query);
      },
    });
    const { netns } = lab.host;
    Process.spawn(lab.host, server, { argv: ["named"], env: new Map(), cwd: "/", netns, files: new Map() });
  }
  lab.run("true");
});

function steady(text: string): string {
  return text
    .replace(/, id: \d+/g, ", id: N")
    .replace(/^;; WHEN: .*/gm, ";; WHEN: T")
    .replace(/^;; Query time: .*/gm, ";; Query time: T")
    .replace(/COOKIE: [0-9a-f]+/g, "COOKIE: C");
}

function recorded(name: string): readonly (readonly [string, string])[] {
  return readFileSync(new URL(`${name}/fixtures/${name}.txt`, userland), "utf8")
    .split(/^\$ /m)
    .slice(1)
    .map((block) => [block.slice(0, block.indexOf("\n")), steady(block.slice(block.indexOf("\n") + 1))]);
}

describe.each(["dig", "nslookup", "host", "getent"])("%s says what the real one says", (name) => {
  test.each(recorded(name))("%s", (line, expected) => {
    const { text, status } = lab.run(line);
    expect(steady(text) + (status === 0 ? "" : `[exit ${status}]\n`)).toBe(expected);
  });
});
