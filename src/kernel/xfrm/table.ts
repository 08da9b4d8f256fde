import { err, ok } from "../../base/result.ts";
import { addTime, seconds } from "../../sim/time.ts";
import type { Ipv4 } from "../../wire/address.ts";
import type { Netns } from "../netns.ts";
import type {
  Actor,
  IfIndex,
  KernelResult,
  XfrmDirection,
  XfrmLimits,
  XfrmNotice,
  XfrmPolicyKey,
  XfrmPolicySpec,
  XfrmStateId,
  XfrmStateInfo,
  XfrmStateSpec,
  XfrmTemplate,
} from "../uapi/index.ts";
import { algorithmName, defaultIcvBits, makeSuite } from "./crypto/suite.ts";
import { sameSelector, selects, type XfrmFlow } from "./flow.ts";
import { XfrmPolicy } from "./policy.ts";
import { XfrmState } from "./state.ts";

/** Numbers of the directions in a policy's index. Models: XFRM_POLICY_IN and its siblings. */
const DIRECTION: Readonly<Record<XfrmDirection, number>> = { in: 0, out: 1, fwd: 2 };
/** net.core.xfrm_acq_expires, seconds. */
const ACQUIRE_EXPIRES = 30;

/** Counters of /proc/net/xfrm_stat, in its order. */
export const XFRM_COUNTERS = (
  "InError InBufferError InHdrError InNoStates InStateProtoError InStateModeError InStateSeqError InStateExpired " +
  "InStateMismatch InStateInvalid InTmplMismatch InNoPols InPolBlock InPolError OutError OutBundleGenError " +
  "OutBundleCheckError OutNoStates OutStateProtoError OutStateModeError OutStateSeqError OutStateExpired OutPolBlock " +
  "OutPolDead OutPolError FwdHdrError OutStateInvalid AcquireError"
).split(" ");

/** The states (SAD) and policies (SPD) of one namespace. Models: struct netns_xfrm, net/xfrm/xfrm_state.c, xfrm_policy.c. */
export class XfrmTables {
  readonly ns: Netns;
  /** Every state and every policy, the newest first. */
  readonly states: XfrmState[] = [];
  readonly policies: XfrmPolicy[] = [];
  readonly policyCount: Record<XfrmDirection, number> = { in: 0, out: 0, fwd: 0 };
  /** Rises with every change: what was decided before is asked again. */
  generation = 0;
  private readonly counts = new Map<string, number>();
  private readonly listeners = new Set<(notice: XfrmNotice) => void>();
  private lastAcquire = 0;

  constructor(ns: Netns) {
    this.ns = ns;
  }

  count(name: string): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
  }

  counters(): readonly (readonly [string, number])[] {
    return XFRM_COUNTERS.map((name) => [`Xfrm${name}`, this.counts.get(name) ?? 0] as const);
  }

  listen(sink: (notice: XfrmNotice) => void): () => void {
    this.listeners.add(sink);
    return () => void this.listeners.delete(sink);
  }

  private tell(notice: XfrmNotice): void {
    for (const sink of [...this.listeners]) sink(notice);
  }

  // ------------------------------------------------------------------------------------------------------- states

  /** Models: xfrm_state_lookup. */
  state(dst: Ipv4, spi: number): XfrmState | undefined {
    return this.states.find(({ spec }) => spec.dst === dst && spec.spi === spi && spi !== 0);
  }

  /** The state that a packet to be sent needs; the one that was added last, as whole seconds go. Models: xfrm_state_find. */
  find(t: XfrmTemplate, src: Ipv4, dst: Ipv4, flow: XfrmFlow): XfrmState | undefined {
    let best: XfrmState | undefined;
    const rank = (x: XfrmState): number => (x.dying ? 0 : 1e12) + Math.floor(x.added / 1e9);
    for (const x of this.states) {
      const { spec } = x;
      if (x.suite === null || x.dead || spec.dst !== dst || (spec.src !== src && spec.src !== 0)) continue;
      if (spec.reqid !== t.reqid || spec.mode !== t.mode || (t.spi !== 0 && t.spi !== spec.spi)) continue;
      if (!selects(spec.selector, flow)) continue;
      if (best === undefined || rank(x) > rank(best)) best = x;
    }
    return best;
  }

  /** Asks the key managers for a state, unless one is asked for already. Models: km_query. */
  acquire(policy: XfrmPolicy, t: XfrmTemplate, src: Ipv4, dst: Ipv4, flow: XfrmFlow): void {
    if (this.listeners.size === 0) return;
    const { reqid, mode } = t;
    const asked = this.states.some(
      ({ suite, spec: s }) =>
        suite === null && s.src === src && s.dst === dst && s.reqid === reqid && s.mode === mode,
    );
    if (asked) return;
    const state = new XfrmState(
      {
        src,
        dst,
        spi: 0,
        mode,
        reqid,
        seq: ++this.lastAcquire,
        replayWindow: 0,
        flags: [],
        selector: exact(flow),
        limits: { hardAdd: ACQUIRE_EXPIRES },
      },
      null,
      this.ns.kernel.queue.now,
    );
    this.insert(state, { name: "kernel", detail: "a packet needs a state (acquire)" });
    this.tell({ kind: "acquire", state: state.info(), policy: policy.info() });
  }

  addState(spec: XfrmStateSpec, verb: "add" | "update", by: Actor): KernelResult<void> {
    const { kernel } = this.ns;
    const auth = spec.auth && {
      ...spec.auth,
      name: algorithmName(spec.auth.name),
      icvBits: spec.auth.icvBits ?? defaultIcvBits(algorithmName(spec.auth.name)),
    };
    const enc = spec.enc && { ...spec.enc, name: algorithmName(spec.enc.name) };
    const named: XfrmStateSpec = { ...spec, ...(auth && { auth }), ...(enc && { enc }) };
    const suite = makeSuite(named, () => kernel.random.u32());
    if (!suite.ok) return suite;
    const old = this.state(spec.dst, spec.spi);
    if (verb === "add" ? old !== undefined : old === undefined)
      return err({ errno: verb === "add" ? "EEXIST" : "ESRCH" });
    if (old !== undefined && old.suite !== null) {
      this.renew(old, named);
      return ok();
    }
    const state = new XfrmState(named, suite.value, kernel.queue.now);
    this.fulfil(state);
    if (old !== undefined) this.take(old, by);
    this.insert(state, by);
    this.tell({ kind: "state", what: verb === "add" ? "new" : "updated", state: state.info() });
    return ok();
  }

  /** Of a state in use an update changes the limits, and nothing else. Models: xfrm_state_update. */
  private renew(state: XfrmState, { limits, encap }: XfrmStateSpec): void {
    for (const timer of state.timers) timer.cancel();
    state.timers = [];
    state.spec = { ...state.spec, limits, ...(state.spec.encap && encap && { encap }) };
    this.watch(state, limits);
    this.tell({ kind: "state", what: "updated", state: state.info() });
  }

  /** The state that somebody was asked for is there: its stand-in goes. Models: __xfrm_find_acq_byseq, find_acq_core. */
  private fulfil({ spec }: XfrmState): void {
    const waiting = this.states.find(
      ({ suite, spec: s }) =>
        suite === null &&
        s.spi === 0 &&
        s.src === spec.src &&
        s.dst === spec.dst &&
        s.reqid === spec.reqid &&
        s.mode === spec.mode,
    );
    if (waiting !== undefined) this.take(waiting, { name: "kernel", detail: "its state came" });
  }

  /** Models: xfrm_alloc_spi: the lowest free one of a range of one, else one by chance. */
  allocSpi(spec: XfrmStateSpec, min: number, max: number, by: Actor): KernelResult<XfrmStateInfo> {
    const { kernel } = this.ns;
    let spi = min;
    if (min !== max) {
      do spi = min + kernel.random.below(max - min + 1);
      while (this.state(spec.dst, spi) !== undefined);
    } else if (this.state(spec.dst, spi) !== undefined) return err({ errno: "ENOENT" });
    const host = (address: Ipv4): XfrmStateSpec["selector"]["src"] => ({ address, length: 32 });
    const selector = { src: host(spec.src), dst: host(spec.dst), protocol: 0 };
    const limits = { hardAdd: ACQUIRE_EXPIRES };
    const state = new XfrmState({ ...spec, spi, selector, limits }, null, kernel.queue.now);
    this.insert(state, by);
    return ok(state.info());
  }

  getState(id: XfrmStateId): KernelResult<XfrmStateInfo> {
    const found = this.state(id.dst, id.spi);
    return found === undefined ? err({ errno: "ESRCH" }) : ok(found.info());
  }

  deleteState(id: XfrmStateId, by: Actor): KernelResult<void> {
    const found = this.state(id.dst, id.spi);
    if (found === undefined) return err({ errno: "ESRCH" });
    this.take(found, by);
    this.tell({ kind: "state", what: "deleted", state: found.info() });
    return ok();
  }

  flushStates(by: Actor): void {
    if (this.states.length === 0) return;
    for (const state of [...this.states]) this.take(state, by);
    this.tell({ kind: "flushed", what: "state" });
  }

  private insert(state: XfrmState, by: Actor): void {
    this.states.unshift(state);
    this.generation++;
    this.watch(state, state.spec.limits);
    this.journalState(state, null, state.row(), by);
  }

  private take(state: XfrmState, by: Actor): void {
    state.dead = true;
    this.generation++;
    for (const timer of state.timers) timer.cancel();
    this.states.splice(this.states.indexOf(state), 1);
    this.journalState(state, state.row(), null, by);
  }

  private journalState(state: XfrmState, before: unknown, after: unknown, by: Actor): void {
    const { src, dst, spi } = state.spec;
    const key = `${src}/${dst}/${spi}`;
    this.ns.kernel.trace?.change("xfrm-state", this.ns.id, key, before, after, by.name, by.detail ?? "");
  }

  /** Starts the clocks of a state's limits by age. Models: xfrm_timer_handler. */
  private watch(state: XfrmState, { softAdd = 0, hardAdd = 0 }: XfrmLimits): void {
    const { queue } = this.ns.kernel;
    if (softAdd > 0) state.timers.push(queue.after(seconds(softAdd), () => this.soften(state)));
    if (hardAdd > 0) state.timers.push(queue.after(seconds(hardAdd), () => this.expire(state)));
  }

  /** It is time to make a new one. */
  soften(state: XfrmState): void {
    if (state.dying || state.dead) return;
    state.dying = true;
    this.tell({ kind: "expire", hard: false, state: state.info() });
  }

  /** It may not be used any more. */
  expire(state: XfrmState): void {
    if (state.dead) return;
    this.take(state, { name: "kernel", detail: "its lifetime is over" });
    this.tell({ kind: "expire", hard: true, state: state.info() });
  }

  /** A packet of `bytes` was handled; false when that was more than the state may do. Models: xfrm_state_check_expire. */
  mayUse(state: XfrmState): boolean {
    const { limits } = state.spec;
    const { queue } = this.ns.kernel;
    if (state.used === undefined) {
      const { softUse = 0, hardUse = 0 } = limits;
      if (softUse > 0)
        state.timers.push(queue.at(addTime(queue.now, seconds(softUse)), () => this.soften(state)));
      if (hardUse > 0)
        state.timers.push(queue.at(addTime(queue.now, seconds(hardUse)), () => this.expire(state)));
    }
    state.used ??= queue.now;
    const { bytes, packets } = state;
    if (bytes >= (limits.hardBytes ?? Infinity) || packets >= (limits.hardPackets ?? Infinity)) {
      queue.after(seconds(0), () => this.expire(state));
      return false;
    }
    if (bytes >= (limits.softBytes ?? Infinity) || packets >= (limits.softPackets ?? Infinity))
      this.soften(state);
    return true;
  }

  // ----------------------------------------------------------------------------------------------------- policies

  /** The least priority number wins, then the oldest. Models: xfrm_policy_lookup. */
  policy(dir: XfrmDirection, flow: XfrmFlow): XfrmPolicy | undefined {
    let best: XfrmPolicy | undefined;
    if (this.policyCount[dir] === 0) return undefined;
    for (const p of this.policies) {
      if (p.spec.dir !== dir || !selects(p.spec.selector, flow)) continue;
      if (best === undefined || p.spec.priority <= best.spec.priority) best = p;
    }
    return best;
  }

  private findPolicy(key: XfrmPolicyKey): XfrmPolicy | undefined {
    return this.policies.find(({ spec }) => {
      if (spec.dir !== key.dir) return false;
      return "index" in key ? spec.index === key.index : sameSelector(spec.selector, key.selector);
    });
  }

  addPolicy(spec: XfrmPolicySpec, verb: "add" | "update", by: Actor): KernelResult<void> {
    if (spec.index !== 0 && (spec.index & 7) !== DIRECTION[spec.dir])
      return err({ errno: "EINVAL", extack: "Policy index doesn't match direction" });
    if (spec.template?.optional === true && spec.template.mode === "tunnel" && spec.dir === "out")
      return err({ errno: "EINVAL", extack: "Mode in optional template not allowed in outbound policy" });
    const old = this.findPolicy({ dir: spec.dir, selector: spec.selector });
    if (verb === "add" && old !== undefined) return err({ errno: "EEXIST" });
    const index = spec.index !== 0 ? spec.index : (old?.spec.index ?? this.newIndex(spec.dir));
    const policy = new XfrmPolicy({ ...spec, index }, this.ns.kernel.queue.now);
    if (old !== undefined) this.takePolicy(old, by);
    this.policies.unshift(policy);
    this.policyCount[spec.dir]++;
    this.generation++;
    this.journalPolicy(policy, null, policy.row(), by);
    const { hardAdd = 0 } = spec.limits;
    if (hardAdd > 0)
      this.ns.kernel.queue.after(seconds(hardAdd), () => {
        if (!policy.dead) this.takePolicy(policy, { name: "kernel", detail: "its lifetime is over" });
      });
    this.tell({ kind: "policy", what: verb === "add" ? "new" : "updated", policy: policy.info() });
    return ok();
  }

  /** Models: xfrm_gen_index: one row of numbers for the whole kernel. */
  private newIndex(dir: XfrmDirection): number {
    for (;;) {
      const index = this.ns.kernel.xfrmIndex | DIRECTION[dir];
      this.ns.kernel.xfrmIndex += 8;
      const free = !this.policies.some(({ spec }) => spec.index === index);
      if (free) return index === 0 ? 8 : index;
    }
  }

  policyBy(key: XfrmPolicyKey): KernelResult<ReturnType<XfrmPolicy["info"]>> {
    const found = this.findPolicy(key);
    return found === undefined ? err({ errno: "ENOENT" }) : ok(found.info());
  }

  deletePolicy(key: XfrmPolicyKey, by: Actor): KernelResult<void> {
    const found = this.findPolicy(key);
    if (found === undefined) return err({ errno: "ENOENT" });
    this.takePolicy(found, by);
    this.tell({ kind: "policy", what: "deleted", policy: found.info() });
    return ok();
  }

  flushPolicies(by: Actor): void {
    if (this.policies.length === 0) return;
    for (const policy of [...this.policies]) this.takePolicy(policy, by);
    this.tell({ kind: "flushed", what: "policy" });
  }

  private takePolicy(policy: XfrmPolicy, by: Actor): void {
    policy.dead = true;
    this.policies.splice(this.policies.indexOf(policy), 1);
    this.policyCount[policy.spec.dir]--;
    this.generation++;
    this.journalPolicy(policy, policy.row(), null, by);
  }

  private journalPolicy(policy: XfrmPolicy, before: unknown, after: unknown, by: Actor): void {
    const key = String(policy.spec.index);
    this.ns.kernel.trace?.change("xfrm-policy", this.ns.id, key, before, after, by.name, by.detail ?? "");
  }

  /** The namespace ends. */
  close(): void {
    for (const state of this.states) for (const timer of state.timers) timer.cancel();
  }
}

/** The selector of this flow and no other. */
function exact(flow: XfrmFlow): XfrmStateSpec["selector"] {
  return {
    src: { address: flow.src, length: 32 },
    dst: { address: flow.dst, length: 32 },
    protocol: flow.protocol,
    sport: flow.sport,
    dport: flow.dport,
    ...(flow.dev !== 0 && { dev: flow.dev as IfIndex }),
  };
}
