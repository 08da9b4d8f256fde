import type { ReadResult, Unread } from "./iproute/read.ts";

/**
 * Reads what `ipvsadm -Sn` or `ipvsadm -Ln` prints, for people who paste it, into the lines that `ipvsadm -R` takes. Models:
 * ipvsadm 1.31's output. A line that is not understood is kept by its number.
 */

const SAVED = /^-[Aa] -[tuf] \S+( -[a-zA-Z]( [^\s-]\S*)?)*\s*$/;
const SERVICE = /^(TCP|UDP|FWM)\s+(\S+)\s+(\S+)(.*)$/;
const SERVER = /^\s+->\s+(\S+)\s+(Masq|Route|Tunnel)\s+(\d+)\s+\d+\s+\d+\s*$/;
const HEAD = /^(IP Virtual Server version|Prot LocalAddress:Port|\s+-> RemoteAddress:Port)/;

const LETTERS: Readonly<Record<string, string>> = { TCP: "-t", UDP: "-u", FWM: "-f" };
const FORWARD: Readonly<Record<string, string>> = { Masq: "-m", Route: "-g", Tunnel: "-i" };

/** `persistent 10800 mask 255.255.255.255`: what stands behind the scheduler; undefined for what is not known. */
function optionsOf(text: string): string | undefined {
  const [, timeout, mask, rest] = /^\s*(?:persistent (\d+))?\s*(?:mask (\S+))?\s*(.*?)\s*$/.exec(text) ?? [];
  if (rest !== "") return undefined;
  return `${timeout === undefined ? "" : ` -p ${timeout}`}${mask === undefined ? "" : ` -M ${mask}`}`;
}

export function readVirtual(text: string): ReadResult<string> {
  const items: string[] = [];
  const unread: Unread[] = [];
  let service: string | undefined;
  text.split(/\r?\n/).forEach((content, i) => {
    if (content.trim() === "" || HEAD.test(content)) return;
    const [, kind = "", address, scheduler, more = ""] = SERVICE.exec(content) ?? [];
    const [, server, forward = "", weight] = SERVER.exec(content) ?? [];
    const options = optionsOf(more);
    if (SAVED.test(content)) items.push(content.trim());
    else if (address !== undefined && scheduler !== undefined && options !== undefined) {
      service = `${LETTERS[kind] ?? ""} ${address}`;
      items.push(`-A ${service} -s ${scheduler}${options}`);
    } else if (server !== undefined && weight !== undefined && service !== undefined)
      items.push(`-a ${service} -r ${server} ${FORWARD[forward] ?? "-m"} -w ${weight}`);
    else unread.push({ line: i + 1, text: content, why: "form" });
  });
  return { items, unread };
}
