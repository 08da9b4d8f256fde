import { background } from "../../container/background.ts";
import { nftSteps } from "../../formats/nft/steps.ts";
import type { QueuedPacket, QueueSocket } from "../../kernel/uapi/index.ts";
import { type Coroutine, Signal, sleep, type Task } from "../../sim/task.ts";
import { micros, millis, seconds } from "../../sim/time.ts";
import type { Process } from "../../userland/os/process.ts";
import type { ApiClient } from "../api/index.ts";
import type { Klog } from "../flannel/klog.ts";
import { parseFlow } from "./packet.ts";
import { PolicyEngine } from "./policies.ts";

const TABLE = "kindnet-network-policies";
const QUEUE = 101;
/**
 * The bit of a flow's label that says "accepted": number 100 of a label that is written with its first byte highest is
 * bit 28 for a little-endian machine, which is what `nft list` shows.
 */
const ACCEPTED = 28;
const PERIOD = seconds(3600);
const LEAST = seconds(1);
/** From a packet's arrival in the program to its verdict. */
const DECISION = micros(180);
const SYNC_TIME = millis(4);

const NEIGHBOUR_TYPES = [
  "nd-router-solicit",
  "nd-router-advert",
  "nd-neighbor-solicit",
  "nd-neighbor-advert",
  "nd-redirect",
];

/**
 * The table: packets of pods with policies go to the queue, but what is accepted already, asks for names (which is
 * looked at earlier, before conntrack confirms it) or comes from a process of the node. Models: syncNFTablesRules.
 */
export function policyTable(addresses: readonly string[]): string {
  const v4 = addresses.filter((address) => !address.includes(":"));
  const v6 = addresses.filter((address) => address.includes(":"));
  const set = (name: string, type: string, members: readonly string[]): string =>
    `set ${name} { type ${type}; ${members.length === 0 ? "" : `elements = { ${members.join(", ")} }`}
    }`;
  const queue = `queue flags bypass to ${QUEUE}`;
  const asked = ["saddr", "daddr"].flatMap((field) => [`ip ${field} @podips-v4 ${queue}`]);
  const asked6 = ["saddr", "daddr"].map((field) => `ip6 ${field} @podips-v6 ${queue}`);
  return `add table inet ${TABLE}
delete table inet ${TABLE}
table inet ${TABLE} {
  ${set("podips-v4", "ipv4_addr", v4)}
  ${set("podips-v6", "ipv6_addr", v6)}
  chain postrouting {
    type filter hook postrouting priority srcnat - 5; policy accept;
    udp dport 53 accept
    ${NEIGHBOUR_TYPES.map((type) => `icmpv6 type ${type} accept`).join("\n    ")}
    meta skuid 0 counter accept
    ct label ${ACCEPTED} ct state established,related counter accept
    ${[...asked, ...asked6].join("\n    ")}
    ct label set ${ACCEPTED}
  }
  chain input {
    type filter hook input priority 101; policy accept;
    iifname "lo" accept
    ip saddr @podips-v4 ct state new ${queue}
    ip6 saddr @podips-v6 ct state new ${queue}
  }
  chain prerouting {
    type filter hook prerouting priority dstnat + 5; policy accept;
    meta l4proto != udp accept
    udp dport != 53 accept
    ${[...asked, ...asked6].join("\n    ")}
  }
}
`;
}

/**
 * kube-network-policies, as kindnetd carries it: each new connection of a pod with policies is decided here, by its
 * first packet. A full queue or an absent program lets everything through.
 */
export class PolicyDataplane {
  private readonly process: Process;
  private readonly log: Klog;
  private readonly engine: PolicyEngine;
  private readonly wanted = new Signal();
  private readonly arrived = new Signal();
  private readonly packets: QueuedPacket[] = [];
  private socket: QueueSocket | undefined;
  private readonly tasks: Coroutine<void>[] = [];
  private changes = 1;

  constructor(process: Process, log: Klog, client: ApiClient) {
    this.process = process;
    this.log = log;
    this.engine = new PolicyEngine(client, process.host.name, () => {
      this.changes++;
      this.wanted.fire();
    });
  }

  start(): void {
    const { queue } = this.process.host;
    this.tasks.push(background(queue, this.syncLoop()), background(queue, this.decideLoop()));
  }

  stop(): void {
    this.engine.stop();
    for (const task of this.tasks) task.kill("KILL");
    this.socket?.close();
  }

  /** At most once a second, at least once an hour. Models: BoundedFrequencyRunner. */
  private *syncLoop(): Task<void> {
    yield* this.log.info("controller.go:173", `"Starting controller" name="kube-network-policies"`);
    yield* this.log.info("controller.go:178", `"Waiting for the policy engine to become ready..."`);
    yield* sleep(millis(500));
    yield* this.log.info("controller.go:185", `"Policy engine is ready."`);
    this.bind();
    for (;;) {
      const { changes } = this;
      yield* this.sync();
      yield* sleep(LEAST);
      if (this.changes === changes) yield* this.wanted.waitAtMost(PERIOD);
    }
  }

  private *sync(): Task<void> {
    yield* this.log.info("controller.go:462", `"Syncing nftables rules" logger="nftables-sync"`);
    yield* sleep(SYNC_TIME);
    const done = this.process.net.nft.commit(nftSteps(policyTable(this.engine.managedAddresses())));
    if (!done.ok) {
      yield* this.log.info(
        "controller.go:817",
        `"syncing nftables rules" logger="nftables-sync" error="${done.error.errno}"`,
      );
      return;
    }
    const elapsed = `elapsed="${SYNC_TIME / 1e6}ms"`;
    yield* this.log.info("controller.go:465", `"Syncing nftables rules" logger="nftables-sync" ${elapsed}`);
  }

  private bind(): void {
    const options = { failOpen: true, maxLength: 1024, copyRange: 128 };
    const opened = this.process.net.nfqueue.open(QUEUE, options, (packet) => {
      this.packets.push(packet);
      this.arrived.fire();
    });
    if (opened.ok) this.socket = opened.value;
  }

  private *decideLoop(): Task<void> {
    for (;;) {
      const packet = this.packets.shift();
      if (packet === undefined) {
        yield* this.arrived.wait();
        continue;
      }
      yield* sleep(DECISION);
      const flow = parseFlow(packet.payload);
      if (flow === undefined) this.socket?.decide(packet.id, { verdict: "accept" });
      else if (this.engine.allows(flow))
        this.socket?.decide(packet.id, { verdict: "accept", labels: [ACCEPTED] });
      else this.socket?.decide(packet.id, { verdict: "drop" });
    }
  }
}
