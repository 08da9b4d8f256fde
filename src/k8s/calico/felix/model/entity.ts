import { LABELS, NAMESPACE_PREFIX, SERVICE_ACCOUNT_PREFIX } from "./types.ts";
import { parseSelector, prefixed } from "../selector/parse.ts";

/** One side of a rule as policies say it. */
export interface Entity {
  readonly selector: string;
  readonly namespaceSelector: string;
  readonly notSelector: string;
  readonly serviceAccounts?:
    { readonly names?: readonly string[] | undefined; readonly selector?: string | undefined } | undefined;
}

/** Models: parseServiceAccounts. */
function serviceAccountSelector({ serviceAccounts }: Entity): string {
  if (serviceAccounts === undefined) return "";
  const { names = [], selector = "" } = serviceAccounts;
  const bySelector = selector === "" ? "" : prefixed(selector, SERVICE_ACCOUNT_PREFIX);
  if (names.length === 0) return bySelector;
  const parsed = parseSelector(`${LABELS.serviceAccount} in { '${names.join("', '")}' }`);
  if (!parsed.ok) return "";
  return bySelector === "" ? parsed.value.text : `(${bySelector}) && (${parsed.value.text})`;
}

/** Everything in some namespace, and everything in none. */
function namespaceExpression(selector: string): string {
  return prefixed(selector, NAMESPACE_PREFIX)
    .replaceAll("all()", `has(${LABELS.namespace})`)
    .replaceAll("global()", `!has(${LABELS.namespace})`);
}

/**
 * One selector for all that an entity says. `home` is the namespace of the policy, empty for one of all namespaces: as
 * soon as the entity says anything, it is about its own namespace unless it says about which.
 *
 * Models: libcalico-go GetEntityRuleSelector.
 */
export function entitySelector(entity: Entity, home: string): string {
  const { namespaceSelector, notSelector } = entity;
  const parts = [serviceAccountSelector(entity), entity.selector].filter((part) => part !== "");
  const own = parts.length > 1 ? `(${parts.join(") && (")})` : (parts[0] ?? "");
  const within =
    namespaceSelector !== ""
      ? namespaceExpression(namespaceSelector)
      : home === ""
        ? ""
        : `${LABELS.namespace} == '${home}'`;
  if (within === "" || (own === "" && notSelector === "" && namespaceSelector === "")) return own;
  return own === "" ? within : `(${within}) && (${own})`;
}

/** `selector` narrowed by another one about inherited labels. Models: prefixAndAppendSelector. */
export function narrowed(selector: string, by: string, prefix: string): string {
  const other = by === "" ? "" : prefixed(by, prefix);
  if (other === "") return selector;
  return selector === "" ? other : `(${selector}) && ${other}`;
}

/** `80`, `8000:8100` or a name; undefined for what is no port. Models: numorstring.PortFromString. */
export function parsePort(
  text: string,
): { readonly first: number; readonly last: number } | string | undefined {
  const range = /^(\d+)(?::(\d+))?$/.exec(text);
  if (range === null) return /^[a-zA-Z0-9_.-]{1,128}$/.test(text) ? text : undefined;
  const first = Number(range[1]);
  const last = Number(range[2] ?? range[1]);
  return first > 65535 || last > 65535 || first > last ? undefined : { first, last };
}
