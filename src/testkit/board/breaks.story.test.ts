import { beforeAll, describe, expect, it } from "vitest";
import { type Break, breaksFor } from "../../app/model/breaks.ts";
import { changesSince } from "../../app/model/changes.ts";
import type { TextKey } from "../../app/i18n/en.ts";
import { firstPair } from "../../app/model/probe.ts";
import type { Device, Pod, Room } from "../../app/model/topology.ts";
import { must } from "../../base/result.ts";
import { loadBundled } from "../../lab/bundled.ts";
import { loadUserland } from "../../lab/programs.ts";
import { galleryEntry } from "../../scenario/gallery/index.ts";
import { Board } from "./board.ts";

let board: Board;
let a: Pod;
let b: Pod;
let near: Room;
let far: Room;

const room = (pod: Pod): Room => must(board.cast.roomOf(pod.netns), "node");
const nic = ({ nics }: Room): Device => must(nics[0], "eth0");

/** Whether `a` reaches `b`: the last line of what the pod's shell prints. */
function reaches(): boolean {
  board.world.moveToEnd();
  return board.print(a.label, `ping -c2 -i 0.2 -W1 ${b.ip ?? ""} >/dev/null; echo $?`).trim() === "0";
}

function find(label: TextKey, at: { readonly netns: number; readonly index: number }, fits = /./): Break {
  board.world.moveToEnd();
  const all = breaksFor(board.world, board.cast, at).flatMap(({ breaks }) => breaks);
  return must(
    all.find((one) => one.label === label && fits.test(one.command)),
    `${label} among ${all.map(({ command }) => command).join("; ")}`,
  );
}

function type({ at }: Break, command: string): void {
  board.act({ kind: "shell", at, command });
  board.world.moveToEnd();
}

/** Broken, and mended by its own way back: a packet before, in between, and after. */
function breakAndMend(one: Break): { readonly told: string; readonly during: boolean } {
  expect(reaches(), `before ${one.command}`).toBe(true);
  const from = board.reader.length;
  type(one, one.command);
  const told = changesSince(board.reader, from, 50)
    .map(({ table, gone, come }) =>
      [table, ...gone.map((x) => `-${x}`), ...come.map((x) => `+${x}`)].join(" "),
    )
    .join("\n");
  const during = reaches();
  type(one, must(one.undo, "a way back"));
  // What the network plugin would notice in time is given the time.
  if (!reaches()) board.print(a.label, "sleep 3");
  expect(reaches(), `after ${one.undo ?? ""}`).toBe(true);
  return { told, during };
}

beforeAll(async () => {
  await Promise.all([loadUserland(), loadBundled()]);
  board = new Board();
  [a, b] = must(firstPair(board.cast), "two pods");
  [near, far] = [room(a), room(b)];
}, 120_000);

describe("what has changed", () => {
  it("is silent about neighbours that are only asked again, and tells of one that somebody wrote", () => {
    expect(reaches()).toBe(true);
    const from = board.reader.length;
    const neighbours = (): string[] =>
      changesSince(board.reader, from, 500)
        .filter(({ table }) => table === "neigh")
        .flatMap(({ gone, come }) => [...gone.map((x) => `-${x}`), ...come.map((x) => `+${x}`)]);
    for (let i = 0; i < 3; i++) {
      board.print(a.label, "sleep 40");
      expect(reaches()).toBe(true);
    }
    expect(neighbours()).toEqual([]);
    board.print(a.label, "ip neigh replace 10.9.9.9 lladdr 02:00:00:00:00:09 dev eth0");
    expect(neighbours()).toEqual(["+10.9.9.9 02:00:00:00:00:09 PERMANENT"]);
    board.print(a.label, "ip neigh del 10.9.9.9 dev eth0");
    expect(neighbours()).toContain("-10.9.9.9 02:00:00:00:00:09 PERMANENT");
  });
});

describe("each break takes the way away, is told, and is mended by its undo", () => {
  it("a cable pulled", () => {
    const { told, during } = breakAndMend(
      find("break.down", { netns: far.netns, index: nic(far).link.index }),
    );
    expect(during).toBe(false);
    expect(told).toContain("+eth0 mtu 1500 down");
  });

  it("the pod's own cable", () => {
    expect(breakAndMend(find("break.down", { netns: a.host.netns, index: a.host.index })).during).toBe(false);
  });

  it("a route deleted", () => {
    const dev = must(
      near.tunnels.find(({ link }) => link.name === "flannel.1"),
      "flannel.1",
    );
    const subnet = (b.ip ?? "").replace(/\.\d+$/, "\\.0/24");
    const { told, during } = breakAndMend(
      find("break.route", { netns: near.netns, index: dev.link.index }, new RegExp(subnet)),
    );
    expect(during).toBe(false);
    expect(told).toMatch(/route -10\.244\.\d\.0\/24 via 10\.244\.\d\.0 dev/);
  });

  it("the tunnel's forwarding entry deleted", () => {
    const dev = must(near.tunnels[0], "flannel.1");
    const address = nic(far).addresses[0]?.split("/")[0] ?? "";
    const one = find("break.fdb", { netns: near.netns, index: dev.link.index }, new RegExp(`dst ${address}`));
    expect(breakAndMend(one).during).toBe(false);
  });

  it("the tunnel's neighbour deleted", () => {
    const dev = must(near.tunnels[0], "flannel.1");
    const one = find(
      "break.neigh",
      { netns: near.netns, index: dev.link.index },
      new RegExp((b.ip ?? "").replace(/\d+$/, "0")),
    );
    expect(breakAndMend(one).during).toBe(false);
  });

  it("forwarding switched off", () => {
    const { told, during } = breakAndMend(find("break.forward", { netns: far.netns, index: 0 }));
    expect(during).toBe(false);
    expect(told).toContain("net.ipv4.ip_forward = 0");
  });

  it("a policy that drops what passes", () => {
    const one = find("break.policy", { netns: near.netns, index: 0 });
    const { told } = breakAndMend(one);
    // Chains of flannel accept pods before the policy is asked.
    expect(told).toContain("filter: -P FORWARD DROP");
  });

  it("a chain flushed, with everything back as it was", () => {
    const rules = (): string => board.print(near.label, "iptables-save | grep -v '^[#:]'");
    const before = rules();
    const one = find("break.flush", { netns: near.netns, index: 0 }, /-t nat -F KUBE-SERVICES/);
    const { told } = breakAndMend(one);
    expect(told).toMatch(/-nat: -A KUBE-SERVICES/);
    expect(rules()).toBe(before);
  });

  it("a rule deleted and put back in its place", () => {
    const rules = (): string => board.print(near.label, "iptables-save | grep -v '^[#:]'");
    const before = rules();
    const one = find("break.rule", { netns: near.netns, index: 0 }, /-t nat -D KUBE-SERVICES 1$/);
    breakAndMend(one);
    expect(rules()).toBe(before);
  });

  it("a smaller MTU: what is too large for it does not pass, and does again", () => {
    const one = find("break.mtu", { netns: near.netns, index: nic(near).link.index });
    const large = (): string =>
      board.print(a.label, `ping -c1 -W1 -M do -s 1200 ${b.ip ?? ""} >/dev/null; echo $?`).trim();
    expect(large()).toBe("0");
    type(one, one.command);
    expect(large()).not.toBe("0");
    type(one, must(one.undo, "undo"));
    board.print(near.label, "ip route flush cache");
    board.print(a.label, "ip route flush cache");
    expect(large()).toBe("0");
  });

  it("loss: some of twenty are lost, and none once it is taken away", () => {
    const one = find("break.loss", { netns: near.netns, index: nic(near).link.index });
    const lost = (): string =>
      /(\d+)% packet loss/.exec(board.print(a.label, `ping -c20 -i 0.1 -W1 ${b.ip ?? ""}`))?.[1] ?? "?";
    expect(lost()).toBe("0");
    type(one, one.command);
    expect(Number(lost())).toBeGreaterThan(0);
    type(one, must(one.undo, "undo"));
    expect(lost()).toBe("0");
  });

  it("delay: an answer takes a tenth of a second longer, and no longer once it is taken away", () => {
    const one = find("break.delay", { netns: near.netns, index: nic(near).link.index });
    const time = (): number =>
      Number(/time=([\d.]+) ms/.exec(board.print(a.label, `ping -c1 -W1 ${b.ip ?? ""}`))?.[1]);
    expect(time()).toBeLessThan(10);
    type(one, one.command);
    expect(time()).toBeGreaterThanOrEqual(100);
    type(one, must(one.undo, "undo"));
    expect(time()).toBeLessThan(10);
  });

  it("a flow forgotten: its ticket is gone, and the next packet gets a new one", () => {
    const tickets = (): string =>
      board.print(near.label, "conntrack -L -p udp 2>/dev/null | grep dport=5353");
    board.print(a.label, `echo x | nc -u -w1 -p 4000 ${b.ip ?? ""} 5353`);
    expect(tickets()).toContain("sport=4000 dport=5353");
    const one = find("break.flow", { netns: near.netns, index: 0 }, /--orig-port-dst 5353/);
    const ticket = /conntrack\/(\d+)/.exec(one.entry ?? "")?.[1] ?? "";
    expect(board.world.row("conntrack", near.netns, ticket)?.row.original.dport).toBe(5353);
    type(one, one.command);
    expect(tickets()).toBe("");
    board.print(a.label, `echo x | nc -u -w1 -p 4000 ${b.ip ?? ""} 5353`);
    expect(tickets()).toContain("sport=4000 dport=5353");
  });

  it("the network plugin removed: what it made stays, pods go on, and it is put back", () => {
    const one = find("break.plugin", { netns: near.netns, index: 0 });
    const { during } = breakAndMend(one);
    expect(during).toBe(true);
    const ready = board.print("", "sleep 90; kubectl get daemonset -A --no-headers | grep flannel");
    expect(ready).toMatch(/kube-flannel-ds\s+3\s+3\s+3/);
  });
});

describe("a node without power", () => {
  const power = (own: Board, netns: number): Break => {
    const all = breaksFor(own.world, own.cast, { netns, index: 0 }).flatMap(({ breaks }) => breaks);
    return must(
      all.find(({ label }) => label.startsWith("break.power")),
      "break.power",
    );
  };

  it("nothing on it is left; the cluster notices within a minute and replaces its pods; it starts from its disk", () => {
    const own = new Board();
    const [, target] = must(firstPair(own.cast), "two pods");
    const node = must(own.cast.roomOf(target.netns), "node");
    const kubectl = (words: string): string => own.print("", `kubectl ${words}`);
    const tables = (): string =>
      own.print(node.label, "ip route | grep -v cni0; bridge fdb show dev flannel.1 | sort");
    const before = tables();
    const one = power(own, node.netns);
    expect(kubectl("get endpoints 2>/dev/null")).toContain(`${target.ip ?? ""}:`);
    const from = own.reader.length;
    own.act({ kind: "shell", at: one.at, command: one.command });
    const told = changesSince(own.reader, from, 5000);
    expect(told.some(({ come }) => come.includes("eth0 mtu 1500 down DOWN"))).toBe(true);
    expect(told.some(({ gone }) => gone.some((line) => line.includes("-A KUBE-SERVICES")))).toBe(true);
    const dark = must(own.cast.byLabel(node.label), "the room is still there");
    expect(dark.kind === "room" && dark.room.floors.flatMap(({ pods }) => pods)).toEqual([]);
    for (const table of ["route", "xtables", "conntrack", "socket", "neigh", "fdb"] as const)
      expect(own.world.rows(table, node.netns), table).toEqual([]);
    expect(() => own.print(node.label, "true")).toThrow("has no power");
    expect(kubectl(`get node ${node.name} --no-headers`)).toMatch(/NotReady/);
    expect(kubectl(`describe node ${node.name}`)).toContain("Kubelet stopped posting node status.");
    expect(kubectl(`get node ${node.name} -o jsonpath={.spec.taints[*].key}`)).toContain("unreachable");
    expect(kubectl("get endpoints 2>/dev/null")).not.toContain(`${target.ip ?? ""}:`);
    // Five minutes is what pods bear by default; then others take their places elsewhere.
    kubectl("get pods; sleep 330");
    const pods = (): string => kubectl("get pods -o wide --no-headers");
    const moved = pods()
      .split("\n")
      .filter((line) => line.includes("Running") && !line.includes("Terminating"));
    expect(moved.length).toBeGreaterThan(3);
    expect(pods()).toContain("Terminating");
    own.act({ kind: "shell", at: one.at, command: must(one.undo, "a way back") });
    expect(kubectl(`get node ${node.name} --no-headers`)).toMatch(/ Ready /);
    expect(kubectl(`describe node ${node.name}`)).toContain("has been rebooted, boot id");
    expect(pods()).not.toContain("Terminating");
    expect(tables()).toBe(before);
  });

  it("back before anybody has noticed: its pods are the same, in new sandboxes with new addresses", () => {
    const own = new Board();
    const [asker, target] = must(firstPair(own.cast), "two pods");
    const node = must(own.cast.roomOf(target.netns), "node");
    const line = (): string => own.print("", `kubectl get pod ${target.name} -o wide --no-headers`);
    const was = line();
    own.print("", `ipmitool -H ${node.label} chassis power cycle; sleep 90`);
    const is = line();
    expect(was).toMatch(/1\/1 +Running +0 /);
    expect(is).toMatch(/1\/1 +Running +1 \(\d+s ago\)/);
    const ip = /(\d+\.){3}\d+/.exec(is)?.[0] ?? "";
    expect(ip).not.toBe(target.ip);
    const last = "{.status.containerStatuses[0].lastState.terminated.exitCode} {.status.phase}";
    expect(own.print("", `kubectl get pod ${target.name} -o jsonpath='${last}'`)).toBe("255 Running");
    expect(own.print(asker.label, `ping -c1 -W1 ${ip} >/dev/null; echo $?`).trim()).toBe("0");
    expect(own.print("", "kubectl describe pod " + target.name)).toContain("Pod sandbox changed");
  });

  it("the control plane's: nobody is scheduled and nobody asked, but what is programmed goes on; then all is caught up with", () => {
    const own = new Board();
    const [asker, target] = must(firstPair(own.cast), "two pods");
    const control = must(own.cast.byLabel("kind-control-plane"), "control plane");
    const one = power(own, control.netns);
    expect(one.label).toBe("break.power.control");
    const address = own.print("", "kubectl get service frontend -o jsonpath={.spec.clusterIP}").trim();
    own.act({ kind: "shell", at: one.at, command: one.command });
    expect(own.print("", "kubectl get pods 2>&1; echo $?")).toMatch(
      /Unable to connect to the server: .*\n1\n$/,
    );
    expect(own.print(asker.label, `ping -c1 -W1 ${target.ip ?? ""} >/dev/null; echo $?`).trim()).toBe("0");
    expect(own.print(asker.label, `curl -s -o /dev/null -w '%{http_code}' -m 3 http://${address}/`)).toBe(
      "200",
    );
    // Containers that end are started again: kubelets do that without being told.
    const home = must(own.cast.roomOf(target.netns), "node").label;
    own.print(
      home,
      `crictl stop $(crictl ps --name ${/^[a-z]+/.exec(target.name)?.[0] ?? ""} -q | head -1); sleep 400`,
    );
    own.act({ kind: "shell", at: one.at, command: must(one.undo, "a way back") });
    expect(own.print("", "kubectl get nodes --no-headers")).not.toContain("NotReady");
    const pods = own.print("", "kubectl get pods --no-headers");
    expect(pods).not.toMatch(/Terminating|Pending|Error/);
    const scaled =
      "kubectl scale deployment frontend --replicas=4 2>&1 || kubectl scale rc frontend --replicas=4; sleep 20";
    own.print("", scaled);
    expect(own.print("", "kubectl get pods --no-headers | grep -c 'frontend.*Running'").trim()).toBe("4");
  });
});

it("br_netfilter switched off: frames on one bridge no longer pass the rules, and do again", async () => {
  const own = new Board(await must(galleryEntry("first-packet"), "first-packet").load());
  const pod = must(
    own.cast.pods.find(({ name }) => name === "anna"),
    "anna",
  );
  const node = must(own.cast.roomOf(pod.netns), "node");
  const all = breaksFor(own.world, own.cast, { netns: node.netns, index: 0 }).flatMap(({ breaks }) => breaks);
  const one = must(
    all.find(({ label }) => label === "break.bridge"),
    "break.bridge",
  );
  const ben = must(
    own.cast.pods.find(({ name }) => name === "ben"),
    "ben",
  );
  const lent = (): boolean => {
    const story = must(own.sendFrom(pod.label, `ping -c1 -W1 ${ben.ip ?? ""}`), "story");
    return story.hops.some((hop) => hop.lent.length > 0);
  };
  const before = lent();
  own.act({ kind: "shell", at: one.at, command: one.command });
  expect(lent()).toBe(!before);
  own.act({ kind: "shell", at: one.at, command: must(one.undo, "undo") });
  expect(lent()).toBe(before);
});

it("a connection ended: BIRD has lost its neighbour, and opens a new one", async () => {
  const own = new Board(await must(galleryEntry("calico"), "calico").load());
  const node = must(own.cast.byLabel("k1"), "k1");
  const all = breaksFor(own.world, own.cast, { netns: node.netns, index: 0 }).flatMap(({ breaks }) => breaks);
  const session = must(
    all.find(({ label, command }) => label === "break.socket" && /[sd]port = :179\b/.test(command)),
    all.map(({ command }) => command).join("; "),
  );
  const open = (): string => own.print("k1", "ss -tnH state established '( sport = :179 or dport = :179 )'");
  const before = open();
  const routes = own.print("k1", "ip route | grep -c bird");
  own.print("k1", session.command);
  expect(open().split("\n").length).toBeLessThan(before.split("\n").length);
  own.print("k1", "sleep 120");
  expect(open().split("\n").length).toBe(before.split("\n").length);
  expect(own.print("k1", "ip route | grep -c bird")).toBe(routes);
});
