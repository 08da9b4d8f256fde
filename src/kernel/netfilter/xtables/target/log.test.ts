import { expect, test } from "vitest";
import { TestNet } from "../../../../testkit/net.ts";
import type { XtTarget } from "../../../uapi/index.ts";

const LOG: XtTarget = { kind: "LOG", prefix: "in: ", level: 4, flags: 0 };

function world(): TestNet {
  const net = new TestNet("r", "a");
  net.wire("a", "eth0", "02:00:00:00:0a:01", "r", "ra", "02:00:00:00:0a:02");
  net.address("a", "eth0", "10.1.0.2/24");
  net.address("r", "ra", "10.1.0.1/24");
  return net;
}

test("LOG writes a line as Linux does, and the packet goes on", () => {
  const net = world();
  net
    .at("r")
    .xtables.commit("ip", "filter", [{ op: "append", chain: "INPUT", rule: { matches: [], target: LOG } }]);
  expect(net.ping("a", "10.1.0.1").length).toBe(1);
  const lines = net.kernel.log().map(({ line }) => line.replace(/ ID=\d+ DF/, " ID=1 DF"));
  expect(lines).toEqual([
    "in: IN=ra OUT= MAC=02:00:00:00:0a:02:02:00:00:00:0a:01:08:00 SRC=10.1.0.2 DST=10.1.0.1 LEN=84 TOS=0x00 PREC=0x00 TTL=64 ID=1 DF PROTO=ICMP TYPE=8 CODE=0 ID=7 SEQ=1 ",
  ]);
});

test("the log is the first namespace's: others write only when told to", () => {
  const net = world();
  net
    .at("a")
    .xtables.commit("ip", "filter", [{ op: "append", chain: "OUTPUT", rule: { matches: [], target: LOG } }]);
  net.ping("a", "10.1.0.1");
  expect(net.kernel.log()).toEqual([]);
  expect(net.at("r").sysctl.set("net.netfilter.nf_log_all_netns", "1").ok).toBe(true);
  net.ping("a", "10.1.0.1");
  expect(net.kernel.log().length).toBe(1);
});
