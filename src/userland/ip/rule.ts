import { fail, refuse } from "../args/exit.ts";
import { invalidArgument, matches, type Words } from "../args/words.ts";
import { PROTOCOLS, TABLES } from "../netlink/names.ts";
import type { Ip } from "./context.ts";
import { RULE_USAGE } from "./usage.ts";

/** `ip rule`: the three rules that every namespace starts with. Models: ip/iprule.c print_rule. */

const RULES: readonly (readonly [priority: number, table: number])[] = [
  [0, 255],
  [32766, 254],
  [32767, 253],
];

const PROTO_KERNEL = 2;

export function showRules(ip: Ip, words: Words): number {
  let only: number | undefined;
  for (let word = words.next(); word !== undefined; word = words.next()) {
    if (matches(word, "help")) fail(255, RULE_USAGE);
    if (!matches(word, "table") && !matches(word, "lookup")) refuse(`the rule selector "${word}"`);
    const name = words.value();
    only = TABLES.parse(name, 0xffffffff) ?? invalidArgument("table id value is invalid\n", name);
  }
  // IPv6 has no table "default".
  const rules = ip.options.family === "inet6" ? RULES.slice(0, 2) : RULES;
  const text = (names: { text(n: number): string }, n: number): string =>
    ip.options.numeric ? String(n) : names.text(n);
  for (const [priority, table] of rules) {
    if (only !== undefined && only !== table) continue;
    ip.out.object(null, () => {
      ip.out.add("priority", priority, `${priority}:\t`);
      ip.out.add("src", "all", "from all ");
      ip.out.add("table", text(TABLES, table), `lookup ${text(TABLES, table)}`);
      if (ip.options.details)
        ip.out.add("protocol", text(PROTOCOLS, PROTO_KERNEL), ` proto ${text(PROTOCOLS, PROTO_KERNEL)}`);
      ip.out.say("\n");
    });
  }
  return 0;
}

export function changeRule(): number {
  refuse("policy routing (ip rule add, del, flush)");
}
