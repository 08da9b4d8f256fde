import { describe, expect, test } from "vitest";
import { formatIpv4 } from "../../wire/address.ts";
import { Console } from "../../testkit/console.ts";
import { utf8Encode } from "../../base/utf8.ts";
import { inetAton } from "./addresses.ts";
import { lookupHosts, resolverConfig, reverseHosts } from "./files.ts";
import { searchList } from "./resolver.ts";

describe("inet_aton", () => {
  test.each([
    ["10.1", "10.0.0.1"],
    ["0", "0.0.0.0"],
    ["0x7f.1", "127.0.0.1"],
    ["010.0.0.1", "8.0.0.1"],
    ["1.2.65535", "1.2.255.255"],
  ])("%s", (text, address) => {
    const parsed = inetAton(text);
    expect(parsed === undefined ? undefined : formatIpv4(parsed)).toBe(address);
  });

  test.each(["", "1.2.3.4.5", "300.1.1.1", "1.2.3.256", "a.b", "08"])("not %s", (text) => {
    expect(inetAton(text)).toBeUndefined();
  });
});

describe("files", () => {
  const { host } = new Console();
  host.fs.write("/etc/hosts", utf8Encode("127.0.0.1 localhost\n10.0.0.1\tNode one # two\n"), "truncate");
  const conf = "nameserver 10.96.0.10\nsearch default.svc.cluster.local svc.cluster.local\noptions ndots:5\n";
  host.fs.write("/etc/resolv.conf", utf8Encode(conf), "truncate");

  test("hosts: names in any case, comments left out", () => {
    expect(lookupHosts(host, "node")?.canonical).toBe("Node");
    expect(lookupHosts(host, "two")).toBeUndefined();
    expect(reverseHosts(host, inetAton("10.0.0.1")!)).toBe("Node");
  });

  test("the search list: as it is first when it has dots enough", () => {
    const config = resolverConfig(host);
    expect(config.servers.map(formatIpv4)).toEqual(["10.96.0.10"]);
    expect(searchList("web", config)).toEqual([
      "web.default.svc.cluster.local.",
      "web.svc.cluster.local.",
      "web.",
    ]);
    expect(searchList("a.b", { ...config, ndots: 1 })[0]).toBe("a.b.");
    expect(searchList("a.b.", config)).toEqual(["a.b."]);
  });
});
