import type { XtMatch, XtTarget } from "../../../uapi/index.ts";
import { setChange, setHas } from "../../ipset/packet.ts";
import type { Matcher } from "../header.ts";
import type { PacketView } from "../view.ts";

/** `-m set --match-set`. Models: set_match_v4. */
export function setMatcher(m: Extract<XtMatch, { kind: "set" }>): Matcher {
  const { name, dims, invert = false } = m;
  return (v) => {
    const set = v.ns.ipset.find(name);
    return (set !== undefined && setHas(set, v, dims)) !== invert;
  };
}

/** `-j SET`. Models: set_target_v3. */
export function setTarget(target: Extract<XtTarget, { kind: "SET" }>): (v: PacketView) => void {
  return (v) => {
    const set = v.ns.ipset.find(target.name);
    if (set !== undefined) setChange(set, v, target);
  };
}
