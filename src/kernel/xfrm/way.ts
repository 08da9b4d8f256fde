import type { OutputRoute } from "../ipv4/route.ts";
import type { XfrmPolicy } from "./policy.ts";
import type { XfrmState } from "./state.ts";

/**
 * What a policy decided for the packets of one flow that leave: the state that protects them and the way of what
 * comes out. Models: struct xfrm_dst.
 */
export interface XfrmWay {
  readonly policy: XfrmPolicy;
  /** Null: no state, the packet is swallowed. Models: the blackhole that make_blackhole puts there. */
  readonly state: XfrmState | null;
  /** Of the protected packet; in transport mode the packet's own. */
  readonly outer: OutputRoute | null;
  /** Longest packet of the flow that still fits when it is protected. */
  readonly mtu: number;
  /** Of the tables when it was decided. */
  readonly generation: number;
}
