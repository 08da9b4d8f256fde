import type { TextKey } from "../i18n/en.ts";

/** Why the kernel wrote an entry by itself, in its own short words, and what the page says for them. */
const DETAILS: Readonly<Record<string, TextKey>> = {
  "follows from an address": "detail.address",
  "learnt from a frame": "detail.frame",
  "learnt from a tunnelled frame": "detail.tunnel",
  "learnt by ARP": "detail.arp",
  "learnt by neighbour discovery": "detail.ndp",
  "the bridge's own address": "detail.bridge",
  "the port's own address": "detail.port",
  "neighbour state machine": "detail.state",
  "router advertisement": "detail.advertisement",
};

/** The page's words for an entry's reason; undefined when it is a command, or another's. */
export function detailKey(detail: string): TextKey | undefined {
  return DETAILS[detail];
}

/** The words for who wrote an entry; undefined when that is a program with a name of its own. */
export function authorKey(actor: string): TextKey | undefined {
  if (actor === "kernel") return "author.kernel";
  return actor === "underlay" ? "author.scenario" : undefined;
}
