import * as v from "valibot";
import { beforeAll, describe, expect, it } from "vitest";
import { format, loadLateWords } from "../../app/i18n/text.ts";
import type { Explanation, Phrase } from "../../app/model/explain/phrase.ts";
import type { Hop } from "../../app/model/hops.ts";
import type { Story } from "../../app/model/story.ts";
import { must } from "../../base/result.ts";
import { loadUserland } from "../../lab/programs.ts";
import { firstLight } from "../../scenario/first-light.ts";
import calico from "../../scenario/gallery/15-calico.ts";
import { scenarioSchema } from "../../scenario/schema.ts";
import policies from "../../scenario/data/kube-router-firewall.yaml?raw";
import { fetchCode } from "../gallery.ts";
import { Board } from "./board.ts";

const english = ({ key, values }: Phrase): string => format("en", key, values);

/** Hops with what is said about each. */
function told(board: Board, story: Story): readonly { readonly hop: Hop; readonly why: Explanation }[] {
  return story.hops.map((hop) => ({ hop, why: board.explain(story, hop) }));
}

function inMode(mode: string): Board {
  const cluster = must(firstLight.cluster, "cluster").replace(
    "networking:",
    `networking:\n  kubeProxyMode: ${mode}`,
  );
  return new Board({ ...firstLight, cluster });
}

const podNamed = (board: Board, name: RegExp) =>
  must(
    board.cast.pods.find((pod) => name.test(pod.name)),
    String(name),
  );

beforeAll(loadUserland);
beforeAll(loadLateWords);

describe("a Service asked for by its name", () => {
  it("kube-proxy's nft mode: the map's entry, the rule that chose an endpoint, and nft's own commands", () => {
    const board = inMode("nftables");
    const story = board.send(podNamed(board, /^redis-replica/).netns, "http", "frontend");
    const { why } = must(
      told(board, story).find(({ hop }) => hop.tone === "nat"),
      "NAT",
    );
    expect(english(why.headline)).toMatch(/^The Service's address 10\.96\.\S+:80 becomes a pod's: 10\.244\./);
    const rules = must(why.rules, "rules");
    const asked = must(
      rules.find(({ member }) => member !== undefined),
      "map",
    );
    expect(asked.text).toBe("ip daddr . meta l4proto . th dport vmap @service-ips");
    expect(asked.member?.text).toMatch(
      /^10\.96\.\S+ \. tcp \. 80 : goto service-\w+-default\/frontend\/tcp\/$/,
    );
    expect(rules.at(-1)).toMatchObject({
      tool: "nft",
      deed: "dnat",
      actor: "kube-proxy",
      service: "default/frontend",
    });
    expect(why.install).toMatch(
      /^nft add rule ip kube-proxy service-\w+-default\/frontend\/tcp\/ meta l4proto tcp dnat/,
    );
    expect(why.checks).toContainEqual(expect.stringMatching(/nft list map ip kube-proxy service-ips$/));
  });

  it("ipvs mode: the address is the node's own, IPVS picks a real server, and undoes it on the way back", () => {
    const board = inMode("ipvs");
    const story = board.send(podNamed(board, /^redis-replica/).netns, "http", "frontend");
    const all = told(board, story);
    const local = must(
      all.find(({ why }) => why.reason.some(({ key }) => key === "route.virtual.why")),
      "route",
    );
    expect(english(local.why.reason[0]!)).toContain("dummy device kube-ipvs0");
    const [there, back] = all.filter(({ hop }) => hop.tone === "nat");
    expect(must(there, "there").why.headline.key).toBe("ipvs.there");
    expect(must(there, "there").why.table?.rows.filter(({ used }) => used)).toHaveLength(1);
    expect(must(there, "there").why.table?.rows).toHaveLength(3);
    expect(must(there, "there").why.install).toMatch(
      /^ipvsadm -a -t 10\.96\.\S+:80 -r 10\.244\.\S+:80 -m -w 1$/,
    );
    expect(must(back, "back").why.headline.key).toBe("ipvs.back");
    const set = all
      .flatMap(({ why }) => why.rules ?? [])
      .find(({ member }) => member?.set === "KUBE-CLUSTER-IP");
    expect(set?.member?.text).toMatch(/^10\.96\.\S+,tcp:80$/);
    expect(there?.why.flow?.translated).toBe(true);
  });

  it("without endpoints: refused at FORWARD, where the token lies, in words and with what the client reads", () => {
    const board = new Board();
    board.act({ kind: "shell", at: "", command: "kubectl scale deployment frontend --replicas=0; sleep 5" });
    const story = board.send(podNamed(board, /^redis-replica/).netns, "http", "frontend");
    const { hop, why } = must(
      told(board, story).find(({ hop: { tone } }) => tone === "drop"),
      "drop",
    );
    expect(hop.spot).toBe(`hook/${hop.netns}/forward/FORWARD`);
    expect(why.reason.map(english).join(" ")).toMatch(
      /^Service default\/frontend has no endpoints: .* ICMP port-unreachable: its program says “Connection refused”/,
    );
    expect(why.badge?.key).toBe("badge.reject");
  });

  it("masquerades a pod that asks itself through its Service, and says what the helper chain is for", () => {
    const board = new Board();
    board.act({ kind: "shell", at: "", command: "kubectl scale deployment frontend --replicas=1; sleep 5" });
    const story = board.send(podNamed(board, /^frontend/).netns, "http", "frontend");
    const all = told(board, story);
    const said = all.flatMap(({ why }) => why.reason.map(({ key }) => key));
    expect(said).toContain("helper.markMasq");
    expect(said).toContain("nat.masquerade.why");
  });
});

describe("a NetworkPolicy that does not allow a packet", () => {
  it("is named, with its direction, what the sender is told, and the command that describes it", () => {
    const manifests = [...firstLight.manifests, { name: "kube-router.yaml", yaml: policies }];
    const board = new Board({ ...firstLight, manifests });
    const policy = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: only-frontend, namespace: default }
spec:
  podSelector: { matchLabels: { app: redis } }
  ingress: [ { from: [ { podSelector: { matchLabels: { app: guestbook } } } ] } ]
`;
    const command = `cat > /root/p.yaml <<'E'\n${policy}E\nkubectl apply -f /root/p.yaml; sleep 5`;
    board.act({ kind: "shell", at: "", command });
    const target = podNamed(board, /^redis-master/).ip ?? "";
    const story = board.send(podNamed(board, /^redis-replica/).netns, "udp", `${target}:6379`);
    const { why } = must(
      told(board, story).find(({ hop: { tone } }) => tone === "drop"),
      "drop",
    );
    expect(english(why.headline)).toMatch(
      /^NetworkPolicy default\/only-frontend does not allow this packet: kind-worker/,
    );
    expect(why.reason.map(({ key }) => key)).toEqual(["policy.one.ingress", "reject.icmp"]);
    expect(why.policy).toBe("default/only-frontend");
    expect(why.checks).toContain("kubectl describe networkpolicy -n default only-frontend");
  });

  it("is not named by kindnet, whose program decides: the rule that asked it, and for whose sake, are", () => {
    const cluster = must(firstLight.cluster, "cluster").replace(/disableDefaultCNI: true\n\s*/, "");
    const manifests = firstLight.manifests.filter(({ name }) => !name.includes("flannel"));
    const board = new Board({ ...firstLight, cluster, manifests });
    const policy = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: nobody, namespace: default }
spec: { podSelector: { matchLabels: { app: redis, role: master } } }
`;
    const command = `cat > /root/p.yaml <<'E'\n${policy}E\nkubectl apply -f /root/p.yaml; sleep 5`;
    board.act({ kind: "shell", at: "", command });
    const target = podNamed(board, /^redis-master/).ip ?? "";
    const story = board.send(podNamed(board, /^frontend/).netns, "udp", `${target}:6379`);
    const { why } = must(
      told(board, story).find(({ hop: { tone } }) => tone === "drop"),
      "drop",
    );
    expect(why.reason.map(({ key }) => key)).toEqual(["policy.program.ingress", "drop.silent"]);
    expect(english(must(why.reason[0], "reason"))).toMatch(
      /^NetworkPolicies select the pod 10\.244\.\S+\. .* kindnet on kind-worker\d? sees .* out of queue 101: /,
    );
    expect(why.rules?.map(({ text }) => text)).toEqual([
      "ip daddr @podips-v4 queue flags bypass to 101",
      "queue 101: DROP",
    ]);
    expect(why.check).toMatch(/nft -a list chain inet kindnet-network-policies postrouting$|nft list chain/);
  });

  it("denies by Calico's own action: the policy is named, and the command that shows it is calicoctl's", async () => {
    await fetchCode();
    const board = new Board(v.parse(scenarioSchema, calico));
    const policy = `apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: { name: no-ping, namespace: default }
spec: { selector: all(), types: [Ingress], ingress: [ { action: Deny, protocol: ICMP }, { action: Allow } ] }
`;
    const command = `cat > /root/p.yaml <<'E'\n${policy}E\ncalicoctl apply -f /root/p.yaml; sleep 5`;
    board.act({ kind: "shell", at: "", command });
    const story = board.send(podNamed(board, /^one$/).netns, "ping", podNamed(board, /^two$/).ip ?? "");
    const { why } = must(
      told(board, story).find(({ hop: { tone } }) => tone === "drop"),
      "drop",
    );
    expect(why.reason.map(({ key }) => key)).toEqual(["policy.deny.ingress", "drop.silent"]);
    expect(why.policy).toBe("default/no-ping");
    expect(why.checks).toEqual(["calicoctl get networkpolicy -n default no-ping -o yaml"]);
  });
});

describe("flannel's ipsec backend", () => {
  const PSK = "f1a22e16".repeat(12);
  const manifests = firstLight.manifests.map((m) => ({
    ...m,
    yaml: m.yaml.replace('"Type": "vxlan"', `"Type": "ipsec", "PSK": "${PSK}"`),
  }));

  /** From one pod to another that lives on the other worker. */
  function pingAcross(board: Board): Story {
    const onWorker = (n: number): RegExp => new RegExp(`^10\\.244\\.${n}\\.`);
    const pods = board.cast.pods.map(({ netns }) => ({
      netns,
      address: must(
        board.world.rows("address", netns).find(({ row }) => row.local.startsWith("10.244.")),
        "address",
      ).row.local,
    }));
    const from = must(
      pods.find(({ address }) => onWorker(1).test(address)),
      "pod of the first worker",
    );
    const to = must(
      pods.find(({ address }) => onWorker(2).test(address)),
      "pod of the second",
    );
    return board.send(from.netns, "ping", to.address);
  }

  it("no device wraps the packet: a policy, a state, and the same packet once more at the other node's eth0", () => {
    const board = new Board({ ...firstLight, manifests });
    const story = pingAcross(board);
    const all = told(board, story);
    const keys = all.map(({ why }) => why.headline.key);
    expect(keys.filter((key) => /wrap/.test(key))).toEqual(
      expect.arrayContaining(["wrap.esp", "unwrap.esp"]),
    );
    const { why: wrap } = must(
      all.find(({ why }) => why.headline.key === "wrap.esp"),
      "ESP",
    );
    expect(english(wrap.reason[0]!)).toMatch(
      /^A policy of kind-worker2? says .* SPI 0xc\w{7} has the keys: rfc4106\(gcm\(aes\)\) encrypts .* 172\.18\.0\.\d to 172\.18\.0\.\d/,
    );
    expect(wrap.install).toMatch(
      /^ip xfrm policy add src 10\.244\.\d\.0\/24 dst .* dir out tmpl src 172\.18/,
    );
    expect(wrap.table?.rows.find(({ used }) => used)).toMatchObject({ actor: "flanneld" });
    const { why: unwrap } = must(
      all.find(({ why }) => why.headline.key === "unwrap.esp"),
      "ESP",
    );
    expect(unwrap.table?.rows.find(({ used }) => used)).toMatchObject({ actor: "charon" });
  });

  it("without keys the packet is lost, and the reason tells where they come from", () => {
    const board = new Board({ ...firstLight, manifests });
    board.print("kind-worker", "ip xfrm state flush");
    board.print("kind-worker2", "ip xfrm state flush");
    const story = pingAcross(board);
    const lost = told(board, story).find(({ hop }) => hop.tone === "drop");
    expect(lost?.why.reason[0]?.key).toBe("drop.xfrm.nostate");
    expect(lost?.why.check).toMatch(/ip xfrm state$/);
  });
});
