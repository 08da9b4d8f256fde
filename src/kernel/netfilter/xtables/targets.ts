import type { XtTarget } from "../../uapi/index.ts";
import { flowHash, queueVerdict } from "../queue.ts";
import { CT_UNTRACKED } from "../conntrack/entry.ts";
import type { NfVerdict } from "../hooks.ts";
import { setTarget } from "./match/set.ts";
import { logLine } from "./target/log.ts";
import { dscpChange, mssChange, tosChange, ttlChange } from "./target/mangle.ts";
import { natFunction } from "./target/nat.ts";
import { rejecter } from "./target/reject.ts";
import type { PacketView } from "./view.ts";

/** The walk goes on with the next rule. */
export const XT_CONTINUE = -1;
/** The chain ends here. */
export const XT_RETURN = -2;

/** What a target does; it answers a verdict, or XT_CONTINUE. */
export type Action = (v: PacketView) => NfVerdict;

function thenContinue(change: (v: PacketView) => void): Action {
  return (v) => {
    change(v);
    return XT_CONTINUE;
  };
}

/** Models: the target functions of struct xt_target. Null: the target is a verdict or a chain, no more. */
export function actionOf(target: XtTarget): Action | null {
  switch (target.kind) {
    case "ACCEPT":
    case "DROP":
    case "RETURN":
    case "jump":
    case "goto":
      return null;
    case "REJECT":
      return rejecter(target.with);
    case "DNAT":
    case "SNAT":
    case "MASQUERADE":
    case "REDIRECT":
    case "NETMAP":
      return natFunction(target);
    case "MARK": {
      const { value, mask } = target;
      return thenContinue((v) => {
        v.skb.mark = ((v.skb.mark & ~mask) ^ value) >>> 0;
      });
    }
    case "CONNMARK":
      return thenContinue(connmark(target));
    case "NOTRACK":
      return thenContinue(notrack);
    case "CT":
      return thenContinue(target.notrack === true ? notrack : zoned(target.zone ?? 0));
    case "TRACE":
      return thenContinue((v) => {
        v.skb.nfTrace = true;
      });
    case "LOG":
      return thenContinue((v) => v.ns.kernel.nfLog(v.ns, logLine(v, target), target.level));
    case "SET":
      return thenContinue(setTarget(target));
    case "NFLOG":
    case "CHECKSUM":
    case "CLASSIFY":
      // Nobody listens to NFLOG's group; checksums here are always whole; no queue looks at the priority.
      return () => XT_CONTINUE;
    case "NFQUEUE":
      return queue(target);
    case "TTL":
    case "HL":
      return thenContinue(ttlChange(target));
    case "TOS":
      return thenContinue(tosChange(target.value, target.mask));
    case "DSCP":
      return thenContinue(dscpChange(target.value));
    case "TCPMSS":
      return thenContinue(mssChange(target.mss));
  }
}

/** Models: nfqueue_tg_v3. There is one CPU, so --queue-cpu-fanout means the first queue. */
function queue({
  number,
  total,
  bypass = false,
  fanout = false,
}: Extract<XtTarget, { kind: "NFQUEUE" }>): Action {
  return (v) => queueVerdict(number + (total > 1 && !fanout ? flowHash(v) % total : 0), bypass);
}

/** Models: connmark_tg. */
function connmark(target: Extract<XtTarget, { kind: "CONNMARK" }>): (v: PacketView) => void {
  const { op, value, ctmask, nfmask } = target;
  return (v) => {
    const { skb, ns } = v;
    const { ct } = skb;
    if (ct === null) return;
    if (op === "restore") {
      skb.mark = ((skb.mark & ~nfmask) ^ (ct.mark & ctmask)) >>> 0;
      return;
    }
    const mark = ((ct.mark & ~ctmask) ^ (op === "set" ? value : skb.mark & nfmask)) >>> 0;
    if (mark !== ct.mark)
      ns.netfilter.conntrack.changing(ct, () => {
        ct.mark = mark;
      });
  };
}

/** Models: xt_ct_target with XT_CT_NOTRACK. */
function notrack(v: PacketView): void {
  if (v.skb.ct === null) v.skb.ctInfo = CT_UNTRACKED;
}

function zoned(zone: number): (v: PacketView) => void {
  return (v) => {
    if (v.skb.ct === null) v.skb.ctZone = zone;
  };
}

/** What the trace calls the outcome of a rule. */
export function verdictText(target: XtTarget | undefined): string {
  if (target === undefined) return "CONTINUE";
  switch (target.kind) {
    case "jump":
      return `JUMP:${target.chain}`;
    case "goto":
      return `GOTO:${target.chain}`;
    case "NFLOG":
      return "NFLOG (nobody listens)";
    default:
      return target.kind;
  }
}
