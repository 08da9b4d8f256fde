import { Late } from "../../base/late.ts";
import type { Netns } from "../netns.ts";
import type { Actor, XfrmApi } from "../uapi/index.ts";
import type { Xfrm } from "./xfrm.ts";

export interface XfrmModule {
  readonly api: (ns: Netns, by: Actor) => XfrmApi;
  readonly of: (ns: Netns) => Xfrm;
}

/** IPsec, once somebody has fetched it: worlds without it start without its code. */
export const XFRM = new Late<XfrmModule>("IPsec");
