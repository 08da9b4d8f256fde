import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ruleOf } from "../../container/iptables.ts";
import { saveRule } from "../../formats/iptables/save.ts";
import { ApiClient, ApiStore, type Draft } from "../api/index.ts";
import { EventQueue } from "../../sim/queue.ts";
import { Random } from "../../sim/random.ts";
import { podChain, policyChain } from "./names.ts";
import type { Plan } from "./plan.ts";
import { compile } from "./pod-rules.ts";

const NODE = "172.18.0.3";
const VERSION = "1767225600000000000";

type PodOptions = { readonly host?: string; readonly hostNetwork?: boolean; readonly phase?: string };

/** A store with namespaces x and y; pods are objects only. */
class Objects {
  readonly client: ApiClient;

  constructor() {
    this.client = new ApiClient(new ApiStore({ queue: new EventQueue(), random: new Random(1) }), "test");
    for (const name of ["x", "y"]) {
      const metadata = { name, labels: { ns: name } };
      this.client.mustCreate("Namespace", { apiVersion: "v1", kind: "Namespace", metadata });
      this.client.mustCreate("ServiceAccount", {
        apiVersion: "v1",
        kind: "ServiceAccount",
        metadata: { name: "default", namespace: name },
      });
    }
  }

  pod(namespace: string, name: string, address: string, options: PodOptions = {}): this {
    const { host = NODE, hostNetwork = false, phase = "Running" } = options;
    this.client.mustCreate("Pod", {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { namespace, name, labels: { pod: name } },
      spec: {
        hostNetwork,
        containers: [
          { name: "c", image: "i", ports: [{ name: "web", containerPort: name === "b" ? 8080 : 80 }] },
        ],
      },
    });
    this.client.updateStatus("Pod", namespace, name, (pod) => ({
      ...pod,
      status: { ...pod.status, phase, hostIP: host, podIP: address, podIPs: [{ ip: address }] },
    }));
    return this;
  }

  policy(name: string, spec: NonNullable<Draft<"NetworkPolicy">["spec"]>): this {
    this.client.mustCreate("NetworkPolicy", {
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata: { name, namespace: "x" },
      spec,
    });
    return this;
  }

  compile(): Plan {
    const { client } = this;
    const snapshot = {
      pods: client.list("Pod"),
      namespaces: client.list("Namespace"),
      policies: client.list("NetworkPolicy"),
    };
    return compile(snapshot, NODE, VERSION);
  }
}

/** The rules of a chain as iptables-save has them. */
function saved(plan: Plan, chain: string): readonly string[] {
  return (plan.chains.get(chain) ?? plan.top.get(chain) ?? []).map((spec) =>
    saveRule(ruleOf("ip", "filter", spec)),
  );
}

/** The rules of a policy: each stands there twice, once to mark and once to return; the marking one is shown. */
function allows(plan: Plan, name: string): readonly string[] {
  const rules = saved(plan, policyChain({ namespace: "x", name }, VERSION));
  const marks = rules.filter((_, i) => i % 2 === 0);
  expect(rules.filter((_, i) => i % 2 === 1)).toEqual(
    marks.map((rule) =>
      rule.replace("-j MARK --set-xmark 0x10000/0x10000", "-m mark --mark 0x10000/0x10000 -j RETURN"),
    ),
  );
  return marks.map((rule) => rule.replace(" -j MARK --set-xmark 0x10000/0x10000", ""));
}

function entries(plan: Plan, set: string): readonly string[] {
  return (plan.sets.get(set)?.entries ?? []).map(({ text, nomatch }) => (nomatch ? `${text} nomatch` : text));
}

describe("the rules of a policy", () => {
  it("ask sets of pods for source and destination", () => {
    const plan = new Objects()
      .pod("x", "a", "10.244.1.2")
      .pod("x", "b", "10.244.2.2", { host: "172.18.0.4" })
      .pod("y", "b", "10.244.1.3")
      .policy("web", {
        podSelector: { matchLabels: { pod: "a" } },
        ingress: [
          {
            from: [{ namespaceSelector: {}, podSelector: { matchLabels: { pod: "b" } } }],
            ports: [{ port: 80 }],
          },
        ],
      })
      .compile();
    expect(allows(plan, "web")).toEqual([
      '-p tcp -m comment --comment "x/web ingress pods" -m set --match-set KUBE-SRC-HWXU6I3UZT4R75IU src -m set --match-set KUBE-DST-QIFAFLIT5AVJHV5B dst -m tcp --dport 80',
    ]);
    expect(entries(plan, "KUBE-SRC-HWXU6I3UZT4R75IU")).toEqual(["10.244.2.2", "10.244.1.3"]);
    expect(entries(plan, "KUBE-DST-QIFAFLIT5AVJHV5B")).toEqual(["10.244.1.2"]);
  });

  it("take ranges of ports, protocols without ports, and no ports at all", () => {
    const plan = new Objects()
      .pod("x", "a", "10.244.1.2")
      .policy("p", {
        podSelector: {},
        ingress: [{ ports: [{ port: 8000, endPort: 8010, protocol: "UDP" }, { protocol: "SCTP" }] }, {}],
      })
      .compile();
    const target = "-m set --match-set KUBE-DST-R4J64X3DDMGSTC6X dst";
    expect(
      allows(plan, "p").map((rule) => rule.replace(/KUBE-DST-\w+/, "KUBE-DST-R4J64X3DDMGSTC6X")),
    ).toEqual([
      `-p udp -m comment --comment "x/p ingress any" ${target} -m udp --dport 8000:8010`,
      `-p sctp -m comment --comment "x/p ingress any" ${target}`,
      `-m comment --comment "x/p ingress any" ${target}`,
    ]);
  });

  it("cut exceptions out of a block, and halve the whole Internet", () => {
    const plan = new Objects()
      .pod("x", "a", "10.244.1.2")
      .policy("out", {
        podSelector: {},
        policyTypes: ["Egress"],
        egress: [
          {
            to: [
              { ipBlock: { cidr: "0.0.0.0/0", except: ["10.0.0.0/8"] } },
              { ipBlock: { cidr: "fd00::/8" } },
            ],
          },
        ],
      })
      .compile();
    const [rule = ""] = allows(plan, "out");
    expect(rule).toMatch(
      /^-m comment --comment "x\/out egress cidr" -m set --match-set KUBE-SRC-\w{16} src -m set --match-set KUBE-DST-\w{16} dst$/,
    );
    expect(entries(plan, /KUBE-DST-\w+/.exec(rule)?.[0] ?? "")).toEqual([
      "0.0.0.0/1",
      "128.0.0.0/1",
      "10.0.0.0/8 nomatch",
    ]);
  });

  it("look up named ports at the pods, one set a number", () => {
    const plan = new Objects()
      .pod("x", "a", "10.244.1.2")
      .pod("x", "b", "10.244.1.3")
      .policy("named", { podSelector: {}, ingress: [{ ports: [{ port: "web" }] }] })
      .compile();
    const rules = allows(plan, "named");
    expect(rules.map((rule) => rule.replace(/KUBE-DST-\w+/, "SET"))).toEqual([
      '-p tcp -m comment --comment "x/named ingress any np" -m set --match-set SET dst -m tcp --dport 80',
      '-p tcp -m comment --comment "x/named ingress any np" -m set --match-set SET dst -m tcp --dport 8080',
    ]);
    expect(rules.map((rule) => entries(plan, /KUBE-DST-\w+/.exec(rule)?.[0] ?? ""))).toEqual([
      ["10.244.1.2"],
      ["10.244.1.3"],
    ]);
  });

  it("are none where no peer is there", () => {
    const plan = new Objects()
      .pod("x", "a", "10.244.1.2")
      .policy("nobody", {
        podSelector: {},
        ingress: [{ from: [{ podSelector: { matchLabels: { pod: "z" } } }] }],
      })
      .compile();
    expect(allows(plan, "nobody")).toEqual([]);
  });
});

describe("the chain of a pod", () => {
  const inOut = (plan: Plan, name: string): readonly string[] =>
    saved(plan, podChain({ namespace: "x", name }, VERSION));

  it("leads through its policies, and rejects what none of them marked", () => {
    const plan = new Objects()
      .pod("x", "a", "10.244.1.2")
      .policy("one", { podSelector: {} })
      .policy("two", { podSelector: {}, policyTypes: ["Egress"] })
      .policy("three", { podSelector: { matchLabels: { pod: "b" } } })
      .compile();
    const chain = (name: string): string => policyChain({ namespace: "x", name }, VERSION);
    expect(inOut(plan, "a")).toEqual([
      '-m comment --comment "common netpol rules" -j KUBE-NWPLCY-COMMON',
      '-d 10.244.1.2/32 -m comment --comment "from local node" -m addrtype --src-type LOCAL -j ACCEPT',
      `-s 10.244.1.2/32 -m comment --comment "x/two policy" -j ${chain("two")}`,
      `-d 10.244.1.2/32 -m comment --comment "x/one policy" -j ${chain("one")}`,
      '-m comment --comment "x/a log-drop" -m mark ! --mark 0x10000/0x10000 -m limit --limit 10/min --limit-burst 10 -j NFLOG --nflog-group 100',
      '-m comment --comment "x/a reject" -m mark ! --mark 0x10000/0x10000 -j REJECT --reject-with icmp-port-unreachable',
      "-j MARK --set-xmark 0x0/0x10000",
      '-m comment --comment "set netpol-ok mark" -j MARK --set-xmark 0x20000/0x20000',
    ]);
  });

  it("lets everything pass in a direction that no policy is about", () => {
    const plan = new Objects().pod("x", "a", "10.244.1.2").compile();
    expect(inOut(plan, "a").slice(2, 4)).toEqual([
      '-s 10.244.1.2/32 -m comment --comment "default egress" -j KUBE-NWPLCY-DEFAULT',
      '-d 10.244.1.2/32 -m comment --comment "default ingress" -j KUBE-NWPLCY-DEFAULT',
    ]);
  });

  it("is there for running pods of this node with a network of their own", () => {
    const plan = new Objects()
      .pod("x", "a", "10.244.1.2")
      .pod("x", "b", "10.244.2.2", { host: "172.18.0.4" })
      .pod("x", "c", NODE, { hostNetwork: true })
      .pod("x", "d", "10.244.1.4", { phase: "Succeeded" })
      .compile();
    expect([...plan.chains.keys()]).toEqual([podChain({ namespace: "x", name: "a" }, VERSION)]);
    expect(saved(plan, "KUBE-ROUTER-INPUT")).toEqual([
      `-s 10.244.1.2/32 -m comment --comment "x/a out" -j ${podChain({ namespace: "x", name: "a" }, VERSION)}`,
      '-m comment --comment "rule to explicitly handle traffic for network policies ACCEPT/REJECT decision" -j KUBE-NWPLCY-TAIL',
      '-m comment --comment "rule to explicitly ACCEPT traffic that comply to network policies" -m mark --mark 0x20000/0x20000 -j ACCEPT',
    ]);
  });
});

/** Of every kind of rule one: sets, exceptions, ranges, named ports, protocols alone. */
function motley(): Plan {
  return new Objects()
    .pod("x", "a", "10.244.1.2")
    .pod("x", "b", "10.244.1.3")
    .pod("y", "a", "10.244.1.4")
    .policy("both", {
      podSelector: { matchLabels: { pod: "a" } },
      policyTypes: ["Ingress", "Egress"],
      ingress: [
        {
          from: [{ namespaceSelector: {} }, { ipBlock: { cidr: "0.0.0.0/0", except: ["10.0.0.0/8"] } }],
          ports: [{ port: 80 }, { port: "web" }, { port: 8000, endPort: 8010, protocol: "UDP" }],
        },
        { ports: [{ port: 9, protocol: "SCTP" }, { protocol: "SCTP" }] },
      ],
      egress: [{ to: [{ podSelector: {} }], ports: [{ port: "web" }] }, { ports: [{ port: 443 }] }, {}],
    })
    .policy("deny", { podSelector: {} })
    .compile();
}

describe("all rules together", () => {
  it("are what iptables-save of Linux 6.18 and iptables 1.8.9 gives back", () => {
    const plan = motley();
    const chains = [...plan.top.keys(), ...plan.chains.keys()].sort();
    const text = chains
      .flatMap((chain) => saved(plan, chain).map((rule) => `-A ${chain} ${rule}\n`))
      .join("");
    expect(text).toBe(readFileSync(new URL("./fixtures/filter.iptables-save.txt", import.meta.url), "utf8"));
  });
});
