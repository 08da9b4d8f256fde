import type { Skb } from "../skb.ts";
import { CT_INVALID, CT_IS_REPLY, CT_RELATED, CT_RELATED_REPLY } from "./conntrack/entry.ts";

/**
 * Tells the flow of an answer that the kernel itself makes to a packet, before that packet's flow may be in the table:
 * an ICMP error, a reset. It goes the other way. Models: nf_ct_attach.
 */
export function attachFlow(answer: Skb, about: Skb): void {
  if (about.ct === null || about.ctInfo >= CT_INVALID) return;
  answer.ct = about.ct;
  answer.ctInfo = about.ctInfo >= CT_IS_REPLY ? CT_RELATED : CT_RELATED_REPLY;
}
