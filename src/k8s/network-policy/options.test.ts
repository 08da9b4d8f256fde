import { describe, expect, it } from "vitest";
import { seconds } from "../../sim/time.ts";
import { type Options, parseOptions } from "./options.ts";

const ONLY_POLICIES = ["--run-router=false", "--run-service-proxy=false"];

function parsed(...words: readonly string[]): Options {
  const options = parseOptions(["kube-router", ...ONLY_POLICIES, ...words]);
  if (!options.ok) throw new Error(JSON.stringify(options.error));
  return options.value;
}

describe("kube-router's command line", () => {
  it("has kube-router's defaults", () => {
    const options = parsed();
    expect(options.syncPeriod).toBe(seconds(300));
    expect(options.ranges).toEqual({
      clusterIps: ["10.96.0.0/12"],
      nodePorts: "30000:32767",
      externalIps: [],
      loadBalancerIps: [],
    });
    expect(options.number("v")).toBe(0);
  });

  it("takes values behind = and behind a blank", () => {
    const options = parsed(
      "-v",
      "2",
      "--iptables-sync-period=1m30s",
      "--service-cluster-ip-range",
      "10.43.0.0/16",
    );
    expect(options.number("v")).toBe(2);
    expect(options.syncPeriod).toBe(seconds(90));
    expect(options.ranges.clusterIps).toEqual(["10.43.0.0/16"]);
  });

  it.each([
    [["--run-service-proxy=false"], "kube-router's --run-router=true"],
    [["--run-router=false"], "kube-router's --run-service-proxy=true"],
    [[...ONLY_POLICIES, "--enable-ipv6"], "kube-router's --enable-ipv6=true"],
    [[...ONLY_POLICIES, "--use-nftables-for-netpol=true"], "kube-router's --use-nftables-for-netpol=true"],
    [[...ONLY_POLICIES, "--peer-router-asns=64512"], "kube-router's option peer-router-asns"],
  ])("refuses %j by name", (words, refused) => {
    expect(parseOptions(["kube-router", ...words])).toEqual({ ok: false, error: { refused } });
  });

  it.each([
    ["--service-node-port-range=1", "failed to parse node port range given: '1'"],
    ["--service-cluster-ip-range=ten", "invalid CIDR address: ten"],
    ["--iptables-sync-period=soon", 'time: invalid duration "soon"'],
  ])("says what is wrong in %s", (word, message) => {
    const options = parseOptions(["kube-router", ...ONLY_POLICIES, word]);
    expect(options.ok || !("message" in options.error) ? "" : options.error.message).toContain(message);
  });
});
