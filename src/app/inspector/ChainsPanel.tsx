import "../styles/story.css";
import { useSay } from "../board-context.ts";
import type { ChainView } from "../model/netfilter.ts";
import { EntryField, EntryTools } from "../watch/entries.tsx";

/** The chains of a namespace: those that the packet has just met are open and lit. */
export function ChainsPanel({ chains, of }: { readonly chains: readonly ChainView[]; readonly of: string }) {
  const say = useSay();
  if (chains.length === 0) return null;
  return (
    <section className="chains">
      <h3>{say("chains.title", { of })}</h3>
      {chains.map((chain) => (
        <Chain key={chain.key + String(chain.visited)} chain={chain} />
      ))}
    </section>
  );
}

function Chain({ chain }: { readonly chain: ChainView }) {
  const say = useSay();
  const kind = chain.tool === "nft" ? "nft" : "rule";
  const { table, policy, rules, visited } = chain;
  return (
    <details open={visited} className={visited ? "is-visited" : ""}>
      <summary>
        <span>
          {chain.tool === "nft" ? `nft ${table}` : table} · <strong>{chain.chain}</strong>
        </span>
        {policy !== undefined && <em>{say("chains.policy", { policy })}</em>}
        {visited && <b>{say("chains.visited")}</b>}
      </summary>
      <ol>
        {rules.map((rule) => (
          <li key={rule.id} className={rule.visited ? "is-used" : ""}>
            <span className="count" title={say("chains.count", { packets: rule.packets })}>
              {rule.packets}
            </span>
            <code>{rule.text}</code>
            <EntryTools name={`${kind}/${rule.id}`} />
            <EntryField name={`${kind}/${rule.id}`} />
          </li>
        ))}
      </ol>
    </details>
  );
}
