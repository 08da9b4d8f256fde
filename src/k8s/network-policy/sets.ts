import { err, ok, type Result } from "../../base/result.ts";
import type { IpsetApi, IpsetElement, IpsetPart, IpsetSpec } from "../../kernel/uapi/index.ts";
import { parseIpv4, parsePrefix } from "../../wire/address.ts";
import { isPolicySet } from "./names.ts";
import type { Plan, SetEntry, SetType } from "./plan.ts";

/** Models: kube-router pkg/utils/ipset.go: sets are filled aside and swapped in, so that no packet meets half a set. */

const TEMPORARY: Readonly<Record<SetType, string>> = { "hash:ip": "TMP-HASH-IP", "hash:net": "TMP-HASH-NET" };

function partOf(text: string): IpsetPart | undefined {
  const address = parseIpv4(text);
  if (address !== undefined) return { kind: "address", address };
  const range = parsePrefix(text);
  return range === undefined ? undefined : { kind: "net", ...range };
}

function elementOf({ text, nomatch }: SetEntry): IpsetElement | undefined {
  const part = partOf(text);
  if (part === undefined) return undefined;
  return { parts: [part], timeout: 0, ...(nomatch ? { nomatch } : {}) };
}

function spec(name: string, type: SetType): IpsetSpec {
  return { name, type, timeout: 0 };
}

/** Brings every set of the plan to what it says. The error is ipset's. */
export function restoreSets(ipset: IpsetApi, plan: Plan): Result<void, string> {
  const used = new Set<string>();
  for (const [name, { type, entries }] of [...plan.sets].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const there = ipset.get(name)?.type;
    const kind = there === "hash:ip" || there === "hash:net" ? there : type;
    const temporary = TEMPORARY[kind];
    ipset.create(spec(temporary, kind), true);
    ipset.flush(temporary);
    used.add(temporary);
    for (const entry of entries) {
      const element = elementOf(entry);
      const added = element === undefined ? undefined : ipset.add(temporary, element, true);
      if (added?.ok !== true) return err(`Error in line: add ${temporary} ${entry.text} timeout 0`);
    }
    ipset.create(spec(name, kind), true);
    const swapped = ipset.swap(temporary, name);
    if (!swapped.ok) return err(`Sets cannot be swapped: ${swapped.error.errno}`);
  }
  for (const temporary of used) ipset.destroy(temporary);
  return ok(undefined);
}

/** Removes the sets that no policy has any more, once no rule asks them. */
export function destroyStaleSets(ipset: IpsetApi, plan: Plan): Result<void, string> {
  for (const { name } of ipset.list()) {
    if (!isPolicySet(name) || plan.sets.has(name)) continue;
    if (!ipset.destroy(name).ok)
      return err(
        `failed to delete ipset ${name} due to ipset v7.24: Set cannot be destroyed: it is in use by a kernel component`,
      );
  }
  return ok(undefined);
}
