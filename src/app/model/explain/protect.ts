import type { TunnelRecord } from "../../../trace/record.ts";
import { ipsecPolicies, ipsecStates, policyCommand, spiText } from "../ipsec.ts";
import { excerpt } from "../tables.ts";
import { commandAt, type Context, ip, placeName, question } from "./context.ts";
import { type Explanation, phrase } from "./phrase.ts";

const ROWS = 5;

/** IPsec puts a packet into ESP, or takes it out: a policy asked for it, and a state has the keys. */
export function explainEsp(c: Context, record: TunnelRecord, dev: string): Explanation {
  const wraps = record.kind === "encap";
  const [local, remote] = [ip(record.local), ip(record.remote)];
  const [src, dst] = wraps ? [local, remote] : [remote, local];
  const state = c.world
    .rows("xfrm-state", record.netns)
    .find(({ row }) => row.spi === record.vni && row.dst === dst && row.src === src);
  const algorithm = state?.row.algorithm ?? "?";
  const spi = spiText(record.vni);
  const values = { dev, local, remote, spi, algorithm, bytes: record.bytes, place: placeName(c) };
  const inTransport = state?.row.mode === "transport";
  if (!wraps)
    return {
      headline: phrase("unwrap.esp", values),
      reason: [phrase(inTransport ? "unwrap.esp.transport.why" : "unwrap.esp.why", values)],
      table: excerpt(ipsecStates(question(c, state?.key)), ROWS),
      check: commandAt(c, record.netns, "ip -s xfrm state"),
      badge: phrase("badge.unwrap", values),
    };
  const policy = c.world
    .rows("xfrm-policy", record.netns)
    .find(({ row }) => row.dir === "out" && (inTransport || (row.local === local && row.remote === remote)));
  return {
    headline: phrase("wrap.esp", values),
    reason: [phrase(inTransport ? "wrap.esp.transport.why" : "wrap.esp.why", values)],
    table: excerpt(ipsecPolicies(question(c, policy?.key)), ROWS),
    install: policy === undefined ? undefined : policyCommand(policy.row),
    check: commandAt(c, record.netns, "ip xfrm policy"),
    badge: phrase("badge.wrap", values),
  };
}
