import { describe, expect, it } from "vitest";
import { seconds } from "../../../sim/time.ts";
import { FelixConfig, fromEnvironment, fromResource } from "./config.ts";

function config(env: Readonly<Record<string, string>>, spec: Parameters<typeof fromResource>[0] = {}) {
  return FelixConfig.from([
    new Map([["ipv6support", "false"]]),
    fromEnvironment(new Map(Object.entries(env))),
    fromResource(spec),
  ]);
}

function read(
  env: Readonly<Record<string, string>>,
  spec: Parameters<typeof fromResource>[0] = {},
): FelixConfig {
  const made = config(env, spec);
  if (!made.ok) throw new Error(JSON.stringify(made.error));
  return made.value;
}

describe("Felix's configuration", () => {
  it("takes the environment before the FelixConfiguration, and this before the default", () => {
    const spec = { defaultEndpointToHostAction: "Return", ipipMTU: 1440, vxlanPort: 8472 };
    const made = read({ FELIX_DEFAULTENDPOINTTOHOSTACTION: "ACCEPT", FELIX_VXLANPORT: "4790" }, spec);
    expect(made.text("DefaultEndpointToHostAction")).toBe("ACCEPT");
    expect([made.number("VXLANPort"), made.number("IpInIpMtu"), made.number("VXLANVNI")]).toEqual([
      4790, 1440, 4096,
    ]);
    expect(read({}, spec).text("DefaultEndpointToHostAction")).toBe("RETURN");
    expect(read({}).text("DefaultEndpointToHostAction")).toBe("DROP");
  });

  it("knows times as seconds and as Go writes them, and lists", () => {
    const made = read({ FELIX_IPTABLESREFRESHINTERVAL: "1m30s", FELIX_INTERFACEPREFIX: "cali, tap" });
    expect(made.time("IptablesRefreshInterval")).toBe(seconds(90));
    expect(made.list("InterfacePrefix")).toEqual(["cali", "tap"]);
    expect(read({}).choice("VXLANEnabled")).toBeUndefined();
    expect(read({}, { vxlanEnabled: false }).choice("VXLANEnabled")).toBe(false);
    expect(read({}, { externalNodesList: ["10.0.0.0/8"] }).list("ExternalNodesCIDRList")).toEqual([
      "10.0.0.0/8",
    ]);
  });

  it("keeps the default where it cannot read a value, unless that would be unsafe", () => {
    const made = read({ FELIX_VXLANPORT: "many", FELIX_SERVICELOOPPREVENTION: "maybe" });
    expect([made.number("VXLANPort"), made.mistakes]).toEqual([
      4789,
      ["VXLANPort=many", "ServiceLoopPrevention=maybe"],
    ]);
    expect(config({ FELIX_CHAININSERTMODE: "somewhere" })).toEqual({
      ok: false,
      error: { message: "invalid configuration: parse error on parameter ChainInsertMode=somewhere" },
    });
  });

  it("refuses by name what is not modelled", () => {
    const refused = (env: Readonly<Record<string, string>>): unknown => {
      const made = FelixConfig.from([fromEnvironment(new Map(Object.entries(env)))]);
      return made.ok ? undefined : made.error;
    };
    expect(refused({ FELIX_BPFENABLED: "true" })).toEqual({ refused: "Felix's eBPF dataplane" });
    expect(refused({})).toEqual({ refused: "Felix's IPv6 (FELIX_IPV6SUPPORT=true)" });
    expect(refused({ FELIX_IPV6SUPPORT: "false" })).toBeUndefined();
    expect(refused({ FELIX_IPV6SUPPORT: "false", FELIX_NFTABLESMODE: "Enabled" })).toEqual({
      refused: "Felix's nftables mode",
    });
  });
});
