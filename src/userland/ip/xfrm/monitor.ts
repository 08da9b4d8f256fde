import type { XfrmNotice } from "../../../kernel/uapi/index.ts";
import type { Task } from "../../../sim/task.ts";
import { fail, refuse } from "../../args/exit.ts";
import { matches, type Words } from "../../args/words.ts";
import type { Ip } from "../context.ts";
import { printHeard } from "../monitor.ts";
import { policyText, selectorText, stateText } from "./print.ts";
import { MONITOR_USAGE } from "./usage.ts";

/** `ip xfrm monitor`. Models: ip/xfrm_monitor.c. */

type Group = "acquire" | "expire" | "SA" | "policy";

interface Wish {
  readonly groups: Set<Group>;
  hideKeys: boolean;
}

/** In iproute2's order of trial. */
const GROUPS: readonly (readonly [string, Group | undefined])[] = [
  ["acquire", "acquire"],
  ["expire", "expire"],
  ["SA", "SA"],
  ["aevent", undefined],
  ["policy", "policy"],
  ["report", undefined],
];

function readWords(words: Words): Wish {
  const wish: Wish = { groups: new Set(), hideKeys: false };
  for (let word = words.next(); word !== undefined; word = words.next()) {
    const found = GROUPS.find(([name]) => matches(word, name));
    if (word === "nokeys") wish.hideKeys = true;
    else if (word === "all-nsid" || word === "file") refuse(`ip xfrm monitor ${word}`);
    else if (matches(word, "help")) fail(255, MONITOR_USAGE);
    else if (found === undefined) fail(255, `Argument "${word}" is unknown, try "ip xfrm monitor help".\n`);
    else if (found[1] === undefined) refuse(`ip xfrm monitor ${found[0]}`);
    else wish.groups.add(found[1]);
  }
  if (wish.groups.size === 0)
    refuse("ip xfrm monitor of everything (name the objects: acquire expire SA policy)");
  return wish;
}

const TITLES = { new: "", updated: "Updated ", deleted: "Deleted " } as const;

/** The text of one message; empty for what nobody asked for. */
function describe(ip: Ip, notice: XfrmNotice, { groups, hideKeys }: Wish): string {
  switch (notice.kind) {
    case "state":
      return groups.has("SA") ? TITLES[notice.what] + stateText(ip, notice.state, { hideKeys }) : "";
    case "policy":
      return groups.has("policy") ? TITLES[notice.what] + policyText(ip, notice.policy) : "";
    case "flushed":
      if (notice.what === "state") return groups.has("SA") ? "Flushed state proto 0\n" : "";
      return groups.has("policy") ? "Flushed policy ptype main \n" : "";
    case "expire": {
      if (!groups.has("expire")) return "";
      const text = stateText(ip, notice.state, { hideKeys }, true);
      return `Expired ${text}\thard ${notice.hard ? 1 : 0}\n`;
    }
    case "acquire": {
      if (!groups.has("acquire")) return "";
      const policy = policyText(ip, notice.policy, { indent: "    " });
      return `acquire proto esp \n  sel ${selectorText(ip, notice.state.selector)}\n  policy ${policy}\n`;
    }
  }
}

/** Runs until it is killed. */
export function* xfrmMonitor(ip: Ip, words: Words): Task<number> {
  const wish = readWords(words);
  return yield* printHeard(ip, (hear) => ip.net.xfrm.listen((notice) => hear(describe(ip, notice, wish))));
}
