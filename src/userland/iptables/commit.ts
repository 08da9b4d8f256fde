import { refuse } from "../args/exit.ts";
import { fail } from "../args/exit.ts";
import { IPTABLES_VERSION } from "../../formats/iptables/failure.ts";
import { maskLength } from "../../formats/iptables/address.ts";
import type { NetApi, XtError, XtFamily, XtOperation, XtTableName } from "../../kernel/uapi/index.ts";
import { strerror } from "../os/errno.ts";
import type { Step } from "./table-edit.ts";

/** The kernel said no to a transaction. */
const RESOURCE_PROBLEM = 4;

/** Errors that are told one by one stop here. */
const MAX_TOLD = 100;

/** "! -s 0/0" would never match; the kernel refuses an empty comparison. */
function neverMatches(operation: XtOperation): boolean {
  if (!("rule" in operation)) return false;
  return [operation.rule.source, operation.rule.dest].some(
    (address) => address?.invert === true && maskLength(address.mask) === 0,
  );
}

interface Failed {
  readonly step: Step;
  readonly reason: string;
}

function refusedBy(error: XtError): string {
  const prefix = "flannelgraph: ";
  if (error.extack?.startsWith(prefix) === true)
    return refuse(error.extack.slice(prefix.length).replace(/ is not modelled yet$/, ""));
  return strerror(error.errno);
}

/** A step that no kernel takes: a transaction that ends in it is tried and never carried out. */
const NEVER: XtOperation = { op: "delete-chain", chain: "" };

/** Further steps that the kernel would have refused, had the first been left out. */
function othersRefused(
  net: NetApi,
  family: XtFamily,
  table: XtTableName,
  steps: readonly Step[],
  first: Failed,
): readonly Failed[] {
  const failed = [first];
  let rest = steps.filter((step) => step !== first.step);
  while (failed.length < MAX_TOLD) {
    const tried = net.xtables.commit(family, table, [...rest.map(({ operation }) => operation), NEVER]);
    const step = tried.ok ? undefined : rest[tried.error.step];
    if (tried.ok || step === undefined) break;
    failed.push({ step, reason: refusedBy(tried.error) });
    rest = rest.filter((other) => other !== step);
  }
  return failed;
}

/**
 * Hands the steps to the kernel in one transaction; ends the program when it refuses one. `restoring` is the program's
 * name when it reads a saved rule set: it tells every refusal, with its line. Models: nft_action.
 */
export function commitSteps(
  net: NetApi,
  family: XtFamily,
  table: XtTableName,
  steps: readonly Step[],
  program: string,
  restoring: boolean,
): void {
  const never = steps.find(({ operation }) => neverMatches(operation));
  const done =
    never === undefined
      ? net.xtables.commit(
          family,
          table,
          steps.map(({ operation }) => operation),
        )
      : undefined;
  if (done?.ok === true) return;
  const step = never ?? (done === undefined ? undefined : steps[done.error.step]);
  const reason = done === undefined ? strerror("EINVAL") : refusedBy(done.error);
  if (step === undefined) fail(RESOURCE_PROBLEM, `${program} ${IPTABLES_VERSION}: ${reason}\n`);
  const tell = (failed: Failed): string =>
    `${failed.step.label} failed (${failed.reason}): ${failed.step.about}\n`;
  const first: Failed = { step, reason };
  const head = `${program} ${IPTABLES_VERSION}: `;
  if (!restoring) fail(RESOURCE_PROBLEM, `${head} ${tell(first)}`);
  const all = othersRefused(net, family, table, steps, first);
  fail(RESOURCE_PROBLEM, `${head}\n${all.map((one) => `line ${one.step.line}: ${tell(one)}`).join("")}`);
}
