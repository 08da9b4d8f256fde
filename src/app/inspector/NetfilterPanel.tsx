import { useSay } from "../board-context.ts";
import type { FlowView } from "../model/explain/phrase.ts";
import { isTyped, type RuleLine } from "../model/netfilter.ts";

/** Rules that a packet has met, in order: which table and chain, the rule's own text, who wrote it. */
export function RuleList({ rules }: { readonly rules: readonly RuleLine[] }) {
  const say = useSay();
  const author = (rule: RuleLine): string => {
    const { number, actor, service } = rule;
    if (number === 0) return say("rules.policy");
    if (service !== undefined) return say("rules.service", { actor, service });
    return isTyped(rule) ? say("rules.you") : actor;
  };
  return (
    <section className="rules">
      <h3>{say("rules.title")}</h3>
      <ol>
        {rules.map((rule, i) => {
          const isLast = i === rules.length - 1;
          return (
            <li key={i} className={isLast ? "is-used" : ""}>
              <span className="rule-where">
                {rule.tool === "nft" ? `nft ${rule.table}` : rule.table} · {rule.chain}{" "}
                {rule.number > 0 && `#${rule.number}`}
              </span>
              <code>{rule.text}</code>
              {rule.member !== undefined && (
                <span className="rule-member">{say("rules.member", { ...rule.member })}</span>
              )}
              <span className="rule-author">
                {author(rule)}
                {isLast && ` · ${say("rules.last")}`}
              </span>
            </li>
          );
        })}
      </ol>
    </section>
  );
}

/** The ticket of a flow: two lines, and which of them this packet follows. */
export function FlowTicket({ flow }: { readonly flow: FlowView }) {
  const say = useSay();
  const line = (name: "original" | "reply", text: string, isHere: boolean) => (
    <div className={`ticket-line ${isHere ? "is-here" : ""}`}>
      <dt>{say(`flow.${name}`)}</dt>
      <dd>
        <code>{text}</code>
        {isHere && <em>{say("flow.here")}</em>}
      </dd>
    </div>
  );
  return (
    <section className="ticket">
      <h3>
        {say("flow.title", { protocol: flow.protocol })} <b>{flow.state}</b>
        {flow.translated && <em className="tone-nat">{say("flow.translated")}</em>}
      </h3>
      <dl>
        {line("original", flow.original, !flow.isReply)}
        {line("reply", flow.reply, flow.isReply)}
      </dl>
      {flow.unconfirmed && <p>{say("flow.new")}</p>}
    </section>
  );
}
