import { err, ok, type Result } from "../../../base/result.ts";
import type { CapturedPacket } from "../print/packet.ts";
import { ALWAYS, isEmpty } from "./kinds.ts";
import type { Matcher } from "./match.ts";
import { FilterFault, FilterParser, type HostTable } from "./parser.ts";
import { tokenize } from "./tokens.ts";
import { PacketView } from "./view.ts";

export type FilterError =
  | { readonly kind: "message"; readonly text: string }
  /** A name that the caller may look up and try again with. */
  | { readonly kind: "host"; readonly name: string }
  | { readonly kind: "refused"; readonly what: string };

/** Whether a packet passes. */
export type PacketFilter = (packet: CapturedPacket) => boolean;

export const SYNTAX_ERROR = "can't parse filter expression: syntax error";

/** Compiles an expression of pcap-filter(7) for packets of one link type. An empty one lets everything pass. */
export function compileFilter(
  text: string,
  linkType: number,
  hosts: HostTable = new Map(),
): Result<PacketFilter, FilterError> {
  const tokens = tokenize(text);
  if (tokens === undefined) return err({ kind: "message", text: SYNTAX_ERROR });
  if (tokens.length === 0) return ok(() => true);
  let matcher: Matcher = { test: () => true, kinds: ALWAYS };
  try {
    matcher = new FilterParser(tokens, linkType, hosts).parse();
  } catch (error) {
    if (error instanceof FilterFault) return err(error.reason);
    throw error;
  }
  if (isEmpty(matcher.kinds)) return err({ kind: "message", text: "expression rejects all packets" });
  const view = new PacketView(linkType);
  return ok((packet) => {
    view.set(packet.bytes, packet.length);
    const passed = matcher.test(view);
    return passed && !view.failed;
  });
}
