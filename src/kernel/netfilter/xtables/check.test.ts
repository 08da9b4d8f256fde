import { expect, test } from "vitest";
import { ip, mac, TestNet } from "../../../testkit/net.ts";
import { XT_CHAINS, XT_TABLES, type XtMatch, type XtRule, type XtTarget } from "../../uapi/index.ts";

/**
 * Where Linux 6.18 takes a match or target: a column for each built-in chain of raw, mangle, nat, filter and security, and
 * last in each table for a user's chain. `.`: taken; `k`: refused with EINVAL. Recorded with iptables-nft 1.8.9.
 */
const ANYWHERE = "... ...... ..... .... ....";

const TCP = { protocol: { number: 6 } };
const to = { minAddress: ip("1.1.1.1") };
const eth = { name: "e", wildcard: false };

const TARGETS: readonly (readonly [string, XtTarget, Partial<XtRule>?])[] = [
  ["kkk kkkkkk kkkkk .... kkkk", { kind: "REJECT", with: "icmp-port-unreachable" }],
  ["kkk kkkkkk kkkkk .... kkkk", { kind: "REJECT", with: "tcp-reset" }, TCP],
  ["kkk kkkkkk .k.k. kkkk kkkk", { kind: "DNAT", range: to }],
  ["kkk kkkkkk k.k.. kkkk kkkk", { kind: "SNAT", range: to }],
  ["kkk kkkkkk kkk.. kkkk kkkk", { kind: "MASQUERADE", range: {} }],
  ["kkk kkkkkk .k.k. kkkk kkkk", { kind: "REDIRECT", range: {} }],
  ["kkk kkkkkk ..... kkkk kkkk", { kind: "NETMAP", range: to }],
  ["... kkkkkk kkkkk kkkk kkkk", { kind: "CT", notrack: true }],
  ["... kkkkkk kkkkk kkkk kkkk", { kind: "NOTRACK" }],
  [ANYWHERE, { kind: "TRACE" }],
  ["kkk ...... kkkkk kkkk kkkk", { kind: "TTL", op: "set", value: 3 }],
  ["kkk ...... kkkkk kkkk kkkk", { kind: "TOS", value: 16, mask: 255 }],
  ["kkk ...... kkkkk kkkk kkkk", { kind: "DSCP", value: 3 }],
  ["kkk ...... kkkkk kkkk kkkk", { kind: "CHECKSUM" }],
  ["k.. kk.... kk... k... k...", { kind: "CLASSIFY", major: 1, minor: 1 }],
  [ANYWHERE, { kind: "TCPMSS", mss: 100 }, TCP],
  ["k.. kk.... kk... k... k...", { kind: "TCPMSS" }, TCP],
  [ANYWHERE, { kind: "MARK", value: 1, mask: 1 }],
  [ANYWHERE, { kind: "CONNMARK", op: "save", value: 0, ctmask: 1, nfmask: 1 }],
  [ANYWHERE, { kind: "LOG", prefix: "", level: 4, flags: 0 }],
  [ANYWHERE, { kind: "NFLOG", group: 0, prefix: "" }],
  [ANYWHERE, { kind: "SET", op: "add", name: "s", dims: ["src"] }],
];

const MATCHES: readonly (readonly [string, XtMatch])[] = [
  ["k.. kkk... kk... kk.. kk..", { kind: "owner", uid: { min: 0, max: 0 } }],
  [".k. .kkkk. kkkkk kkkk kkkk", { kind: "rpfilter" }],
  [".k. ..kkk. ..kk. .kk. .kk.", { kind: "socket" }],
  [".k. ...kk. ..kk. ..k. ..k.", { kind: "mac", source: mac("02:00:00:00:00:01") }],
  [".k. ...kk. ..kk. ..k. ..k.", { kind: "policy", dir: "in", pol: "none" }],
  ["k.. kk.... kk... k... k...", { kind: "policy", dir: "out", pol: "none" }],
  [".k. ...kk. ..kk. ..k. ..k.", { kind: "addrtype", dest: { types: ["LOCAL"] }, limitIfaceIn: true }],
  ["k.. kk.... kk... k... k...", { kind: "addrtype", dest: { types: ["LOCAL"] }, limitIfaceOut: true }],
  [ANYWHERE, { kind: "addrtype", dest: { types: ["LOCAL"] } }],
  [ANYWHERE, { kind: "physdev", in: eth }],
  [".k. ...k.. ..k.. ..k. ..k.", { kind: "physdev", out: eth }],
  [ANYWHERE, { kind: "physdev", isBridged: {} }],
  [".k. ...k.. ..k.. ..k. ..k.", { kind: "physdev", isOut: {} }],
  [ANYWHERE, { kind: "physdev", isIn: {} }],
  [ANYWHERE, { kind: "pkttype", type: "unicast" }],
  [ANYWHERE, { kind: "set", name: "s", dims: ["src"] }],
  [ANYWHERE, { kind: "connlimit", above: 3, mask: 32, side: "source" }],
  [ANYWHERE, { kind: "conntrack", state: { states: ["NEW"] } }],
];

/** The row of one rule. */
function row(rule: XtRule): string {
  const net = new TestNet("r");
  const { xtables, ipset } = net.at("r");
  ipset.create({ name: "s", type: "hash:ip" });
  return XT_TABLES.map((table) => {
    xtables.commit("ip", table, [{ op: "new-chain", chain: "x" }]);
    return [...XT_CHAINS[table], "x"]
      .map((chain) => {
        const done = xtables.commit("ip", table, [{ op: "append", chain, rule }]);
        return done.ok ? "." : done.error.errno === "EINVAL" ? "k" : done.error.errno;
      })
      .join("");
  }).join(" ");
}

for (const [places, target, more] of TARGETS)
  test(`target ${target.kind}`, () => {
    expect(row({ matches: [], target, ...more })).toBe(places);
  });

for (const [places, match] of MATCHES)
  test(`match ${JSON.stringify(match)}`, () => {
    expect(row({ matches: [match] })).toBe(places);
  });
