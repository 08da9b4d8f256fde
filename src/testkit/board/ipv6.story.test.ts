import { beforeAll, describe, expect, it } from "vitest";
import { loadLateWords, format } from "../../app/i18n/text.ts";
import { FlowLog } from "../../app/model/flows.ts";
import { viewFrame } from "../../app/model/frame.ts";
import type { Story } from "../../app/model/story.ts";
import { must } from "../../base/result.ts";
import { loadUserland } from "../../lab/programs.ts";
import { Board } from "./board.ts";

beforeAll(loadUserland);
beforeAll(loadLateWords);

/** left - mid - right, IPv6 alone; mid translates and filters. */
const SCRIPT = `for n in left right mid; do
  ip netns add $n; ip -n $n link set lo up
  ip netns exec $n sysctl -qw net.ipv6.conf.all.disable_ipv6=0 net.ipv6.conf.default.disable_ipv6=0
done
ip link add eth0 netns left type veth peer name pl netns mid
ip link add eth0 netns right type veth peer name pr netns mid
ip -n left link set eth0 up; ip -n right link set eth0 up; ip -n mid link set pl up; ip -n mid link set pr up
ip netns exec mid sysctl -qw net.ipv6.conf.all.forwarding=1
ip -n left addr add fd00:1::2/64 dev eth0 nodad
ip -n right addr add fd00:2::2/64 dev eth0 nodad
ip -n mid addr add fd00:1::1/64 dev pl nodad
ip -n mid addr add fd00:2::1/64 dev pr nodad
ip -n left route add default via fd00:1::1
ip -n right route add default via fd00:2::1
ip netns exec mid ip6tables -t nat -A PREROUTING -p tcp --dport 8080 -j DNAT --to-destination [fd00:2::2]:80
ip netns exec mid ip6tables -A FORWARD -p tcp --dport 22 -j DROP
ip netns exec mid ip6tables -A FORWARD -p tcp --dport 23 -j REJECT
ip netns exec right nc -lk -6 80 > /dev/null &
sleep 2
`;

const opened = (): Board => new Board({ version: 1, name: "six", seed: 1, manifests: [], script: SCRIPT });

function sent(board: Board, command: string): Story {
  return must(board.sendFrom("left", command), command);
}

const reasons = (board: Board, story: Story, at: number): string =>
  board
    .explain(story, must(story.hops.at(at), "hop"))
    .reason.map(({ key, values }) => format("en", key, values))
    .join(" ");

describe("a packet of IPv6", () => {
  it("asks for its neighbours by neighbour discovery, goes there, and comes back", () => {
    const board = opened();
    const story = sent(board, "ping -c1 -W1 fd00:2::2");
    expect(new Set(story.hops.map(({ lane }) => lane))).toEqual(new Set(["request", "arp", "reply"]));
    const lines = board.headlines(story);
    expect(lines).toEqual(
      expect.arrayContaining([
        "left: left asks: who has fd00:1::1?",
        "mid: The packet is for a group that mid is in",
        expect.stringMatching(/^mid: fd00:1::1 is at [0-9a-f:]{17}$/),
        "left: left learns an address",
        "mid: mid routes the packet to pr",
        "right: The echo request has arrived in right",
        "left: ping in left gets its answer",
      ]),
    );
    expect(lines.join("\n")).not.toMatch(/has \?\?|0\.0\.0\.0/);
    const checks = story.hops.map((hop) => board.explain(story, hop).check ?? "");
    expect(checks).toContain("ip netns exec left ip route get fd00:2::2");
    expect(checks).toContain("ip netns exec mid ip6tables -vnL FORWARD");
    expect(checks.join("\n")).not.toContain(" iptables");
    // The hop limit in the frame is the one of the moment, and the flow is in the list.
    const forward = must(
      story.hops.find((hop) => hop.label === "FORWARD"),
      "FORWARD",
    );
    const layers = viewFrame(forward.lead)?.layers ?? [];
    const limit = layers.flatMap(({ layer }) => layer.fields).find(({ name }) => name === "ipv6.hop_limit");
    expect(limit?.value).toBe("63");
    expect(new FlowLog(board.reader).list()).toContainEqual(
      expect.objectContaining({ protocol: "icmp", dst: "fd00:2::2", verdict: "answered" }),
    );
  });

  it("is translated there and back, each end with its port in brackets", () => {
    const board = opened();
    const story = sent(board, "nc -z -w1 fd00:1::1 8080");
    expect(story.journey.lanes.map(({ title }) => title)).toEqual(["SYN", "SYN, ACK"]);
    const sums = story.hops.flatMap((hop) =>
      (viewFrame(hop.lead)?.layers ?? []).flatMap(({ layer }) => layer.fields),
    );
    expect(sums.filter(({ name, value }) => name === "tcp.checksum" && /incorrect/.test(value))).toEqual([]);
    const lines = board.headlines(story).join("\n");
    expect(lines).toContain("PREROUTING: the destination [fd00:1::1]:8080 becomes [fd00:2::2]:80");
    expect(lines).toMatch(/un-NAT by the conntrack entry: \[fd00:2::2\]:80 becomes \[fd00:1::1\]:8080/);
  });

  it("is dropped or refused by a rule of ip6tables, which is named", () => {
    const board = opened();
    const dropped = sent(board, "nc -z -w1 fd00:2::2 22");
    expect(reasons(board, dropped, -1)).toContain("-A FORWARD -p tcp -m tcp --dport 22 -j DROP");
    const refused = sent(opened(), "nc -z -w1 fd00:2::2 23");
    expect(refused.hops.map(({ lane }) => lane)).toContain("reply");
  });
});
