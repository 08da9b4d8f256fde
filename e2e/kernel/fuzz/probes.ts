// What is asked of a random network. Traffic runs in slots that lie a quarter second away from each other's timers.
import { addressText, broadcastOf, type Draft, type Interface, type Node } from "./draft.ts";
import { freeAddress } from "./variations.ts";

/**
 * Slots start at 0, 1.25 and 2.5 s. Neighbours act 1, 2 and 3 s after a contact and no two coincide; their 5 s are up to
 * 5.5 s on the kernel, whose timers grow coarse with distance.
 */
const slotSeconds = 1.25;
const inSlot = (command: string): string => `${command} & sleep ${String(slotSeconds)}; wait $!`;
const patientSeconds = 4.2;
const inLongSlot = (command: string): string => `${command} & sleep ${String(patientSeconds)}; wait $!`;
/**
 * When tables are listed, by the number of slots: far from what neighbours do then, and the captures, which end 0.5 s
 * later here and up to 0.75 s later there, end between two such moments.
 */
const listedAtSeconds: Readonly<Record<string, number>> = {
  "1": 1.5,
  "2": 2.85,
  "3": 4.12,
  "1 patient": 6.85,
  "2 patient": 8.1,
};

/** The lines of `slots` slots, what happens before each, and the rest before tables are listed. */
export function slotLines(draft: Draft, slots: number, before: (slot: number) => string[]): string[] {
  const patient = slots > 1 && draft.chance.happens(0.15);
  const short = patient ? slots - 1 : slots;
  const lines = Array.from({ length: short }, (_, slot) => [...before(slot), inSlot(aProbe(draft))]).flat();
  if (patient) lines.push(...before(short), inLongSlot(aPatientProbe(draft)));
  const listedAt = listedAtSeconds[patient ? `${String(short)} patient` : String(slots)] ?? 0;
  const rest = listedAt - short * slotSeconds - (patient ? patientSeconds : 0);
  return [...lines, `sleep ${rest.toFixed(2)}`];
}

function aTarget(draft: Draft, from: Interface): string {
  const { chance } = draft;
  const others = draft.interfaces.filter((end) => end.node !== from.node);
  const far = others.filter((end) => end.segment !== from.segment);
  const kind = chance.below(20);
  if (kind < 9 && far.length > 0) return addressText(chance.pick(far).address);
  if (kind < 14 && others.length > 0) return addressText(chance.pick(others).address);
  if (kind < 17 && draft.extraTargets.length > 0) return chance.pick(draft.extraTargets);
  if (kind === 17) return freeAddress(draft, chance.pick(draft.interfaces));
  if (kind === 18)
    return chance.pick([
      "203.0.113.9",
      "127.0.0.1",
      addressText(from.address),
      addressText(from.segment.base),
    ]);
  return addressText(chance.pick(others.length > 0 ? others : [from]).address);
}

const sender = (draft: Draft): Interface => {
  const hosts = draft.interfaces.filter((end) => !end.node.forwards);
  return draft.chance.pick(hosts.length > 0 && draft.chance.happens(0.7) ? hosts : draft.interfaces);
};

function ping(draft: Draft): string {
  const { chance } = draft;
  const from = sender(draft);
  const broadcast = chance.happens(0.05);
  const target = broadcast ? `-b ${addressText(broadcastOf(from.segment))}` : aTarget(draft, from);
  const count = chance.happens(0.2) ? "-c2 -i0.3" : "-c1";
  const words =
    chance.maybe(
      0.35,
      () =>
        `-s ${String(chance.pick([0, 8, 100, 548, 1000, 1372, 1400, 1422, 1450, 1472, 1473, 2000, 4000]))}`,
    ) +
    chance.maybe(0.25, () => `-M ${chance.pick(["do", "do", "dont", "want"])}`) +
    chance.maybe(0.15, () => `-t ${String(chance.between(1, 4))}`) +
    chance.maybe(
      0.12,
      () =>
        `-I ${chance.pick([from.device, addressText(from.address), addressText(chance.pick(draft.interfaces).address)])}`,
    ) +
    chance.maybe(0.04, () => `-Q ${chance.pick(["0x10", "16", "0xb8"])}`) +
    chance.maybe(0.06, () => "-n") +
    chance.maybe(0.04, () => "-q");
  return `ip netns exec ${from.node.name} ping ${count} -W0.4${words} ${target} 2>&1`;
}

const withoutTimes = "sed 's/ [0-9.]* ms/ ms/g'";

function traceroute(draft: Draft): string {
  const from = sender(draft);
  const words = draft.chance.maybe(0.2, () => "-I") + draft.chance.maybe(0.15, () => "-F");
  const size = draft.chance.maybe(0.15, () => draft.chance.pick(["100", "1400", "1450", "1500"]));
  return `ip netns exec ${from.node.name} traceroute -n -q1 -w0.5 -m5${words} ${aTarget(draft, from)}${size} 2>&1 | ${withoutTimes}`;
}

let ports = 4000; // the next one is nobody else's
function udp(draft: Draft): string {
  const { chance } = draft;
  const from = sender(draft);
  const words =
    `-u -w1 -p ${String(++ports)}` +
    chance.maybe(0.1, () => `-s ${addressText(from.address)}`) +
    ` ${aTarget(draft, from)}`;
  const to = `ip netns exec ${from.node.name} nc ${words}`;
  // What is long goes where nobody writes it into the lab's output.
  if (chance.happens(0.4))
    return `head -c ${chance.pick(["1000", "1472", "1473", "3000"])} /dev/zero | ${to} 5003 2>&1`;
  return `echo ${chance.pick(["hi", "question"])} | ${to} ${String(chance.pick([5000, 5001, 53, 80]))} 2>&1`;
}

/** One connection: words there, and an answer where a server has one. */
function tcp(draft: Draft): string {
  const { chance } = draft;
  const from = sender(draft);
  const port = String(chance.pick([80, 80, 8080, 5000, 9]));
  const words = `-w1 -p ${String(++ports)} ${aTarget(draft, from)} ${port}`;
  const to = `ip netns exec ${from.node.name} nc`;
  return chance.pick([
    `echo hello | ${to} -N ${words} 2>&1`,
    `${to} -z -v ${words} 2>&1`,
    `seq 600 | ${to} -N ${words} 2>&1`,
  ]);
}

/** Servers for the probes of group tcp. */
export function tcpServers(draft: Draft): void {
  const { chance } = draft;
  draft.extraProbes.push(() => tcp(draft));
  for (const node of draft.nodes) {
    if (!chance.happens(0.6)) continue;
    const inside = `ip netns exec ${node.name}`;
    draft.setup.push(
      chance.pick([
        `${inside} nc -lk 80 >/dev/null 2>&1 &`,
        `echo welcome to ${node.name} | ${inside} nc -l -N 80 >/dev/null 2>&1 &`,
        `${inside} nc -lk 8080 >/dev/null 2>&1 &`,
      ]),
    );
  }
  draft.setup.push("sleep 0.3");
}

/** Servers that the udp probes may meet; what they hear goes to the lab's output. */
export function listeners(draft: Draft): string[] {
  const { chance } = draft;
  ports = 4000;
  return draft.nodes
    .filter(() => chance.happens(0.4))
    .map((node) =>
      chance.pick([
        `ip netns exec ${node.name} nc -luk 5000 2>&1 &`,
        `echo answer of ${node.name} | ip netns exec ${node.name} nc -lu 5001 2>&1 &`,
        `ip netns exec ${node.name} nc -luk 53 2>&1 &`,
        `ip netns exec ${node.name} nc -luk 5003 >/dev/null 2>&1 &`,
      ]),
    );
}

/** One command whose traffic is over in a slot. */
const aProbe = (draft: Draft): string =>
  draft.extraProbes.length > 0 && draft.chance.happens(0.6)
    ? draft.chance.pick(draft.extraProbes)()
    : plainProbe(draft);

const plainProbe = (draft: Draft): string =>
  draft.chance.pick([ping, ping, ping, ping, traceroute, udp, udp])(draft);

/** The last traffic of a lab may take its time: an unanswered ping waits for the neighbour's three questions. */
const aPatientProbe = (draft: Draft): string => {
  const from = sender(draft);
  return `ip netns exec ${from.node.name} ping -c1 -W4 ${aTarget(draft, from)} 2>&1`;
};

/** A question to a table. */
export function aListing(draft: Draft): string {
  const { chance } = draft;
  const node: Node = chance.pick(draft.nodes);
  const end = chance.pick(draft.interfaces.filter((one) => one.node === node));
  const on = `ip -n ${node.name}`;
  const bridge = draft.bridges.length > 0 ? chance.pick(draft.bridges) : undefined;
  const incoming = chance.pick(draft.interfaces);
  if (draft.listings.length > 0 && chance.happens(0.5)) return chance.pick(draft.listings)();
  return chance.pick([
    () => `${on} route`,
    () => `${on} route show table ${chance.pick(["all", "local", "main"])}`,
    () => `${on} neigh | sort`,
    () => `${on} neigh | sort`,
    () => `${on} -br addr`,
    () => `${on} addr show dev ${end.device}`,
    () => `${on} link show dev ${end.device}`,
    () => `${on} route get ${aTarget(draft, end)} 2>&1`,
    () =>
      `${on} route get ${aTarget(draft, end)}${chance.maybe(0.5, () => `from ${addressText(end.address)}`)}${chance.maybe(0.3, () => `oif ${end.device}`)} 2>&1`,
    () =>
      `ip -n ${incoming.node.name} route get ${aTarget(draft, incoming)} from ${addressText(chance.pick(incoming.segment.members).address)} iif ${incoming.device} 2>&1`,
    () => `ip netns exec ${node.name} cat /proc/net/arp | sort`,
    () => `${on} -s link show dev ${end.device}`,
    () => (bridge ? `bridge -n ${bridge.netns} fdb show br ${bridge.device} | sort` : `${on} -j route`),
    () => (bridge ? `bridge -n ${bridge.netns} link` : `${on} -j addr show dev ${end.device}`),
  ])();
}
