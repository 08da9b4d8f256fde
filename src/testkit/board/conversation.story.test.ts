import { beforeAll, describe, expect, it } from "vitest";
import type { Explanation } from "../../app/model/explain/phrase.ts";
import { viewFrame } from "../../app/model/frame.ts";
import type { Hop } from "../../app/model/hops.ts";
import { chainsOf } from "../../app/model/netfilter.ts";
import { RuleCounts } from "../../app/model/rule-counts.ts";
import { errandAction, firstVisit } from "../../app/model/probe.ts";
import { endpointsOf, type Service, servicesOf, serviceSpots } from "../../app/model/services.ts";
import { openTurn, rulesAt, type Story } from "../../app/model/story.ts";
import { must } from "../../base/result.ts";
import { loadUserland } from "../../lab/programs.ts";
import { Board } from "./board.ts";

const titles = ({ conversation }: Story): string[] =>
  conversation.exchanges.map(({ kind, turns }) => {
    const told = turns.map(({ there, back }) =>
      [there && `> ${there.title}`, back && `< ${back.title}`].filter(Boolean).join(" "),
    );
    return `${kind}: ${told.join(" | ")}`;
  });

let board: Board;
let source: number;
let story: Story;
let client: string;
let service: Service;

beforeAll(async () => {
  await loadUserland();
  board = new Board();
  const visit = must(firstVisit(board.cast, board.world), "a pod and a Service");
  source = visit.from.netns;
  client = visit.from.ip ?? "";
  service = visit.service;
  story = board.send(source, "http", service.name);
}, 120_000);

/** Hops at which NAT changed the packet. */
const translations = (told: Story): readonly Hop[] => told.hops.filter(({ tone }) => tone === "nat");

const turn = (number: number): Story =>
  must(openTurn(story.conversation, number, "hooks", board.cast), `turn ${number}`);

describe("an HTTP request to a Service", () => {
  it("is one conversation: the name, the connection, the request, the end", () => {
    expect(titles(story)).toEqual([
      `dns: > A? frontend < ${service.address}`,
      "tcp: > SYN < SYN, ACK | > ACK | > GET / < 200 OK | < ACK | > ACK | > FIN, ACK < FIN, ACK | > ACK",
    ]);
  });

  it("opens the first SYN, there and back", () => {
    expect(story.turn).toBe(1);
    const named = story.tracks.filter(({ lane }) => lane !== "arp").map(({ title }) => title);
    expect(named).toEqual(["SYN", "SYN, ACK"]);
  });

  it("stamps a pod's address on the first packet, on the client's own node, by kube-proxy's rules", () => {
    const hop = must(translations(story)[0], "DNAT");
    const { headline, rules = [], flow, checks = [], badge } = board.explain(story, hop);
    expect(board.cast.name(hop.netns)).toBe(board.cast.roomOf(source)?.name);
    expect(headline).toMatchObject({ key: "nat.service", values: { before: `${service.address}:80` } });
    const chains = rules.map(({ chain }) => chain.replace(/-[0-9A-Z]{16}$/, ""));
    expect(chains).toEqual(["PREROUTING", "KUBE-SERVICES", "KUBE-SVC", "KUBE-SEP"]);
    expect(rules.map(({ actor, service: of }) => `${actor} ${of ?? ""}`.trim())).toEqual([
      "kube-proxy",
      ...Array.from({ length: 3 }, () => "kube-proxy default/frontend"),
    ]);
    expect(rules.at(-1)?.text).toMatch(
      /^-A KUBE-SEP-\w{16} -p tcp .* -j DNAT --to-destination 10\.244\.\d\.\d:80$/,
    );
    expect(flow).toMatchObject({ state: "NEW", isReply: false, translated: true, unconfirmed: true });
    expect(flow?.original).toMatch(new RegExp(`^${client}:\\d+ → ${service.address}:80$`));
    expect(checks[0]).toMatch(/iptables-save -t nat \| grep -e KUBE-SVC-\w{16}$/);
    expect(checks[1]).toMatch(new RegExp(`conntrack -L -p tcp -d ${service.address}$`));
    expect(badge?.key).toBe("badge.nat");
  });

  it("shows old and new value in the frame at that hop, with checksums that fit", () => {
    const hop = must(translations(story)[0], "DNAT");
    const layers = must(viewFrame(hop.lead), "frame").layers;
    const changed = layers.flatMap(({ fields }) => fields.filter(({ before }) => before !== undefined));
    expect(changed.map(({ field, before }) => [field.name, before])).toEqual([["ipv4.dst", service.address]]);
    const sums = layers.flatMap(({ fields }) =>
      fields.filter(({ field }) => field.name.endsWith("checksum")),
    );
    for (const { field } of sums) expect(field.value, field.name).toContain("[correct]");
  });

  it("undoes the translation on the way back by the conntrack entry alone", () => {
    const hop = must(translations(story).at(-1), "un-NAT");
    const { headline, rules, flow } = board.explain(story, hop);
    expect(headline).toMatchObject({ key: "nat.back", values: { after: `${service.address}:80` } });
    expect(rules).toEqual([]);
    expect(flow).toMatchObject({ state: "ESTABLISHED", isReply: true, unconfirmed: false });
  });

  it("does not ask the nat table again for later packets", () => {
    const request = turn(3);
    const hop = must(translations(request)[0], "DNAT of the request");
    const { headline, rules } = board.explain(request, hop);
    expect(headline.key).toBe("nat.again");
    expect(rules).toEqual([]);
  });

  it("keeps every checksum of every turn right, hop by hop", () => {
    for (const { number } of story.conversation.turns)
      for (const { lead } of turn(number).hops)
        for (const { layer, fields } of viewFrame(lead)?.layers ?? [])
          for (const { field } of fields)
            if (field.name.endsWith("checksum"))
              expect(field.value, layer.summary).not.toContain("incorrect");
  });

  it("names the Service over the node where it is translated, and its endpoints", () => {
    const spots = serviceSpots(story.steps, servicesOf(board.world));
    expect(spots.map(({ netns, service: { name } }) => [board.cast.name(netns), name])).toEqual([
      [board.cast.roomOf(source)?.name, "frontend"],
    ]);
    const behind = endpointsOf(board.world, service);
    expect(behind).toHaveLength(3);
    expect(behind).toContain(spots[0]?.chosen);
  });

  it("lights the rules that a hop met, with their counters", () => {
    const hop = must(translations(story)[0], "DNAT");
    board.world.moveTo(hop.last + 1);
    const visited = rulesAt(story, hop.number, hop.netns);
    const counts = new RuleCounts(board.reader);
    const lit = chainsOf(board.world, counts, hop.netns, hop.last + 1, visited).filter(
      (chain) => chain.visited,
    );
    expect(lit.map(({ table }) => table)).toEqual(["nat", "nat", "nat", "nat"]);
    const svc = must(
      lit.find(({ chain }) => chain.startsWith("KUBE-SVC-")),
      "KUBE-SVC",
    );
    expect(svc.rules.filter((rule) => rule.visited).map(({ packets }) => packets)).toEqual([1]);
  });
});

describe("a flow that a rule stops", () => {
  const node = (): string => board.cast.roomOf(source)?.label ?? "";
  const rule = (text: string): void => {
    board.act({ kind: "shell", at: node(), command: `iptables -I FORWARD 1 ${text}` });
  };
  const lost = (told: Story): Explanation => {
    const hop = must(
      told.hops.find(({ tone }) => tone === "drop"),
      "drop",
    );
    return board.explain(told, hop);
  };

  it("is dropped with the rule that did it, who wrote it, and how to undo it", () => {
    rule("-p udp --dport 7777 -j DROP");
    const told = board.send(source, "udp", "10.244.1.2:7777");
    const { rules, advice, badge, headline } = lost(told);
    expect(rules?.map(({ text }) => text)).toEqual(["-A FORWARD -p udp -m udp --dport 7777 -j DROP"]);
    expect(headline.key).toBe("drop");
    expect(badge).toMatchObject({ key: "badge.rule", values: { chain: "FORWARD" } });
    expect(advice).toMatchObject({
      key: "drop.rule.typed.try",
      values: { actor: "iptables", command: "iptables -t filter -D FORWARD 1" },
    });
    expect(told.conversation.turns[0]?.there?.lost).toBe(true);
  });

  it("is rejected with an answer: the error comes back in its own lane", () => {
    rule("-p udp --dport 7778 -j REJECT");
    const told = board.send(source, "udp", "10.244.1.2:7778");
    expect(lost(told).headline.key).toBe("drop.rejected");
    expect(told.tracks.map(({ lane }) => lane)).toContain("reply");
    const dropped = told.hops.findIndex(({ tone }) => tone === "drop");
    expect(dropped).toBeLessThan(told.hops.findIndex(({ lane }) => lane === "reply"));
    expect(told.hops[dropped]?.spot).toBe(told.hops[dropped - 1]?.spot);
  });
});

describe("other probes", () => {
  it("ask the cluster's DNS for a name, and a node can ask too", () => {
    const told = board.send(source, "dns", "redis-master");
    expect(titles(told)[0]).toMatch(/^dns: > A\? redis-master < 10\.96\./);
    const room = must(board.cast.roomOf(source), "node");
    expect(board.send(room.netns, "ping", client).conversation.turns[0]?.there?.title).toBe("echo request");
  });

  it("from a node are translated at its own OUTPUT hook, before a device is chosen", () => {
    const room = must(board.cast.roomOf(source), "node");
    const told = board.send(room.netns, "http", service.address);
    const hop = must(translations(told)[0], "DNAT");
    expect(board.explain(told, hop).headline).toMatchObject({
      key: "nat.service",
      values: { hook: "OUTPUT", before: `${service.address}:80` },
    });
    expect(hop.spot).toBe(`hook/${room.netns}/local/OUTPUT`);
    expect(told.conversation.exchanges.map(({ partner }) => partner)).toEqual([`${service.address}:80`]);
    expect(told.hops.filter(({ spot }) => spot === "")).toEqual([]);
  });

  it("from a pod to its own Service go in the node's name when they come back to the same pod", () => {
    const front = must(
      board.cast.pods.find(({ ip }) => endpointsOf(board.world, service).includes(ip ?? "")),
      "endpoint",
    );
    const keys = (told: Story): string[] =>
      translations(told).map((hop) => board.explain(told, hop).headline.key);
    const tries = Array.from({ length: 12 }, () => keys(board.send(front.netns, "http", service.name)));
    expect(tries).toContainEqual(["nat.service", "nat.source", "nat.back", "nat.back"]);
  });

  it("refuse what is no name and no address", () => {
    const errand = { from: source, probe: "http", target: "a b; rm -rf /" } as const;
    expect(errandAction(board.cast, board.world, errand)).toBeUndefined();
  });
});
