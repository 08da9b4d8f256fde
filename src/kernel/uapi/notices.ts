import type { Change } from "../monitor.ts";
import type { Netns } from "../netns.ts";
import { addressInfo } from "./address.ts";
import { linkInfo } from "./link-info.ts";
import type { Notice, NoticeKind } from "./monitor.ts";
import { neighInfo } from "./neigh.ts";
import { routeInfo } from "./route.ts";
import { ruleInfo } from "./rules.ts";

/** NETLINK_ADD_MEMBERSHIP: `sink` hears of every change of these kinds until the returned function is called. */
export function subscribe(
  ns: Netns,
  kinds: readonly NoticeKind[],
  sink: (notice: Notice) => void,
): () => void {
  return ns.monitor.subscribe(new Set(kinds), (change) => sink(notice(ns, change)));
}

function notice(ns: Netns, change: Change): Notice {
  const { gone } = change;
  switch (change.kind) {
    case "link":
      return { kind: "link", gone, link: linkInfo(change.dev) };
    case "address":
      return { kind: "address", gone, address: addressInfo(ns, change.dev, change.address) };
    case "route":
      return { kind: "route", gone, route: routeInfo(ns, change.entry) };
    case "neigh":
      return { kind: "neigh", gone, neigh: neighInfo(ns, change.neigh) };
    case "fdb": {
      const { dev, mac, dst, states } = change;
      const fdb = { dev: ns.indexOf(dev), mac, ...(dst === undefined ? {} : { dst }), states };
      return { kind: "fdb", gone, fdb };
    }
    case "miss":
      return { kind: "miss", gone: false, miss: { dev: ns.indexOf(change.dev), ...change.question } };
    case "rule":
      return { kind: "rule", gone, rule: ruleInfo(change.rule) };
  }
}
