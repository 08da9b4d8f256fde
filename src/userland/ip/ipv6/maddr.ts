import { formatIpv6 } from "../../../wire/address6.ts";
import { fail, refuse } from "../../args/exit.ts";
import { matches, type Words } from "../../args/words.ts";
import type { Ip } from "../context.ts";

/** `ip -6 maddr`: groups that devices listen to. Models: ip/ipmaddr.c. */
export function showGroups(ip: Ip, words: Words): number {
  if (ip.options.family !== "inet6") refuse("ip maddress of other families than -6");
  let dev: string | undefined;
  for (let word = words.next(); word !== undefined; word = words.next()) {
    if (word === "dev") word = words.value();
    else if (matches(word, "help")) fail(255, "Usage: ip maddr [ show [ dev STRING ] ]\n");
    dev = word;
  }
  ip.out.begin();
  const groups = ip.net.ipv6.address.groups();
  for (const link of ip.net.link.list()) {
    if (dev !== undefined && dev !== link.name) continue;
    const own = groups.filter((g) => g.dev === link.index);
    if (own.length === 0) continue;
    ip.out.object(null, () => {
      ip.out.add("ifindex", link.index, `${link.index}:`);
      ip.out.add("ifname", link.name, `\t${link.name}\n`);
      ip.out.array("maddr", () => {
        for (const { group, users } of own)
          ip.out.object(null, () => {
            const text = formatIpv6(group);
            ip.out.add("family", "inet6", "\tinet6 ");
            ip.out.add("address", text, text);
            if (users > 1) ip.out.add("users", users, ` users ${users}`);
            ip.out.say("\n");
          });
      });
    });
  }
  return 0;
}
