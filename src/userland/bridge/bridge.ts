import type { Task } from "../../sim/task.ts";
import { Exit, fail, program, refuse } from "../args/exit.ts";
import { matches, Words } from "../args/words.ts";
import { openNetns } from "../netlink/netns.ts";
import { Report } from "../netlink/report.ts";
import type { Process } from "../os/process.ts";
import { type Bridge, FAILED, type Verb } from "./context.ts";
import { addEntry, deleteEntry, flushEntries, getEntry, showFdb } from "./fdb.ts";
import { setLink, showLinks } from "./link.ts";
import { BRIDGE_USAGE, FDB_USAGE, LINK_USAGE } from "./usage.ts";

/** iproute2's bridge(8). Models: bridge/bridge.c. */

interface Options {
  netns?: string;
  readonly set: Set<string>;
}

/** In the original's order of trial; all may be cut short. */
const FLAGS = [
  "-statistics",
  "-stats",
  "-details",
  "-oneline",
  "-timestamp",
  "-tshort",
  "-family",
  "-4",
  "-6",
];
const MORE_FLAGS = ["-netns", "-color", "-compressvlans", "-force", "-json", "-pretty", "-batch"];

function readOptions(words: Words): Options {
  const options: Options = { set: new Set() };
  for (let word = words.peek(); word?.startsWith("-") === true; word = words.peek()) {
    words.next();
    if (word === "--") break;
    const option = word.startsWith("--") ? word.slice(1) : word;
    if (matches(option, "-help")) fail(FAILED, BRIDGE_USAGE);
    const flag = matches(option, "-Version")
      ? "-Version"
      : [...FLAGS, ...MORE_FLAGS].find((f) => matches(option, f));
    if (flag === undefined) fail(FAILED, `Option "${option}" is unknown, try "bridge help".\n`);
    if (flag === "-batch") refuse("bridge -batch");
    if (flag === "-netns") options.netns = words.value();
    else if (flag === "-family") words.value();
    else options.set.add(flag);
  }
  return options;
}

const usage =
  (text: string): Verb =>
  () =>
    fail(FAILED, text);

interface BridgeObject {
  readonly list: Verb;
  readonly verbs: readonly (readonly [names: string, verb: Verb])[];
}

/** Without VLAN filtering there is nothing below the titles. */
function showVlans(bridge: Bridge, words: Words): number {
  if (
    words.left > 0 ||
    bridge.out.json ||
    bridge.net.link.list().some((link) => link.bridge?.vlanFiltering === true)
  )
    refuse("VLANs (bridge vlan)");
  bridge.out.say("port              vlan-id  \n");
  return 0;
}

const OBJECTS: ReadonlyMap<string, BridgeObject | undefined> = new Map<string, BridgeObject | undefined>([
  [
    "link",
    {
      list: showLinks,
      verbs: [
        ["set change", setLink],
        ["show lst list", showLinks],
        ["help", usage(LINK_USAGE)],
      ],
    },
  ],
  [
    "fdb",
    {
      list: showFdb,
      verbs: [
        ["add", addEntry("add")],
        ["append", addEntry("append")],
        ["replace", addEntry("replace")],
        ["delete", deleteEntry],
        ["get", getEntry],
        ["show lst list", showFdb],
        ["flush", flushEntries],
        ["help", usage(FDB_USAGE)],
      ],
    },
  ],
  ["mdb", undefined],
  [
    "vlan",
    {
      list: showVlans,
      verbs: [
        ["show lst list", showVlans],
        ["add delete set help tunnelshow global", () => refuse("VLANs (bridge vlan)")],
      ],
    },
  ],
  ["vni", undefined],
  ["monitor", undefined],
]);

function findVerb(words: Words): Verb {
  const name = words.next() ?? fail(FAILED, BRIDGE_USAGE);
  const whole = [...OBJECTS.keys()].find((object) => matches(name, object));
  if (whole === undefined) {
    if (matches(name, "help")) fail(FAILED, BRIDGE_USAGE);
    fail(FAILED, `Object "${name}" is unknown, try "bridge help".\n`);
  }
  const object = OBJECTS.get(whole) ?? refuse(`bridge ${whole}`);
  const verb = words.next();
  if (verb === undefined) return object.list;
  const found = object.verbs.find(([names]) => names.split(" ").some((n) => matches(verb, n)));
  return found?.[1] ?? fail(FAILED, `Command "${verb}" is unknown, try "bridge ${whole} help".\n`);
}

function attempt(bridge: Bridge, words: Words): { status: number; error: string } {
  try {
    return { status: findVerb(words)(bridge, words), error: "" };
  } catch (error) {
    if (!(error instanceof Exit)) throw error;
    return { status: error.status, error: error.text };
  }
}

function* main(process: Process): Task<number> {
  const words = new Words(process.argv, 1);
  const { netns: name, set } = readOptions(words);
  if (set.has("-Version")) {
    yield* process.print("bridge utility, 6.1.0\n");
    return 0;
  }
  const netns = name === undefined ? process.netns : openNetns(process.host, name);
  const bridge: Bridge = {
    process,
    netns,
    net: netns === process.netns ? process.net : process.host.kernel.open(netns, process.net.actor),
    statistics: set.has("-statistics") || set.has("-stats"),
    details: set.has("-details"),
    out: new Report({ json: set.has("-json"), pretty: set.has("-pretty") }),
  };
  const { status, error } = attempt(bridge, words);
  yield* process.printError(error);
  yield* process.print(bridge.out.text());
  return status;
}

export const bridge = program(main);
