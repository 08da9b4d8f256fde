import * as v from "valibot";
import { err, ok, type Result } from "../../../../base/result.ts";
import type { JsonObject } from "../../json.ts";
import { type CniDns, firstIssue, schemas } from "../../result.ts";

const NetConfSchema = v.object({
  name: v.optional(v.string(), ""),
  bridge: v.optional(v.string(), "cni0"),
  isGateway: v.optional(v.boolean(), false),
  isDefaultGateway: v.optional(v.boolean(), false),
  forceAddress: v.optional(v.boolean(), false),
  ipMasq: v.optional(v.boolean(), false),
  ipMasqBackend: v.optional(v.string()),
  mtu: v.optional(v.number(), 0),
  hairpinMode: v.optional(v.boolean(), false),
  promiscMode: v.optional(v.boolean(), false),
  vlan: v.optional(v.number(), 0),
  vlanTrunk: v.optional(v.array(v.unknown())),
  macspoofchk: v.optional(v.boolean(), false),
  enabledad: v.optional(v.boolean(), false),
  disableContainerInterface: v.optional(v.boolean(), false),
  portIsolation: v.optional(v.boolean(), false),
  ipam: v.optional(v.looseObject({ type: v.optional(v.string(), "") }), { type: "" }),
  dns: v.optional(schemas.dns, {}),
  args: v.optional(v.object({ cni: v.optional(v.object({ mac: v.optional(v.string()) })) })),
  runtimeConfig: v.optional(v.object({ mac: v.optional(v.string()) })),
});

/** What the bridge plugin understands of its configuration, defaults filled in. */
export interface BridgeConfig {
  readonly name: string;
  readonly bridge: string;
  readonly isGateway: boolean;
  readonly isDefaultGateway: boolean;
  readonly forceAddress: boolean;
  readonly ipMasq: boolean;
  readonly mtu: number;
  readonly hairpinMode: boolean;
  readonly promiscMode: boolean;
  readonly enableDad: boolean;
  readonly disableContainerInterface: boolean;
  readonly portIsolation: boolean;
  /** Type of the IPAM plugin; empty for a layer-2 network. */
  readonly ipam: string;
  readonly dns: CniDns;
  readonly mac?: string;
}

/** MAC= in CNI_ARGS. */
function macOfArgs(args: string): string | undefined {
  return args
    .split(";")
    .find((pair) => pair.startsWith("MAC="))
    ?.slice(4);
}

/** Models: bridge loadNetConf, and the checks at the head of cmdAdd. */
export function loadBridgeConfig(config: JsonObject, cniArgs: string): Result<BridgeConfig, string> {
  const parsed = v.safeParse(NetConfSchema, config);
  if (!parsed.success) return err(`failed to load netconf: ${firstIssue(parsed.issues)}`);
  const n = parsed.output;
  if (n.vlan < 0 || n.vlan > 4094) return err(`invalid VLAN ID ${n.vlan} (must be between 0 and 4094)`);
  const mac = n.runtimeConfig?.mac ?? n.args?.cni?.mac ?? macOfArgs(cniArgs);
  return ok({
    ...n,
    isGateway: n.isGateway || n.isDefaultGateway,
    enableDad: n.enabledad,
    ipam: n.ipam.type,
    ...(mac !== undefined && { mac }),
  });
}

/** What the configuration asks for that cannot be done here, by name. */
export function refusal(config: JsonObject, n: BridgeConfig): string | undefined {
  if (n.ipam !== "" && n.disableContainerInterface)
    return "cannot use IPAM when DisableContainerInterface flag is set";
  if (n.hairpinMode && n.promiscMode) return "cannot set hairpin mode and promiscuous mode at the same time";
  if (config["vlan"] !== undefined && config["vlan"] !== 0) return 'bridge: "vlan" is not modelled yet';
  if (config["vlanTrunk"] !== undefined) return 'bridge: "vlanTrunk" is not modelled yet';
  if (config["macspoofchk"] === true)
    return 'bridge: "macspoofchk" needs nftables, which is not modelled yet';
  return undefined;
}
