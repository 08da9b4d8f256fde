import type { Words } from "../args/words.ts";
import type { Ip } from "./context.ts";
import { printBrief, printLink } from "./link-print.ts";
import { linkMatches, readListFilter } from "./list-filter.ts";
import { LINK_USAGE } from "./usage.ts";

/** `ip link show`. Models: ip/ipaddress.c ipaddr_list_link. */
export function showLinks(ip: Ip, words: Words): number {
  const filter = readListFilter(ip, words, LINK_USAGE);
  ip.out.begin();
  const links = filter.device === undefined ? ip.net.link.list() : [filter.device];
  for (const link of links) {
    if (!linkMatches(filter, link)) continue;
    ip.out.object(null, () => {
      if (ip.options.brief) printBrief(ip, link, false);
      else printLink(ip, link, false, true);
      ip.out.say("\n");
    });
  }
  return 0;
}
