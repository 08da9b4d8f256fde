import type { Nanos } from "../../sim/time.ts";
import { formatPrefix, formatIpv4 } from "../../wire/address.ts";
import type { XfrmPolicyRow } from "../../trace/rows.ts";
import type { XfrmPolicyInfo, XfrmPolicySpec } from "../uapi/index.ts";

/** What is to become of the packets of a selector. Models: struct xfrm_policy. */
export class XfrmPolicy {
  readonly spec: XfrmPolicySpec;
  readonly added: Nanos;
  used: Nanos | undefined;
  /** Removed from the table. */
  dead = false;

  constructor(spec: XfrmPolicySpec, added: Nanos) {
    this.spec = spec;
    this.added = added;
  }

  info(): XfrmPolicyInfo {
    return { ...this.spec, current: { bytes: 0, packets: 0, added: this.added, used: this.used } };
  }

  row(): XfrmPolicyRow {
    const { selector, dir, action, priority, template } = this.spec;
    return {
      dir,
      src: formatPrefix(selector.src),
      dst: formatPrefix(selector.dst),
      protocol: selector.protocol,
      action,
      priority,
      ...(template !== undefined && {
        mode: template.mode,
        local: formatIpv4(template.src),
        remote: formatIpv4(template.dst),
        reqid: template.reqid,
      }),
    };
  }
}
