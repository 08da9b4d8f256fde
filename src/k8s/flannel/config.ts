import { err, ok, type Result } from "../../base/result.ts";
import { isObject, type Json, type JsonObject, kindOf, parseObject } from "../../container/cni/json.ts";
import { type Ipv4Prefix, parsePrefix } from "../../wire/address.ts";

/** net-conf.json as far as flanneld reads it in Kubernetes mode. */
export interface NetworkConfig {
  readonly enableIpv4: boolean;
  readonly enableIpv6: boolean;
  readonly enableNftables: boolean;
  /** As written: "10.244.0.0/16". Absent: empty. */
  readonly network: Ipv4Prefix | undefined;
  readonly backendType: string;
  readonly backend: JsonObject;
}

/** Go matches field names without regard to case. */
export function field(object: JsonObject, name: string): Json | undefined {
  if (object[name] !== undefined) return object[name];
  const key = Object.keys(object).find((candidate) => candidate.toLowerCase() === name.toLowerCase());
  return key === undefined ? undefined : object[key];
}

const GO_TYPES = { boolean: "bool", number: "int", string: "string" } as const;

/** A scalar field of a Go struct, with the error that json.Unmarshal gives for a wrong one. */
export function scalar<T extends boolean | number | string>(
  object: JsonObject,
  struct: string,
  name: string,
  absent: T,
): Result<T, string> {
  const value = field(object, name);
  if (value === undefined || value === null) return ok(absent);
  const is = (candidate: Json): candidate is T => typeof candidate === typeof absent;
  if (is(value)) return ok(value);
  const goType =
    typeof absent === "boolean"
      ? GO_TYPES.boolean
      : typeof absent === "number"
        ? GO_TYPES.number
        : GO_TYPES.string;
  return err(
    `json: cannot unmarshal ${kindOf(value)} into Go struct field ${struct}.${name} of type ${goType}`,
  );
}

/** Models: flannel pkg/subnet ParseConfig. */
export function parseConfig(text: string): Result<NetworkConfig, string> {
  const parsed = parseObject(text, "subnet.Config");
  if (!parsed.ok) return parsed;
  const raw = parsed.value;
  const enableIpv4 = scalar<boolean>(raw, "Config", "EnableIPv4", true);
  const enableIpv6 = scalar<boolean>(raw, "Config", "EnableIPv6", false);
  const enableNftables = scalar<boolean>(raw, "Config", "EnableNFTables", false);
  const networkText = scalar<string>(raw, "Config", "Network", "");
  if (!enableIpv4.ok) return enableIpv4;
  if (!enableIpv6.ok) return enableIpv6;
  if (!enableNftables.ok) return enableNftables;
  if (!networkText.ok) return networkText;
  const network = networkText.value === "" ? undefined : parsePrefix(networkText.value);
  if (networkText.value !== "" && (network === undefined || !networkText.value.includes("/")))
    return err(`invalid CIDR address: ${networkText.value}`);
  const backend = field(raw, "Backend");
  if (backend !== undefined && !isObject(backend))
    return err(
      `error decoding Backend property of config: json: cannot unmarshal ${kindOf(backend)} into Go value of type struct { Type string }`,
    );
  const type = backend === undefined ? ok<string>("udp") : scalar<string>(backend, "", "Type", "");
  if (!type.ok) return err(`error decoding Backend property of config: ${type.error}`);
  return ok({
    enableIpv4: enableIpv4.value,
    enableIpv6: enableIpv6.value,
    enableNftables: enableNftables.value,
    network,
    backendType: type.value,
    backend: backend ?? {},
  });
}
