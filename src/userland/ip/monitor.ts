import type { FdbNotice, MissNotice, Notice, NoticeKind } from "../../kernel/uapi/index.ts";
import { formatIpv4, formatMac } from "../../wire/address.ts";
import { Signal, type Task } from "../../sim/task.ts";
import { fail, refuse } from "../args/exit.ts";
import { invalidArgument, matches, type Words } from "../args/words.ts";
import { Report } from "../netlink/report.ts";
import { printAddress } from "./address-show.ts";
import { deviceName, type Ip } from "./context.ts";
import { printLink } from "./link-print.ts";
import { printNeigh } from "./neighbour.ts";
import { printRoute } from "./route-print.ts";
import { ipv4Rules, printRule } from "./rule.ts";
import { MONITOR_USAGE } from "./usage.ts";

/** `ip monitor`: changes as they happen. Models: ip/ipmonitor.c do_ipmonitor, accept_msg. */

/** In iproute2's order of trial. */
const OBJECTS: readonly (readonly [string, NoticeKind | undefined])[] = [
  ["link", "link"],
  ["address", "address"],
  ["route", "route"],
  ["mroute", undefined],
  ["prefix", undefined],
  ["neigh", "neigh"],
  ["netconf", undefined],
  ["rule", "rule"],
  ["nsid", undefined],
  ["nexthop", undefined],
  ["stats", undefined],
];

const BANNERS: Readonly<Record<NoticeKind, string>> = {
  link: "[LINK]",
  address: "[ADDR]",
  route: "[ROUTE]",
  neigh: "[NEIGH]",
  fdb: "[NEIGH]",
  miss: "[NEIGH]",
  rule: "[RULE]",
};

interface Wish {
  readonly kinds: Set<NoticeKind>;
  label: boolean;
  /** Names of namespaces are known: `nsid` is among what is listened to. */
  named: boolean;
  device: string | undefined;
}

function readWords(ip: Ip, words: Words): Wish {
  const wish: Wish = { kinds: new Set(), label: false, named: false, device: undefined };
  for (let word = words.next(); word !== undefined; word = words.next()) {
    if (matches(word, "file")) refuse("ip monitor file");
    else if (matches(word, "label")) wish.label = true;
    else if (word === "all-nsid" || matches(word, "all-nsid")) refuse(`ip monitor ${word}`);
    else if (word === "dev") wish.device = words.value();
    else if (matches(word, "help")) fail(255, MONITOR_USAGE);
    else readObject(ip, wish, word);
  }
  if (wish.kinds.size === 0) readAll(ip, wish);
  return wish;
}

/** Everything; where IPv6 is in use that takes in its addresses and routes, which are not told yet. */
function readAll(ip: Ip, wish: Wish): void {
  const disabled = ip.net.sysctl.get("net.ipv6.conf.all.disable_ipv6");
  if (!disabled.ok || disabled.value !== "1")
    refuse("ip monitor of everything (name the objects: link address route neigh rule)");
  wish.named = true;
  for (const [, kind] of OBJECTS) if (kind !== undefined) addKind(wish, kind);
}

function readObject(ip: Ip, wish: Wish, word: string): void {
  if (matches(word, "all")) {
    readAll(ip, wish);
    return;
  }
  const found = OBJECTS.find(([name]) => matches(word, name));
  if (found === undefined) fail(255, `Argument "${word}" is unknown, try "ip monitor help".\n`);
  const [name, kind] = found;
  if (kind === undefined) refuse(`ip monitor ${name}`);
  addKind(wish, kind);
}

/** Entries of forwarding tables and the kernel's questions go to the group of neighbours. */
function addKind(wish: Wish, kind: NoticeKind): void {
  wish.kinds.add(kind);
  if (kind === "neigh") wish.kinds.add("fdb").add("miss");
}

/** Entries of forwarding tables, and what is asked about them, are of AF_BRIDGE. */
function isOfFamily(ip: Ip, notice: Notice): boolean {
  const bridging = notice.kind === "fdb" || (notice.kind === "miss" && notice.miss.dst === undefined);
  return !bridging || ip.options.family === undefined;
}

/** One line: what iproute2 prints of an entry, as far as the message names it. */
function sayEntry(ip: Ip, out: Report, entry: FdbNotice | MissNotice, states: readonly string[]): void {
  if (entry.dst !== undefined) out.say(`${formatIpv4(entry.dst)} `);
  out.say(`dev ${deviceName(ip.net, entry.dev)} `);
  if (entry.mac !== undefined) out.say(`lladdr ${formatMac(entry.mac)} `);
  for (const state of states) out.say(`${state} `);
  out.say("\n");
}

/** The text of one message. */
function describe(ip: Ip, notice: Notice, { label, named }: Wish): string {
  const out = new Report({ json: false, oneLine: ip.options.oneLine });
  const one: Ip = { ...ip, out, namelessNetns: !named };
  if (label) out.say(BANNERS[notice.kind]);
  if (notice.gone) out.say("Deleted ");
  switch (notice.kind) {
    case "link":
      // The queue's length is asked for elsewhere, and not here.
      printLink(one, { ...notice.link, txQueueLength: 0 }, true, true);
      out.say("\n");
      break;
    case "address": {
      const link = ip.net.link.byIndex(notice.address.dev);
      if (link === undefined) return "";
      if (!ip.options.oneLine) out.say(`${link.index}: ${link.name}`);
      printAddress(one, link, notice.address);
      break;
    }
    case "route":
      printRoute(one, notice.route);
      break;
    case "neigh":
      printNeigh(one, { ...notice.neigh, dst: formatIpv4(notice.neigh.dst) }, true);
      break;
    case "fdb":
      sayEntry(one, out, notice.fdb, notice.fdb.states);
      break;
    case "miss":
      out.say("miss ");
      sayEntry(one, out, notice.miss, [notice.miss.state]);
      break;
    case "rule":
      printRule(one, ipv4Rules(ip, true), notice.rule);
  }
  return out.text();
}

function indexOf(notice: Notice): number | undefined {
  switch (notice.kind) {
    case "link":
      return notice.link.index;
    case "address":
      return notice.address.dev;
    case "route":
      return notice.route.nexthops[0]?.dev;
    case "neigh":
      return notice.neigh.dev;
    case "fdb":
      return notice.fdb.dev;
    case "miss":
      return notice.miss.dev;
    case "rule":
      return undefined;
  }
}

/** Runs until it is killed. */
export function* monitor(ip: Ip, words: Words): Task<number> {
  const wish = readWords(ip, words);
  const only = wish.device === undefined ? undefined : ip.net.link.byName(wish.device)?.index;
  if (wish.device !== undefined && only === undefined)
    invalidArgument("Device does not exist\n", wish.device);
  return yield* printHeard(ip, (hear) =>
    ip.net.subscribe([...wish.kinds], (notice) => {
      if ((only === undefined || indexOf(notice) === only) && isOfFamily(ip, notice))
        hear(describe(ip, notice, wish));
    }),
  );
}

/** Prints what `listen` hears, until it is killed. `listen` returns how to stop. */
export function* printHeard(ip: Ip, listen: (hear: (text: string) => void) => () => void): Task<number> {
  const texts: string[] = [];
  const heard = new Signal();
  const end = listen((text) => {
    texts.push(text);
    heard.fire();
  });
  try {
    for (;;) {
      const text = texts.shift();
      if (text === undefined) yield* heard.wait();
      else yield* ip.process.print(text);
    }
  } finally {
    end();
  }
}
