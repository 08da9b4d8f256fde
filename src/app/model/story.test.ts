import { beforeAll, describe, expect, it } from "vitest";
import { must } from "../../base/result.ts";
import { TraceReader } from "../../trace/reader.ts";
import { format, loadLateWords } from "../i18n/text.ts";
import { Cast } from "./cast.ts";
import { explainHop } from "./explain/explain.ts";
import { viewFrame } from "./frame.ts";
import type { Level } from "./hops.ts";
import { layout } from "./layout/layout.ts";
import { newSince, retell, type Story, tellStory } from "./story.ts";
import { FixtureCluster } from "./testing/cluster.ts";
import { pingAcross, pingNowhere } from "./testing/ping.ts";
import { tellAll } from "./telling.ts";
import { survey } from "./topology.ts";
import { WorldState } from "./world.ts";

beforeAll(loadLateWords);

interface Told {
  readonly reader: TraceReader;
  readonly world: WorldState;
  readonly cast: Cast;
  readonly story: Story;
}

function tell(level: Level, send: "across" | "nowhere" = "across", withArp = true): Told {
  const cluster = new FixtureCluster();
  const [source, , , target] = cluster.pods.map((pod) => pod);
  const [a, b] = [must(source, "pod"), must(target, "pod")];
  const action = send === "across" ? pingAcross(cluster, a, b, withArp) : pingNowhere(cluster, a);
  const reader = new TraceReader();
  reader.append(cluster.writer.take());
  const world = new WorldState(reader);
  world.moveToEnd();
  const cast = new Cast(survey(world));
  const story = must(tellStory(reader, action, { netns: a.netns }, level, cast), "story");
  return { reader, world, cast, story };
}

function headlines({ story, world, cast }: Told): string[] {
  return story.hops.map((hop) => {
    world.moveTo(hop.last + 1);
    const { headline } = explainHop(hop, world, cast, newSince(story, hop.number));
    return `${cast.name(hop.netns)}: ${format("en", headline.key, headline.values)}`;
  });
}

describe("a ping across two nodes", () => {
  it("is told device by device, there and back", () => {
    const told = tell("devices", "across", false);
    const way = ["frontend-a", "kind-worker", "host", "kind-worker2", "redis-follower-55-x"];
    expect(told.story.tracks.map(({ lane }) => lane)).toEqual(["request", "reply"]);
    expect(told.story.tracks[0]?.visits.map(({ netns }) => told.cast.name(netns))).toEqual(way);
    expect(told.story.tracks[1]?.visits.map(({ netns }) => told.cast.name(netns))).toEqual(
      [...way].reverse(),
    );
    const lines = headlines(told);
    expect(lines).toContain("kind-worker: flannel.1 wraps the frame in UDP");
    expect(lines).toContain("kind-worker2: flannel.1 unwraps the frame");
    expect(lines).toContain("redis-follower-55-x: redis-follower-55-x answers the ping");
    expect(lines.at(-1)).toBe("frontend-a: ping in frontend-a gets its answer");
  });

  it("has five places each way at the coarsest level", () => {
    expect(tell("places").story.hops).toHaveLength(10);
  });

  it("passes the sender's stack twice: the inner packet through FORWARD, the outer through OUTPUT", () => {
    const { story, cast } = tell("hooks");
    const worker = must(cast.topology.rooms[1], "worker").netns;
    const hooks = story.hops.filter(
      (hop) => hop.lane === "request" && hop.netns === worker && hop.lead.anchor.kind === "hook",
    );
    expect(
      hooks.map((hop) => `${hop.lead.pass} ${hop.label} ${hop.lead.wrapped ? "outer" : "inner"}`),
    ).toEqual([
      "forward PREROUTING inner",
      "forward FORWARD inner",
      "forward POSTROUTING inner",
      "local OUTPUT outer",
      "local POSTROUTING outer",
    ]);
  });

  it("names the FDB entry that chose the node, who wrote it and both commands", () => {
    const { story, world, cast } = tell("hooks");
    const hop = must(
      story.hops.find(({ lead }) => lead.anchor.kind === "encap"),
      "encap",
    );
    world.moveTo(hop.last + 1);
    const explanation = explainHop(hop, world, cast, newSince(story, hop.number));
    const used = explanation.table?.rows.filter((row) => row.used);
    expect(used).toMatchObject([
      { cells: ["6e:51:0c:9a:22:72", "172.18.0.4", "permanent"], actor: "flanneld" },
    ]);
    expect(explanation.install).toBe("bridge fdb append 6e:51:0c:9a:22:72 dev flannel.1 dst 172.18.0.4");
    expect(explanation.check).toBe("docker exec kind-worker bridge fdb show dev flannel.1");
  });

  it("grows by 50 bytes when wrapped: four new headers around three", () => {
    const { story } = tell("hooks");
    const hop = must(
      story.hops.find(({ lead }) => lead.anchor.kind === "encap"),
      "encap",
    );
    const frame = must(viewFrame(hop.lead), "frame");
    expect([frame.length, frame.grown]).toEqual([148, 50]);
    expect(frame.layers.map(({ title, isNew }) => `${title}${isNew ? " new" : ""}`)).toEqual([
      "Ethernet new",
      "IPv4 new",
      "UDP new",
      "VXLAN new",
      "Ethernet",
      "IPv4",
      "ICMP",
      "Data",
    ]);
  });

  it("shows the lowered TTL with a right checksum before the frame is seen again", () => {
    const { story } = tell("hooks");
    const hop = must(
      story.hops.find(({ lead }) => lead.ttl !== undefined),
      "TTL",
    );
    const ip = must(
      viewFrame(hop.lead)?.layers.find(({ title }) => title === "IPv4"),
      "IPv4",
    );
    const of = (name: string) => ip.fields.find(({ field }) => field.name === name);
    expect(of("ipv4.ttl")).toMatchObject({ field: { value: "63" }, before: "64" });
    expect(of("ipv4.checksum")?.field.value).toContain("[correct]");
  });

  it("keeps the ARP exchange in a lane of its own, and learns the address before the packet leaves", () => {
    const told = tell("hooks");
    expect(told.story.tracks.map(({ lane }) => lane)).toEqual(["request", "arp", "reply"]);
    const lines = headlines(told);
    const learns = lines.indexOf("frontend-a: frontend-a learns an address");
    expect(lines.indexOf("frontend-a: frontend-a asks: who has 10.244.1.1?")).toBeLessThan(learns);
    expect(lines.lastIndexOf("frontend-a: The frame leaves frontend-a by eth0")).toBeGreaterThan(learns);
  });

  it("walks along wires: every spot of every hop is on the board", () => {
    const { story, world, cast } = tell("hooks");
    world.moveToEnd();
    const scene = layout(cast.topology, world, story.visited);
    const known = new Set(scene.wires.ids);
    for (const hop of story.hops) for (const spot of hop.way) expect(known, spot).toContain(spot);
  });

  it("can be told anew at another level without losing a step", () => {
    const { story, cast } = tell("devices");
    const finer = retell(story, "hooks", cast);
    expect(finer.hops.flatMap(({ steps }) => steps)).toEqual(story.hops.flatMap(({ steps }) => steps));
  });
});

describe("a lost packet", () => {
  it("ends with the reason, where it was, and what to try", () => {
    const { story, world, cast } = tell("hooks", "nowhere");
    const hop = must(story.hops.at(-1), "hop");
    const { headline, advice, check, badge } = explainHop(hop, world, cast, 0);
    expect(hop.tone).toBe("drop");
    expect(format("en", headline.key, headline.values)).toBe("The packet is dropped in kind-worker");
    expect(advice?.key).toBe("drop.noroute.try");
    expect(badge?.values).toMatchObject({ reason: "IP_INNOROUTES" });
    expect(check).toBe("docker exec kind-worker ip route");
  });
});

describe("a walk on paper", () => {
  it("tells every hop once, place by place, and leaves the world where it was", () => {
    const { story, world, cast } = tell("devices");
    world.moveTo(5);
    const tracks = tellAll(story, Infinity, world, cast, "en");
    expect(world.now).toBe(5);
    const hops = tracks.flatMap(({ visits }) => visits.flatMap((visit) => visit.hops));
    const byNumber = (a: { number: number }, b: { number: number }): number => a.number - b.number;
    expect(hops.toSorted(byNumber).map(({ number }) => number)).toEqual(story.hops.map((_, i) => i + 1));
    expect(hops.every(({ text, why }) => text !== "" && why.length > 0)).toBe(true);
    expect(tracks.map(({ title }) => title)).toEqual(["→ echo request", "questions", "← echo reply"]);
  });

  it("tells of the hops so far only, when the rest is to be guessed", () => {
    const { story, world, cast } = tell("devices");
    const tracks = tellAll(story, 2, world, cast, "en");
    const numbers = tracks.flatMap(({ visits }) =>
      visits.flatMap(({ hops }) => hops.map(({ number }) => number)),
    );
    expect(numbers.toSorted()).toEqual([1, 2, 3]);
  });
});
