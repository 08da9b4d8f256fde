import { describe, expect, it } from "vitest";
import { rulesConfig } from "../../../../testkit/felix.ts";
import { parseRule } from "../calc/parsed.ts";
import { uniqueId } from "../hash.ts";
import { ANYWHERE, type PolicyRule, type Side } from "../model/types.ts";
import { parseSelector } from "../selector/parse.ts";
import { workloadDispatch } from "./dispatch.ts";
import { groupChains, groupPolicies, groupTarget } from "./groups.ts";
import { policyChain, profileChain, setName } from "./names.ts";
import { policyChains, renderRule } from "./policy.ts";
import { type Chain, hashed, REJECT, type Rule } from "./rule.ts";

const config = rulesConfig();

/** The rules as text, without what names them. */
function texts(rules: readonly Rule[]): readonly string[] {
  return hashed("c", rules).map(({ spec }) =>
    spec.replace(/^-m comment --comment "cali:\S+"\s?/, "").replace(/cali40(\w+:.)\S+/g, "$1"),
  );
}

function rendered(rule: Partial<PolicyRule>): readonly string[] {
  const parsed = parseRule({ action: "allow", source: ANYWHERE, destination: ANYWHERE, ...rule });
  return parsed.rule === undefined ? [] : texts(renderRule(config, parsed.rule));
}

const side = (of: Partial<Side>): Side => ({ ...ANYWHERE, ...of });
const port = (first: number, last = first) => ({ first, last });

describe("names", () => {
  it("are cut with a hash when they are too long, as upstream's tests have them", () => {
    const name = "long-policy-name-that-gets-hashed";
    expect(policyChain("ingress", { tier: "", name })).toBe("cali-pi-_FJ9yUkNpzshVDh2n7mg");
    expect(policyChain("egress", { tier: "", name })).toBe("cali-po-_FJ9yUkNpzshVDh2n7mg");
    expect(profileChain("ingress", name)).toBe("cali-pri-_ffOMcf6pikpiZ6hgKc");
    expect(profileChain("ingress", "kns.default")).toBe("cali-pri-kns.default");
    expect(setName("s:5y5I3VdRZfDU01O--xXAPx2yxCQQqMf0M6IWug")).toBe("cali40s:5y5I3VdRZfDU01O--xXAPx2");
  });
});

describe("a rule", () => {
  it("marks what it allows, passes or denies, and acts on the mark", () => {
    expect(rendered({ protocol: "tcp", destination: side({ ports: [port(80), port(8000, 8010)] }) })).toEqual(
      [
        "-p tcp -m multiport --destination-ports 80,8000:8010 --jump MARK --set-mark 0x10000/0x10000",
        "-m mark --mark 0x10000/0x10000 --jump RETURN",
      ],
    );
    expect(rendered({ action: "pass" })[0]).toBe("--jump MARK --set-mark 0x20000/0x20000");
    expect(rendered({ action: "deny", protocol: "icmp", icmp: { type: 8, code: 0 } })).toEqual([
      "-p icmp -m icmp --icmp-type 8/0 --jump MARK --set-mark 0x40000/0x40000",
      "-m mark --mark 0x40000/0x40000 --jump DROP",
    ]);
    expect(rendered({ action: "log", notProtocol: "udp" })).toEqual([
      '! -p udp --jump LOG --log-prefix "calico-packet: " --log-level 5',
    ]);
  });

  it("asks sets for selectors and named ports, these filtered by the selector", () => {
    const parsed = parseRule({
      action: "allow",
      protocol: "tcp",
      source: side({ selector: "role == 'web'", notNets: ["10.0.0.0/8"] }),
      destination: side({ selector: "all()", ports: ["http"] }),
    });
    const all = parseSelector("all()");
    const [web, http] = [parseSelector("role == 'web'"), uniqueId("n", `${idOf(all)},tcp,http`)];
    expect(parsed.sets.map(({ id }) => id)).toEqual([idOf(web), http]);
    const [first = ""] = hashed("c", renderRule(config, parsed.rule ?? never())).map(({ spec }) => spec);
    expect(first.replace(/^.*?" /, "")).toBe(
      `-p tcp -m set --match-set ${setName(idOf(web))} src -m set --match-set ${setName(http)} dst,dst ! --source 10.0.0.0/8 --jump MARK --set-mark 0x10000/0x10000`,
    );
  });

  it("needs a block of rules for what one rule cannot ask", () => {
    const source = side({ nets: ["10.0.0.0/8", "172.16.0.0/12"], notNets: ["10.1.0.0/16"] });
    const destination = side({ ports: [port(80), "http"] });
    expect(
      rendered({ protocol: "tcp", source, destination }).map((text) => text.replace(/n:./, "n")),
    ).toEqual([
      "--jump MARK --set-mark 0x0/0x180000",
      "-p tcp -m multiport --destination-ports 80 --jump MARK --set-mark 0x80000/0x80000",
      "-m set --match-set n dst,dst --jump MARK --set-mark 0x80000/0x80000",
      "--source 10.0.0.0/8 --jump MARK --set-mark 0x100000/0x100000",
      "--source 172.16.0.0/12 --jump MARK --set-mark 0x100000/0x100000",
      "-m mark --mark 0/0x100000 --jump MARK --set-mark 0/0x80000",
      "-p tcp ! --source 10.1.0.0/16 -m mark --mark 0x80000/0x80000 --jump MARK --set-mark 0x10000/0x10000",
      "-m mark --mark 0x10000/0x10000 --jump RETURN",
    ]);
    const two = side({ notNets: ["10.1.0.0/16", "10.2.0.0/16"] });
    expect(rendered({ source: two }).slice(0, 3)).toEqual([
      "--jump MARK --set-mark 0x80000/0x180000",
      "--source 10.1.0.0/16 --jump MARK --set-mark 0/0x80000",
      "--source 10.2.0.0/16 --jump MARK --set-mark 0/0x80000",
    ]);
    const many = side({ ports: Array.from({ length: 16 }, (_, i) => port(i * 2 + 1)) });
    expect(rendered({ protocol: "udp", destination: many }).slice(1, 3)).toEqual([
      "-p udp -m multiport --destination-ports 1,3,5,7,9,11,13,15,17,19,21,23,25,27,29 --jump MARK --set-mark 0x80000/0x80000",
      "-p udp -m multiport --destination-ports 31 --jump MARK --set-mark 0x80000/0x80000",
    ]);
  });

  it("is none when it is about IPv6 only", () => {
    expect(rendered({ ipVersion: 6 })).toEqual([]);
    expect(rendered({ protocol: "icmpv6" })).toEqual([]);
    expect(rendered({ source: side({ nets: ["fd00::/8"] }) })).toEqual([]);
    expect(rendered({ source: side({ notNets: ["0.0.0.0/0"] }) })).toEqual([]);
    expect(rendered({ source: side({ nets: ["fd00::/8", "10.0.0.0/8"] }) })[0]).toContain(
      "--source 10.0.0.0/8",
    );
  });
});

describe("chains", () => {
  const policy = { tier: "default", name: "x/default.p", title: "NetworkPolicy x/p" };

  it("of a policy name it, even where there is no rule, and return at their end anyway", () => {
    const [ingress, egress] = policyChains(config, {
      ...policy,
      ingress: [],
      egress: [parseRule({ action: "allow", source: ANYWHERE, destination: ANYWHERE }).rule ?? never()],
    });
    expect(texts(ingress?.rules ?? [])).toEqual(['-m comment --comment "Policy x/default.p ingress"']);
    expect(texts(egress?.rules ?? [])).toEqual([
      '-m comment --comment "Policy x/default.p egress" --jump MARK --set-mark 0x10000/0x10000',
    ]);
  });

  it("of interfaces hang in a tree by the first letter that differs", () => {
    const shown = (chains: readonly Chain[], name: string): readonly string[] =>
      texts(chains.find((chain) => chain.name === name)?.rules ?? []);
    const chains = workloadDispatch(rulesConfig({ deny: REJECT }), ["cali1aa", "cali2bb", "cali1ab"]);
    expect(shown(chains, "cali-from-wl-dispatch")).toEqual([
      "--in-interface cali1+ --goto cali-from-wl-dispatch-1",
      "--in-interface cali2bb --goto cali-fw-cali2bb",
      '-m comment --comment "Unknown interface" --jump REJECT',
    ]);
    expect(shown(chains, "cali-to-wl-dispatch-1")).toEqual([
      "--out-interface cali1aa --goto cali-tw-cali1aa",
      "--out-interface cali1ab --goto cali-tw-cali1ab",
      '-m comment --comment "Unknown interface" --jump REJECT',
    ]);
    expect(shown(workloadDispatch(config, ["cali1"]), "cali-to-wl-dispatch")).toHaveLength(2);
  });

  it("of policies with one selector are one group", () => {
    const named = (count: number, selector: string) =>
      Array.from({ length: count }, (_, i) => ({ name: `p${i}`, selector, title: `p${i}` }));
    const [first, second] = groupPolicies("default", "ingress", [...named(7, "a"), ...named(1, "b")]);
    if (first === undefined || second === undefined) return never();
    expect(groupTarget(second)).toBe(policyChain("ingress", { tier: "default", name: "p0" }));
    expect(groupTarget(first)).toMatch(/^cali-gi-[\w-]{20}$/);
    const [chain] = groupChains(config, first);
    expect(texts(chain?.rules ?? []).map((text) => text.replace(/cali-pi-\S+/, "POLICY"))).toEqual([
      "--jump POLICY",
      ...Array.from({ length: 4 }, () => "-m mark --mark 0/0x30000 --jump POLICY"),
      '-m comment --comment "Return on verdict" -m mark ! --mark 0/0x30000 --jump RETURN',
      "--jump POLICY",
      "-m mark --mark 0/0x30000 --jump POLICY",
    ]);
  });
});

function idOf(selector: ReturnType<typeof parseSelector>): string {
  return selector.ok ? selector.value.id : never();
}

function never(): never {
  throw new Error("missing");
}
