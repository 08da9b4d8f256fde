import type { Netns } from "../netns.ts";
import type { Actor, XfrmApi } from "../uapi/index.ts";
import type { XfrmModule } from "./late.ts";
import { Xfrm } from "./xfrm.ts";

/** IPsec of a namespace, from the first moment that somebody asks for it. */
function xfrmOf(ns: Netns): Xfrm {
  return (ns.xfrm ??= new Xfrm(ns));
}

/** Models: net/xfrm/xfrm_user.c. */
function api(ns: Netns, by: Actor): XfrmApi {
  const { tables } = xfrmOf(ns);
  return {
    states: () => tables.states.map((state) => state.info()),
    addState: (spec, verb) => {
      ns.kernel.esp = true;
      return tables.addState(spec, verb, by);
    },
    allocSpi: (spec, min, max) => tables.allocSpi(spec, min, max, by),
    getState: (id) => tables.getState(id),
    deleteState: (id) => tables.deleteState(id, by),
    flushStates: () => tables.flushStates(by),
    policies: () => tables.policies.map((policy) => policy.info()),
    addPolicy: (spec, verb) => tables.addPolicy(spec, verb, by),
    getPolicy: (key) => tables.policyBy(key),
    deletePolicy: (key) => tables.deletePolicy(key, by),
    flushPolicies: () => tables.flushPolicies(by),
    counters: () => tables.counters(),
    listen: (sink) => tables.listen(sink),
  };
}

/** What `late.ts` stands in for. */
export const XFRM_MODULE: XfrmModule = { api, of: xfrmOf };
