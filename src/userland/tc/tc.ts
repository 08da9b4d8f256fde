import type { Task } from "../../sim/task.ts";
import type { LinkInfo, NetApi, QdiscInfo, QdiscVerb } from "../../kernel/uapi/index.ts";
import { Exit, fail, program, refuse } from "../args/exit.ts";
import { duplicate, invalidArgument, matches, Words } from "../args/words.ts";
import { done } from "../netlink/answer.ts";
import { openNetns } from "../netlink/netns.ts";
import { Report } from "../netlink/report.ts";
import type { Process, Program } from "../os/process.ts";
import { printKind, readKind } from "./kinds.ts";
import { QDISC_USAGE, TC_USAGE } from "./usage.ts";
import { sizeText } from "./units.ts";

/** iproute2's tc(8) for the root disciplines of devices. Models: tc/tc.c, tc/tc_qdisc.c. */

const VERSION = "tc utility, iproute2-6.1.0, libbpf 1.1.2\n";

interface Tc {
  readonly net: NetApi;
  readonly statistics: boolean;
  readonly out: Report;
}

interface Options {
  statistics: boolean;
  json: boolean;
  pretty: boolean;
  oneLine: boolean;
  version: boolean;
  netns?: string;
}

function readOptions(words: Words): Options {
  const options: Options = { statistics: false, json: false, pretty: false, oneLine: false, version: false };
  for (let word = words.peek(); word?.startsWith("-") === true; word = words.peek()) {
    words.next();
    if (matches(word, "-statistics") || matches(word, "-stats")) options.statistics = true;
    else if (matches(word, "-json")) options.json = true;
    else if (matches(word, "-pretty")) options.pretty = true;
    else if (matches(word, "-oneline")) options.oneLine = true;
    else if (matches(word, "-Version")) options.version = true;
    else if (matches(word, "-netns")) options.netns = words.value();
    else if (["-raw", "-iec", "-Numeric"].includes(word)) continue;
    else if (matches(word, "-help")) fail(255, TC_USAGE);
    else if (["-d", "-details", "-force", "-batch", "-b", "-br", "-brief"].includes(word))
      refuse(`tc ${word}`);
    else fail(255, `Option "${word}" is unknown, try "tc -help".\n`);
  }
  return options;
}

/** What `tc qdisc VERB` names before the kind. */
interface QdiscWords {
  dev?: string;
  handle?: number;
  root: boolean;
  kind?: string;
}

/** get_qdisc_handle(): a major number in hexadecimal and a colon. */
function readHandle(word: string): number {
  const match = /^([0-9a-f]{1,4}):?0?$/i.exec(word);
  return match === null ? invalidArgument("invalid qdisc ID", word) : parseInt(match[1]!, 16);
}

function readQdisc(words: Words): QdiscWords {
  const draft: QdiscWords = { root: false };
  for (let word = words.next(); word !== undefined; word = words.next()) {
    if (word === "dev") {
      const name = words.value();
      if (draft.dev !== undefined) duplicate("dev", name);
      draft.dev = name;
    } else if (word === "handle") draft.handle = readHandle(words.value());
    else if (word === "root") draft.root = true;
    else if (word === "parent") refuse("a qdisc under another (tc qdisc ... parent)");
    else if (word === "ingress" || word === "clsact") refuse(`the qdisc ${word}`);
    else if (["estimator", "stab", "ingress_block", "egress_block"].includes(word))
      refuse(`tc qdisc ... ${word}`);
    else if (matches(word, "help")) fail(255, QDISC_USAGE);
    else {
      draft.kind = word;
      break;
    }
  }
  return draft;
}

function deviceOf(tc: Tc, name: string | undefined): LinkInfo {
  if (name === undefined) return fail(2, "RTNETLINK answers: No such device\n");
  return tc.net.link.byName(name) ?? fail(1, `Cannot find device "${name}"\n`);
}

/** Disciplines of Linux that are not modelled. */
const FOREIGN =
  "cake cbq cbs choke codel drr dsmark etf ets fq fq_pie gred hfsc hhf htb mq mqprio multiq pie plug prio qfq red sfb sfq skbprio taprio".split(
    " ",
  );

function setQdisc(verb: QdiscVerb): (tc: Tc, words: Words) => void {
  return (tc, words) => {
    const draft = readQdisc(words);
    const { kind } = draft;
    if (kind !== undefined && FOREIGN.includes(kind)) refuse(`the qdisc ${kind}`);
    const options = kind === undefined ? undefined : readKind(kind, words);
    if (kind !== undefined && options === undefined && words.left > 0)
      fail(1, `Unknown qdisc "${kind}", hence option "${words.value()}" is unparsable\n`);
    const link = deviceOf(tc, draft.dev);
    if (!draft.root) fail(2, "Error: Handle cannot be zero.\n");
    if (options === undefined) return fail(2, "Error: Specified qdisc kind is unknown.\n");
    done(tc.net.qdisc.set(link.index, options, verb, draft.handle));
  };
}

function deleteQdisc(tc: Tc, words: Words): void {
  const draft = readQdisc(words);
  const { kind } = draft;
  if (kind !== undefined) readKind(kind, words);
  const link = deviceOf(tc, draft.dev);
  if (!draft.root) fail(2, "Error: Failed to find qdisc with specified handle.\n");
  done(tc.net.qdisc.delete(link.index));
}

function showQdiscs(tc: Tc, words: Words): void {
  const draft = readQdisc(words);
  if (draft.kind !== undefined && draft.kind !== "invisible")
    fail(255, `What is "${draft.kind}"? Try "tc qdisc help".\n`);
  const only = draft.dev === undefined ? undefined : deviceOf(tc, draft.dev);
  tc.out.begin();
  for (const qdisc of tc.net.qdisc.list()) {
    if (only !== undefined && qdisc.dev !== only.index) continue;
    if (draft.handle !== undefined && qdisc.handle !== draft.handle) continue;
    tc.out.object(null, () => printQdisc(tc, qdisc, only === undefined));
  }
}

function printQdisc(tc: Tc, qdisc: QdiscInfo, withDevice: boolean): void {
  const { out } = tc;
  const link = tc.net.link.byIndex(qdisc.dev);
  const handle = `${qdisc.handle.toString(16)}:`;
  out.add("kind", qdisc.options.kind, `qdisc ${qdisc.options.kind} `);
  out.add("handle", handle, `${handle} `);
  if (withDevice) out.add("dev", link?.name ?? "", `dev ${link?.name ?? ""} `);
  out.add("root", true, "root ");
  out.add("refcnt", 2, "refcnt 2 ");
  printKind(out, qdisc.options, link?.txQueueLength ?? 1000, link?.mtu ?? 1500);
  out.breakLine();
  if (tc.statistics) printStatistics(out, qdisc);
}

function printStatistics(out: Report, { stats: s }: QdiscInfo): void {
  out.add("bytes", s.bytes, ` Sent ${s.bytes} bytes`);
  out.add("packets", s.packets, ` ${s.packets} pkt`);
  out.add("drops", s.drops, ` (dropped ${s.drops}`);
  out.add("overlimits", s.overlimits, `, overlimits ${s.overlimits}`);
  out.add("requeues", 0, " requeues 0) ");
  out.breakLine();
  out.add("backlog", s.backlogBytes, ` backlog ${sizeText(s.backlogBytes)}`);
  out.add("qlen", s.backlogPackets, ` ${s.backlogPackets}p requeues 0`);
  out.breakLine();
}

const QDISC_VERBS: readonly (readonly [names: string, verb: (tc: Tc, words: Words) => void])[] = [
  ["add", setQdisc("add")],
  ["change", setQdisc("change")],
  ["replace", setQdisc("replace")],
  ["link", () => refuse("tc qdisc link")],
  ["delete", deleteQdisc],
  ["list show lst", showQdiscs],
  ["help", () => fail(255, QDISC_USAGE)],
];

function perform(tc: Tc, words: Words): void {
  const object = words.next() ?? fail(0, TC_USAGE);
  if (["class", "filter", "chain", "actions", "monitor", "exec"].some((name) => matches(object, name)))
    refuse(`tc ${object}`);
  if (!matches(object, "qdisc")) {
    if (matches(object, "help")) fail(255, TC_USAGE);
    fail(255, `Object "${object}" is unknown, try "tc help".\n`);
  }
  const verb = words.next() ?? "list";
  for (const [names, run] of QDISC_VERBS)
    if (names.split(" ").some((name) => matches(verb, name))) return run(tc, words);
  fail(255, `Command "${verb}" is unknown, try "tc qdisc help".\n`);
}

function* main(process: Process): Task<number> {
  const words = new Words(process.argv, 1);
  const options = readOptions(words);
  if (options.version) {
    yield* process.print(VERSION);
    return 0;
  }
  const { host } = process;
  const net =
    options.netns === undefined
      ? process.net
      : host.kernel.open(openNetns(host, options.netns), process.net.actor);
  const out = new Report({ json: options.json, pretty: options.pretty, oneLine: options.oneLine });
  try {
    perform({ net, statistics: options.statistics, out }, words);
  } catch (error) {
    if (!(error instanceof Exit)) throw error;
    yield* process.printError(error.text);
    return error.status;
  }
  yield* process.print(out.text());
  return 0;
}

export const tc: Program = program(main);
