import type { NftRow } from "../../../trace/rows.ts";
import { ruleText } from "../netfilter.ts";
import { nftElements, nftRules } from "../nft.ts";
import { ipsetMember, protocolText, tupleText } from "../tables.ts";
import type { Break, EntryBreak, Site } from "./entry.ts";

const [TCP, UDP] = [6, 17];
const MOST_FLOWS = 50;

/** Rules of iptables and ip6tables, each by its number. */
export function ruleEntries({ world, place }: Site): readonly EntryBreak[] {
  return world.rows("xtables", place.netns).flatMap(({ key, row }) => {
    const [family, table = "", chain = ""] = key.split("/");
    const tool = `${family === "ip6" ? "ip6tables" : "iptables"} -t ${table}`;
    return row.rules.map(({ rule, id }, i): EntryBreak => {
      const text = ruleText(rule);
      return {
        label: "break.rule",
        values: { chain, table, number: i + 1, text },
        at: place.label,
        command: `${tool} -D ${chain} ${i + 1}`,
        undo: `${tool} -I ${chain} ${i + 1} ${text}`,
        entry: `rule/${id}`,
        row: `xtables/${key}`,
        says: `${id} ${text}`,
        edit: { head: `${tool} -R ${chain} ${i + 1} `, text },
      };
    });
  });
}

const NFT_CHAIN = /^(\S+ \S+) chain (.+)$/;
const NFT_SET = /^(\S+ \S+) set (.+)$/;

/** Rules of nftables: taken away by their handles, put back behind the rule that stood before them. */
export function nftRuleEntries({ world, place }: Site): readonly EntryBreak[] {
  return world.rows("nft", place.netns).flatMap(({ key, row }) => {
    const [, table, chain = ""] = NFT_CHAIN.exec(key) ?? [];
    if (table === undefined) return [];
    const where = `${table} ${chain}`;
    return nftRules(world, place.netns, key).map(({ id, text }, i): EntryBreak => {
      const handle = handleOf(row, id);
      const back = i === 0 ? `insert rule ${where}` : `add rule ${where} index ${i - 1}`;
      return {
        label: "break.nftRule",
        values: { table, chain, number: i + 1, text },
        at: place.label,
        command: `nft delete rule ${where} handle ${handle}`,
        undo: nft(`${back} ${text}`),
        entry: `nft/${id}`,
        row: `nft/${key}`,
        says: `${id} ${text}`,
        edit: { head: `nft 'replace rule ${where} handle ${handle} `, text, end: "'", quoted: true },
      };
    });
  });
}

function handleOf({ rules = [] }: NftRow, id: number): number {
  return rules.find((rule) => rule.id === id)?.handle ?? 0;
}

function nft(script: string): string {
  return `nft '${script.replaceAll("'", "'\\''")}'`;
}

/** Elements of named sets and maps. */
export function elementEntries({ world, place }: Site): readonly EntryBreak[] {
  return world.rows("nft", place.netns).flatMap(({ key }) => {
    const [, table, set = ""] = NFT_SET.exec(key) ?? [];
    if (table === undefined) return [];
    const where = `${table} ${set}`;
    return nftElements(world, place.netns, key).map(({ member, text }): EntryBreak => {
      const del = `delete element ${where} { ${member} }`;
      return {
        label: "break.element",
        values: { set: where, text },
        at: place.label,
        command: nft(del),
        undo: nft(`add element ${where} { ${text} }`),
        entry: `element/${where}/${member}`,
        row: `nft/${key}`,
        says: text,
        // One transaction: if the new one is refused, the old one stays.
        edit: { head: `nft '${del}; add element ${where} { `, text, end: " }'", quoted: true },
      };
    });
  });
}

/** Members of ipsets. */
export function memberEntries({ world, place }: Site): readonly EntryBreak[] {
  return world.rows("ipset", place.netns).flatMap(({ key, row }): EntryBreak[] => {
    if (!("member" in row)) return [];
    const set = key.slice(0, key.length - row.member.length - 1);
    const text = ipsetMember(row.member);
    const command = `ipset del ${set} ${text}`;
    return [
      {
        label: "break.element",
        values: { set, text },
        at: place.label,
        command,
        undo: `ipset add ${set} ${text}`,
        entry: `element/ipset ${set}/${text}`,
        row: `ipset/${key}`,
        says: text,
        edit: { head: `${command} && ipset add ${set} `, text },
      },
    ];
  });
}

/** A ticket of conntrack torn up: nothing brings it back but the next packet, which may then be taken otherwise. */
export function flowBreaks({ world, place }: Site): readonly Break[] {
  const newest = world.rows("conntrack", place.netns).slice(-MOST_FLOWS);
  return newest.flatMap(({ key, row }): Break[] => {
    const { family, protocol, original } = row;
    const { src, dst, sport, dport, icmp } = original;
    if (family !== "ip" || (icmp === undefined && protocol !== UDP && protocol !== TCP)) return [];
    const ends =
      icmp === undefined ? `--orig-port-src ${sport} --orig-port-dst ${dport}` : `--icmp-id ${icmp.id}`;
    const name = protocolText(protocol);
    return [
      {
        label: "break.flow",
        values: { text: `${name} ${tupleText(original)}` },
        at: place.label,
        command: `conntrack -D -p ${name} --orig-src ${src} --orig-dst ${dst} ${ends}`,
        undo: undefined,
        entry: `conntrack/${key}`,
      },
    ];
  });
}

/** A TCP connection, ended over the head of who holds it: the other end gets a RST. Who wants it back opens a new one. */
export function socketBreaks({ world, place }: Site): readonly Break[] {
  return world.rows("socket", place.netns).flatMap(({ key, row }): Break[] => {
    const { kind, local, remote, state } = row;
    if (kind !== "tcp" || remote === undefined || state === "CLOSED") return [];
    const [from, fromPort] = endOf(local);
    const [to, toPort] = endOf(remote);
    const command = `ss -tanK src ${from} dst ${to} sport = :${fromPort} dport = :${toPort}`;
    return [
      {
        label: "break.socket",
        values: { text: `${local} → ${remote}` },
        at: place.label,
        command,
        undo: undefined,
        entry: `socket/${key}`,
      },
    ];
  });
}

/** `10.0.0.1:80` or `[fd00::1]:80`, cut in two. */
function endOf(text: string): readonly [address: string, port: string] {
  const at = text.lastIndexOf(":");
  return [text.slice(0, at), text.slice(at + 1)];
}
