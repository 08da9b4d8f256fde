import { must } from "../../base/result.ts";
import { ETHERNET_HEADER } from "../../wire/ethernet.ts";
import { ESP_HEADER, espSequence, espSpi } from "../../wire/esp.ts";
import {
  IPPROTO_IPIP,
  ipv4Dest,
  ipv4HeaderLength,
  ipv4Source,
  ipv4Tos,
  setIpv4Checksum,
  setIpv4Tos,
  setIpv4TotalLength,
} from "../../wire/ipv4.ts";
import { micros } from "../../sim/time.ts";
import type { DropReason } from "../../trace/record.ts";
import type { NetDevice } from "../device/device.ts";
import { CT_INVALID } from "../netfilter/conntrack/entry.ts";
import { netifReceiveAgain } from "../device/receive.ts";
import { transportReceive } from "../ipv4/input.ts";
import type { Skb } from "../skb.ts";
import type { XfrmState } from "./state.ts";
import type { Xfrm } from "./xfrm.ts";

const ECN_MASK = 3;
const AT_ONCE = micros(0);

/**
 * Takes a packet out of ESP. What a tunnel carried comes in once more at the same device, as captures show; what came in
 * transport mode goes through PREROUTING and INPUT once more. Models: xfrm_input, esp_input.
 */
export function receiveEsp(xfrm: Xfrm, dev: NetDevice, skb: Skb, overUdp: boolean): void {
  const { ns, tables } = xfrm;
  const { buf, net } = skb;
  const lose = (counter: string, reason: DropReason, where: string): void => {
    tables.count(counter);
    ns.kernel.drop(ns, dev, skb, reason, where);
  };
  if (skb.length < ESP_HEADER) return lose("InHdrError", "HDR_TRUNC", "xfrm_input");
  const sequence = espSequence(buf, skb.data);
  const state = tables.state(ipv4Dest(buf, net), espSpi(buf, skb.data));
  if (state === undefined) return lose("InNoStates", "XFRM_IN_NO_STATE", "xfrm_input");
  const { suite, spec } = state;
  if (suite === null) return lose("AcquireError", "XFRM_IN_NO_STATE", "xfrm_input");
  if ((spec.encap !== undefined) !== overUdp) return lose("InStateMismatch", "XFRM_POLICY", "xfrm_input");
  const fault = state.replayFault(sequence);
  if (fault !== undefined) {
    if (fault === "replay") state.replayed++;
    else state.outOfWindow++;
    return lose("InStateSeqError", "XFRM_IN_REPLAY", "xfrm_replay_check");
  }
  if (!tables.mayUse(state)) return lose("InStateExpired", "XFRM_IN_NO_STATE", "xfrm_state_check_expire");
  const whole = skb.end - net;
  const opened = open(skb, state);
  if (opened === "icv") state.failed++;
  if (opened === "icv" || opened === "length") return lose("InStateProtoError", "XFRM_IN_ICV", "esp_input");
  state.seen(sequence);
  state.bytes += skb.length;
  state.packets++;
  if (spec.mode === "tunnel" && opened !== IPPROTO_IPIP)
    return lose("InStateModeError", "XFRM_POLICY", "xfrm_inner_mode_input");
  deliver(xfrm, dev, skb, state, opened, whole);
}

/** Decrypts; `skb.data` to `skb.end` is then what was protected. The protocol of it, or what is wrong. Models: esp_input_done2. */
function open(skb: Skb, state: XfrmState): number | "icv" | "length" {
  const suite = must(state.suite, "keys of a state in use");
  const esp = skb.data;
  const from = esp + ESP_HEADER + suite.ivLength;
  const to = skb.end - suite.icvLength;
  if (to - from < 2 || (to - from) % state.block !== 0) return "length";
  if (!suite.open(skb.buf, esp, to)) return "icv";
  const padding = skb.buf[to - 2]!;
  if (padding + 2 > to - from) return "length";
  skb.data = from;
  skb.end = to - 2 - padding;
  return skb.buf[to - 1]!;
}

function deliver(
  { ns }: Xfrm,
  dev: NetDevice,
  skb: Skb,
  state: XfrmState,
  protocol: number,
  whole: number,
): void {
  const { spec } = state;
  const { buf, net } = skb;
  const { trace } = ns.kernel;
  const header = ipv4HeaderLength(buf, net);
  const tunnel = spec.mode === "tunnel";
  const outerTos = ipv4Tos(buf, net);
  const length = skb.end - skb.data + (tunnel ? 0 : header);
  if (trace !== null) {
    const bytes = whole - length;
    trace.tunnel(false, ns.id, dev.index, skb.id, bytes, spec.spi, ipv4Dest(buf, net), ipv4Source(buf, net));
  }
  skb.ct = null;
  skb.ctInfo = CT_INVALID;
  skb.secpath = state;
  if (tunnel) {
    if (!spec.flags.includes("noecn") && (outerTos & ECN_MASK) === ECN_MASK) markCongestion(skb);
    if (dev.headerLength !== 0) {
      buf.copyWithin(skb.data - ETHERNET_HEADER, skb.mac, skb.mac + ETHERNET_HEADER);
      skb.push(ETHERNET_HEADER);
    }
    skb.hop = null;
    skb.nexthop = 0;
    // A queue of its own, looked at when what came together with it is through.
    ns.kernel.queue.after(AT_ONCE, () => netifReceiveAgain(dev, skb));
    return;
  }
  // The header stands in front of the payload again.
  buf.copyWithin(skb.data - header, net, net + header);
  skb.push(header);
  skb.net = skb.data;
  buf[skb.net + 9] = protocol;
  setIpv4TotalLength(buf, skb.net, skb.length);
  setIpv4Checksum(buf, skb.net);
  transportReceive(dev, skb);
}

/** Models: ipip_ecn_decapsulate. */
function markCongestion(skb: Skb): void {
  const tos = ipv4Tos(skb.buf, skb.data);
  if ((tos & ECN_MASK) !== 0) setIpv4Tos(skb.buf, skb.data, tos | ECN_MASK);
}
