import type { Address } from "../../formats/iptables/address.ts";
import type { IptablesCommand } from "../../formats/iptables/command.ts";
import { IPTABLES_VERSION } from "../../formats/iptables/failure.ts";
import { type ListFormat, listHeader, listLine, ruleLine } from "../../formats/iptables/listing.ts";
import { saveRule, saveRuleParts } from "../../formats/iptables/save.ts";
import type { XtChainInfo, XtCounters, XtFamily, XtRuleInfo, XtTableName } from "../../kernel/uapi/index.ts";
import type { Task } from "../../sim/task.ts";
import { fail } from "../args/exit.ts";
import type { Process } from "../os/process.ts";
import { chainsOf } from "./table-edit.ts";
import { namesOf } from "./world.ts";

/** `-L` and `-S`. */

/** Chains to show: the one that was named, or all. */
function chosen(
  chains: readonly XtChainInfo[],
  command: IptablesCommand,
  program: string,
): readonly XtChainInfo[] {
  const { chain, table } = command;
  if (chain === undefined) return chains;
  const found = chains.filter(({ name }) => name === chain);
  if (found.length === 0)
    fail(
      1,
      `${program} ${IPTABLES_VERSION}: chain \`${chain}' in table \`${table}' is incompatible, use 'nft' tool.\n`,
    );
  return found;
}

/** Every address that a listing names. */
function addressesIn(chains: readonly XtChainInfo[]): readonly Address[] {
  return chains.flatMap(({ rules }) =>
    rules.flatMap(({ rule }) =>
      [rule.source, rule.dest].flatMap((of) => (of === undefined ? [] : [of.address])),
    ),
  );
}

export function* list(
  process: Process,
  family: XtFamily,
  table: XtTableName,
  command: IptablesCommand,
  program: string,
): Task<void> {
  const chains = chosen(chainsOf(process.net, family, table), command, program);
  const { numeric, exact, lineNumbers, number } = command;
  const nameOf = numeric ? undefined : yield* namesOf(process, addressesIn(chains));
  const format: ListFormat = {
    numeric,
    exact,
    lineNumbers,
    verbose: command.verbose > 0,
    ...(nameOf !== undefined && { nameOf }),
  };
  const texts = chains.map((chain) => {
    const lines = chain.rules.map((rule, i) => listLine(rule, i + 1, family, format));
    if (number !== undefined && command.chain !== undefined) return lines[number - 1] ?? "";
    return listHeader(chain, format) + lines.join("");
  });
  yield* process.print(texts.join("\n"));
}

const countersText = ({ packets, bytes }: XtCounters): string => ` -c ${packets} ${bytes}`;

/** A rule as `-S` has it: counters before the target. */
function rule(chain: string, info: XtRuleInfo, verbose: boolean): string {
  if (!verbose) return `-A ${chain} ${saveRule(info.rule)}`.trimEnd() + "\n";
  const [spec, target] = saveRuleParts(info.rule);
  const start = spec === "" ? "" : ` ${spec}`;
  return `-A ${chain}${start}${countersText(info.counters)}${target === "" ? "" : ` ${target}`}\n`;
}

export function* listRules(
  process: Process,
  family: XtFamily,
  table: XtTableName,
  command: IptablesCommand,
  program: string,
): Task<void> {
  const chains = chosen(chainsOf(process.net, family, table), command, program);
  const verbose = command.verbose > 0;
  const { number } = command;
  if (number !== undefined) {
    for (const { name, rules } of chains) {
      const one = rules[number - 1];
      if (one !== undefined) yield* process.print(rule(name, one, verbose));
    }
    return;
  }
  const head = ({ name, policy, counters }: XtChainInfo): string =>
    policy === null ? `-N ${name}\n` : `-P ${name} ${policy}${verbose ? countersText(counters) : ""}\n`;
  const rules = chains.flatMap(({ name, rules: all }) => all.map((one) => rule(name, one, verbose)));
  yield* process.print(chains.map(head).join("") + rules.join(""));
}

/** What `-v` says of a rule that is added, found or taken away. */
export function ruleLines(command: IptablesCommand, family: XtFamily): string {
  return command.rules.map((one) => ruleLine(one, family)).join("");
}
