import type { XfrmPolicyRow } from "../../trace/rows.ts";
import { author, type Question, type TableView } from "./tables.ts";
import type { Entry } from "./world.ts";

/** IPsec's policies and states of a namespace, as tables. */

/** An SPI as `ip xfrm` prints it. */
export function spiText(spi: number): string {
  return `0x${spi.toString(16).padStart(8, "0")}`;
}

/** Which packets, in which direction; and the tunnel that they must be in. */
function policyCells({ dir, src, dst, action, local, remote, mode }: XfrmPolicyRow): readonly string[] {
  const protectedBy = mode === "tunnel" ? `${local ?? ""} → ${remote ?? ""}` : (mode ?? "");
  return [dir, `${src} → ${dst}`, action === "block" ? action : protectedBy];
}

const changes = (q: Question, { key, changedAt, actor, detail }: Entry<unknown>) => ({
  key,
  used: key === q.used,
  changed: changedAt >= q.since,
  ...author({ actor, detail }),
});

export function ipsecPolicies(q: Question): TableView {
  return {
    title: "table.xfrm.policy",
    of: q.cast.name(q.netns),
    columns: ["column.direction", "column.packets", "column.protected"],
    rows: q.world
      .rows("xfrm-policy", q.netns)
      .map((entry) => ({ ...changes(q, entry), cells: policyCells(entry.row) })),
  };
}

export function ipsecStates(q: Question): TableView {
  return {
    title: "table.xfrm.state",
    of: q.cast.name(q.netns),
    columns: ["column.spi", "column.packets", "column.algorithm"],
    rows: q.world.rows("xfrm-state", q.netns).map((entry) => {
      const { spi, src, dst, algorithm, larval } = entry.row;
      return { ...changes(q, entry), cells: [spiText(spi), `${src} → ${dst}`, larval ? "—" : algorithm] };
    }),
  };
}

/** The command with which the policy could have been typed. */
export function policyCommand({ src, dst, dir, mode, local, remote, reqid }: XfrmPolicyRow): string {
  const ends = mode === "tunnel" ? `src ${local ?? ""} dst ${remote ?? ""} ` : "";
  const template = mode === undefined ? "" : ` tmpl ${ends}proto esp reqid ${reqid ?? 0} mode ${mode}`;
  return `ip xfrm policy add src ${src} dst ${dst} dir ${dir}${template}`;
}
