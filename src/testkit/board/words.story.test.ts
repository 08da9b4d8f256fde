import { beforeAll, describe, expect, it } from "vitest";
import { format, loadLateWords } from "../../app/i18n/text.ts";
import type { Explanation, Phrase } from "../../app/model/explain/phrase.ts";
import { servicesOf, serviceSpots } from "../../app/model/services.ts";
import { openTurn, type Story } from "../../app/model/story.ts";
import { must } from "../../base/result.ts";
import { loadUserland } from "../../lab/programs.ts";
import { type GalleryId, TITLES } from "../../scenario/gallery/titles.ts";
import { galleryEntry } from "../../scenario/gallery/index.ts";
import type { Scenario } from "../../scenario/schema.ts";
import { fetchCode } from "../gallery.ts";
import { Board } from "./board.ts";

const english = ({ key, values }: Phrase): string => format("en", key, values);
const reasons = (why: Explanation): string => why.reason.map(english).join(" ");

beforeAll(loadUserland);
beforeAll(loadLateWords);
beforeAll(fetchCode, 60_000);

/** A gallery scenario and the story of one of its questions, by its English title. */
async function ask(id: GalleryId, title: string): Promise<{ readonly board: Board; readonly story: Story }> {
  const scenario: Scenario = await must(galleryEntry(id), TITLES[id].en).load();
  const board = new Board(scenario);
  const probe = must(
    scenario.probes?.find((one) => one.title.en === title),
    title,
  );
  return { board, story: must(board.ask(probe), "a story") };
}

/** The first hop whose headline matches. */
function hopThat(board: Board, story: Story, pattern: RegExp): Explanation {
  for (const hop of story.hops) {
    const why = board.explain(story, hop);
    if (pattern.test(english(why.headline))) return why;
  }
  throw new Error(`${String(pattern)} in\n${board.headlines(story).join("\n")}`);
}

describe("a NodePort", () => {
  it("is the node's own address, whose port belongs to a Service; the mark says that the answer must come back here", async () => {
    const { board, story } = await ask("nodeport", "Cluster: by the node without the pod");
    const why = hopThat(
      board,
      story,
      /^Node port 192\.168\.1\.11:30080 becomes a pod's address: 10\.244\.2\.\d+:80$/,
    );
    expect(reasons(why)).not.toContain("No machine has");
    expect(reasons(why)).toMatch(/KUBE-EXT-\w+ is for traffic from outside the cluster: .*mark/);
  });

  it("with Local: the sender's address stays, and a node without a pod drops with a reason", async () => {
    const near = await ask("nodeport", "Local: by the node with the pod");
    expect(reasons(hopThat(near.board, near.story, /^Node port/))).toMatch(/KUBE-SVL-\w+: .*stays as it is/);
    const { board, story } = await ask("nodeport", "Local: by the node without the pod");
    const why = hopThat(board, story, /dropped/);
    expect(reasons(why)).toMatch(/^externalTrafficPolicy of default\/shop-local is Local, .*node1/);
    expect(english(must(why.advice, "advice"))).not.toContain("iptables");
  });

  it("has a label over the node that translates it", async () => {
    const { board, story } = await ask("nodeport", "Cluster: by the node without the pod");
    const spots = serviceSpots(story.steps, servicesOf(board.world));
    expect(spots.map(({ netns, service, shown }) => [board.cast.name(netns), service.name, shown])).toEqual([
      ["node1", "shop-cluster", "192.168.1.11:30080"],
    ]);
  });
});

describe("TCP in the kernel", () => {
  it("sends what no program asked for in its own name", async () => {
    const { board, story } = await ask("lvs-by-hand", "One call");
    expect(board.headlines(story)).toContainEqual(
      expect.stringMatching(/^pod\d: TCP in pod\d answers with SYN, ACK$/),
    );
    const fin = story.conversation.turns.findIndex(({ there }) => there?.tcp?.flags.includes("FIN") === true);
    const end = must(openTurn(story.conversation, fin, "hooks", board.cast), "FIN");
    const why = board.explain(end, end.hops[0]!);
    expect(english(why.headline)).toBe("TCP in client sends FIN, ACK");
    expect(reasons(why)).toMatch(/closed its socket/);
  });
});

describe("IPVS without kube-proxy", () => {
  it("speaks of the route that somebody typed, not of kube-ipvs0", async () => {
    const { board, story } = await ask("lvs-by-hand", "One call");
    const local = hopThat(board, story, /^The packet is for lvs itself$/);
    expect(reasons(local)).toMatch(/No device of lvs has 192\.168\.60\.200/);
    expect(local.install).toBe("ip route add local 192.168.60.200/32 dev eth0");
    const there = hopThat(board, story, /^IPVS sends/);
    expect(reasons(there)).not.toContain("kube-ipvs0");
  });

  it("is told also when the command reaches the sender by ssh", async () => {
    const { board, story } = await ask("lvs-by-hand", "Without the first command");
    expect(board.cast.name(story.conversation.sender.netns)).toBe("client");
    const lines = board.headlines(story);
    expect(lines).toContain("lan: lan does not answer the question");
    expect(lines).not.toContain("lan: lan learns an address");
  });
});

describe("the machine that the cluster runs on", () => {
  it("is called host where it sends itself", async () => {
    const { board, story } = await ask("service-types", "NodePort, on a node without the pod");
    const lines = board.headlines(story);
    expect(lines[0]).toBe("host: curl in host sends a packet");
    expect(lines.join("\n")).not.toMatch(/: .*br-\w+ by br-|brings .* \?/);
    const out = hopThat(board, story, /^host sends the frame into br-/);
    expect(reasons(out)).not.toContain("?");
  });

  it("names a program by its name, not its path", async () => {
    const { board, story } = await ask("service-types", "ExternalName");
    expect(board.headlines(story).join("\n")).not.toContain("/coredns");
  });
});

describe("what failed", () => {
  const at = (story: Story): number => story.hops.length - 1;

  it("a refusal is told where it arrives: the program's own error, no loss", async () => {
    const { board, story } = await ask("refused-or-timed-out", "A port where nobody listens: RST");
    const last = must(story.hops[at(story)], "last hop");
    expect(last.tone).not.toBe("drop");
    expect(english(board.explain(story, last).headline)).toMatch(/^ask receives RST, ACK on port/);
    expect(story.conversation.turns[0]?.back?.lost).toBe(false);
    const rejected = await ask("refused-or-timed-out", "A Service without endpoints: REJECT at home");
    const told = hopThat(rejected.board, rejected.story, /^ask learns why its packet failed$/);
    expect(reasons(told)).toContain("“Connection refused”");
  });

  it("a ping without a host gets an error, not an answer", async () => {
    const { board, story } = await ask("refused-or-timed-out", "An address that no pod has");
    const why = hopThat(board, story, /^ping in ask is told why its packet failed$/);
    expect(reasons(why)).toContain("No route to host");
  });

  it("a REJECT behind a Service's address comes back like any other", async () => {
    const { story } = await ask("network-policy", "The same by the Service's address");
    expect(story.conversation.turns[0]?.back?.title).toMatch(/unreachable$/);
  });

  it("a connection that stands and then hangs opens at the segment that is lost", async () => {
    const { board, story } = await ask("mtu-black-hole", "A large upload hangs");
    expect(board.headlines(story).at(-1)).toBe("router-a: The packet is dropped in router-a");
  });

  it("what never left is named by whom it was for", async () => {
    const { story } = await ask("overlapping-ranges", "host-a's container opens the wiki");
    const [exchange] = story.conversation.exchanges;
    expect([exchange?.kind, exchange?.partner]).toEqual(["ip", "172.17.5.9"]);
  });

  it("a rule that somebody typed is not said to be iptables' own", async () => {
    const { board, story } = await ask("refused-or-timed-out", "A rule that drops");
    const why = hopThat(board, story, /dropped/);
    expect(english(must(why.advice, "advice"))).toMatch(
      /^This rule was typed by hand\. .*iptables -t filter -D FORWARD/,
    );
  });
});

describe("a command line of a node's", () => {
  it("is not answered for by what else the node sends meanwhile", async () => {
    const scenario = await must(galleryEntry("network-policy"), "entry").load();
    const board = new Board(scenario);
    const asked = must(
      scenario.probes?.find(({ kind, from }) => kind === "shell" && from === "kind-worker"),
      "a question",
    );
    // Long enough for a probe of kubelet's.
    expect(board.ask({ ...asked, target: `sleep 20; ${asked.target}` })).toBeUndefined();
  });
});

it("a DNS answer is told with all of its addresses", async () => {
  const { story } = await ask("headless", "The headless name: the pods' addresses");
  expect(story.conversation.turns[0]?.back?.title).toMatch(/^10\.244\.\d\.\d+, 10\.244\.\d\.\d+$/);
});

describe("a program in between", () => {
  const talk = ({ board, story }: { readonly board: Board; readonly story: Story }): readonly string[] =>
    story.conversation.exchanges.map(
      ({ netns, kind, partner }) => `${board.cast.name(netns).replace(/-.*/, "")} ${kind} ${partner}`,
    );

  it("asks on: Ingress in three connections", async () => {
    const told = await ask("ingress", "The customer asks for shop.example.com");
    const name = /^\S+ tcp 192\.168\.1\.1[12]:23456$/;
    expect(talk(told)).toEqual([
      "customer tcp 192.168.1.100:80",
      expect.stringMatching(name),
      expect.stringMatching(/^ingress tcp 10\.244\.1\.\d+:80$/),
    ]);
    expect(told.story.conversation.turns.map(({ number }) => number)).toEqual(
      told.story.conversation.turns.map((_, i) => i),
    );
  });

  it("carries packets itself: flannel's udp backend there and back", async () => {
    const scenario = await must(galleryEntry("backends"), "entry").load();
    const board = new Board(scenario);
    const probes = must(scenario.probes, "probes");
    const at = (title: string) =>
      must(
        probes.find((one) => one.title.en === title),
        title,
      );
    board.ask(at("Change to udp"));
    const story = must(board.ask(at("udp")), "story");
    expect(story.conversation.turns.map(({ there, back }) => [there?.title, back?.title])).toEqual([
      ["echo request", undefined],
      [expect.stringMatching(/^UDP/), expect.stringMatching(/^UDP/)],
      ["echo request", "echo reply"],
      ["echo reply", undefined],
    ]);
    expect(board.headlines(story).at(-1)).toBe(
      "kind-worker: A program in kind-worker reads the packet from its tun device",
    );
  });
});
