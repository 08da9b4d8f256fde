import * as v from "valibot";
import { err, ok, type Result } from "../../base/result.ts";
import { parseMac } from "../../wire/address.ts";
import { parseJson } from "../../container/cni/json.ts";
import { firstIssue } from "../../container/cni/result.ts";

/** One network that a pod asks for. */
export interface Selection {
  readonly name: string;
  readonly namespace: string;
  /** Empty: net1, net2 ... */
  readonly ifName: string;
  readonly mac: string;
  readonly ips: readonly string[];
}

/** IFNAMSIZ - 1. */
const LONGEST_NAME = 15;
const WHO = "parsePodNetworkAnnotation";

const ElementSchema = v.array(
  v.object({
    name: v.string(),
    namespace: v.optional(v.string(), ""),
    interface: v.optional(v.string(), ""),
    mac: v.optional(v.string(), ""),
    ips: v.optional(v.array(v.string()), []),
    "default-route": v.optional(v.never("flannelgraph: multus' default-route is not modelled yet")),
    "cni-args": v.optional(v.never("flannelgraph: multus' cni-args is not modelled yet")),
  }),
);

/** `namespace/name@interface`. Models: parsePodNetworkObjectName. */
function parseItem(item: string): Result<Selection, string> {
  const fail = (what: string): Result<never, string> => err(`parsePodNetworkObjectName: ${what}`);
  const slash = item.split("/");
  if (slash.length > 2) return fail("Invalid network object (failed at '/')");
  const [namespace, rest] = slash.length === 2 ? [slash[0] ?? "", slash[1] ?? ""] : ["", item];
  const at = rest.split("@");
  if (at.length > 2) return fail("Invalid network object (failed at '@')");
  const name = (at[0] ?? "").trim();
  const ifName = (at[1] ?? "").trim();
  for (const part of [namespace.trim(), name])
    if (part !== "" && !/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(part))
      return fail(
        `Failed to parse: one or more items did not match comma-delimited format (must consist of lower case alphanumeric characters). Must start and end with an alphanumeric character), mismatch @ '${part}'`,
      );
  if (ifName.length > LONGEST_NAME || /[ \t\n\v\f\r/]/.test(ifName))
    return fail(
      `Failed to parse interface name: must be less than 15 chars and not contain '/' or spaces. interface name '${ifName}'`,
    );
  return ok({ name, namespace: namespace.trim(), ifName, mac: "", ips: [] });
}

function parseElements(text: string): Result<readonly Selection[], string> {
  const complaint = `${WHO}: failed to parse pod Network Attachment Selection Annotation JSON format`;
  const json = parseJson(text);
  if (!json.ok) return err(`${complaint}: ${json.error}`);
  const parsed = v.safeParse(ElementSchema, json.value);
  if (!parsed.success) return err(`${complaint}: ${firstIssue(parsed.issues)}`);
  return ok(parsed.output.map(({ interface: ifName, ...element }) => ({ ...element, ifName })));
}

/** The annotation k8s.v1.cni.cncf.io/networks: names with commas between them, or a JSON list. Models: parsePodNetworkAnnotation. */
export function parseSelections(text: string, namespace: string): Result<readonly Selection[], string> {
  const out: Selection[] = [];
  if (/[[{"]/.test(text)) {
    const elements = parseElements(text);
    if (!elements.ok) return elements;
    out.push(...elements.value);
  } else
    for (const item of text.split(",")) {
      const parsed = parseItem(item.trim());
      if (!parsed.ok) return err(`${WHO}: ${parsed.error}`);
      out.push(parsed.value);
    }
  const bad = out.find(({ mac }) => mac !== "" && parseMac(mac) === undefined);
  if (bad !== undefined) return err(`${WHO}: failed to mac: address ${bad.mac}: invalid MAC address`);
  return ok(out.map((each) => ({ ...each, namespace: each.namespace === "" ? namespace : each.namespace })));
}
