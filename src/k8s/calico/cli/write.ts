import { err, ok, type Result } from "../../../base/result.ts";
import { isRecord, type JsonRecord, jsonText } from "../../../formats/json.ts";
import { inPrefix, parsePrefix } from "../../../wire/address.ts";
import { ApiClient, type ApiError, type ApiStore } from "../../api/index.ts";
import {
  CALICO_API_VERSION,
  CalicoClient,
  type CalicoKind,
  NODE_ANNOTATIONS,
  pools,
  resourceId,
} from "../api/index.ts";
import { blockHost } from "../ipam/block.ts";
import { Ipam } from "../ipam/ipam.ts";
import { isPolicy, kindNamed, type ResourceKind, storedName } from "./resources.ts";

const ACTOR = "calicoctl";

/** An object of a file. */
export interface Given {
  readonly kind: ResourceKind;
  readonly name: string;
  readonly namespace: string;
  readonly metadata: JsonRecord;
  readonly spec: JsonRecord;
}

/** Reads one document; the words of what is wrong. */
export function readGiven(tree: JsonRecord, namespace: string): Result<Given, string> {
  const name = jsonText(tree["kind"]);
  const kind = name === "" ? undefined : kindNamed(name);
  if (tree["apiVersion"] !== "projectcalico.org/v3" || kind === undefined)
    return err(`Unknown resource type (${name}) and/or version (${jsonText(tree["apiVersion"])})`);
  const metadata = isRecord(tree["metadata"]) ? tree["metadata"] : {};
  const own = jsonText(metadata["name"]);
  if (own === "") return err("error with field Metadata.Name = '' (name is required)");
  return ok({
    kind,
    name: own,
    namespace: kind.namespaced ? jsonText(metadata["namespace"]) || namespace : "",
    metadata,
    spec: isRecord(tree["spec"]) ? tree["spec"] : {},
  });
}

const field = (name: string, value: string, why: string): string =>
  `error with field ${name} = '${value}' (${why})`;

/** Defaults and checks of a pool. Models: clientv3/ippool.go validateAndSetDefaults. */
function checkPool(
  store: ApiStore,
  given: Given,
  before: JsonRecord | undefined,
): Result<JsonRecord, string> {
  const cidr = jsonText(given.spec["cidr"]);
  const prefix = parsePrefix(cidr);
  if (prefix === undefined) return err(field("IPPool.Spec.CIDR", cidr, "IPPool CIDR must be a valid subnet"));
  const spec: JsonRecord = {
    allowedUses: ["Workload", "Tunnel"],
    assignmentMode: "Automatic",
    blockSize: 26,
    ipipMode: "Never",
    nodeSelector: "all()",
    vxlanMode: "Never",
    ...given.spec,
  };
  if (spec["ipipMode"] !== "Never" && spec["vxlanMode"] !== "Never")
    return err(
      field(
        "IPPool.Spec.VXLANMode",
        jsonText(spec["vxlanMode"]),
        "IPIPMode and VXLANMode cannot both be enabled on the same IP pool",
      ),
    );
  const size = Number(spec["blockSize"]);
  if (size < 20 || size > 32)
    return err(field("IPPool.Spec.BlockSize", String(size), "block size must be between 20 and 32"));
  if (size < prefix.length)
    return err(
      field(
        "IPPool.Spec.CIDR",
        cidr,
        "IP pool size is too small for use with Calico IPAM. It must be equal to or greater than the block size.",
      ),
    );
  if (before !== undefined && before["cidr"] !== cidr)
    return err(field("IPPool.Spec.CIDR", cidr, "IPPool CIDR cannot be modified"));
  if (before !== undefined && Number(before["blockSize"] ?? 26) !== size)
    return err(field("IPPool.Spec.BlockSize", String(size), "IPPool BlockSize cannot be modified"));
  for (const other of pools(new CalicoClient(store, ACTOR))) {
    if (other.name === given.name) continue;
    const overlaps =
      inPrefix(prefix.address, other.prefix.address, other.prefix.length) ||
      inPrefix(other.prefix.address, prefix.address, prefix.length);
    if (overlaps)
      return err(
        field(
          "IPPool.Spec.CIDR",
          cidr,
          `IPPool(${given.name}) CIDR overlaps with IPPool(${other.name}) CIDR ${other.cidr}`,
        ),
      );
  }
  return ok(spec);
}

/** Types that a policy does not name follow from its rules. Models: defaultPolicyTypesField. */
function policySpec(spec: JsonRecord): JsonRecord {
  const has = (name: string): boolean => spec[name] !== undefined;
  const types = has("egress") ? (has("ingress") ? ["Ingress", "Egress"] : ["Egress"]) : ["Ingress"];
  return { tier: "default", types, ...spec };
}

function words(error: ApiError, given: Given): string {
  const id = given.kind.namespaced
    ? `${given.kind.kind}(${given.namespace}/${given.name})`
    : `${given.kind.kind}(${given.name})`;
  if (error.reason === "NotFound") return `resource does not exist: ${id} with error: ${error.message}`;
  return error.reason === "AlreadyExists" ? `resource already exists: ${id}` : error.message;
}

/** A Node's BGP settings become annotations of the Kubernetes Node. */
function writeNode(store: ApiStore, given: Given): Result<void, string> {
  const api = new ApiClient(store, ACTOR);
  const bgp = isRecord(given.spec["bgp"]) ? given.spec["bgp"] : {};
  const pairs = [
    [NODE_ANNOTATIONS.asNumber, bgp["asNumber"]],
    [NODE_ANNOTATIONS.ipv4Address, bgp["ipv4Address"]],
    [NODE_ANNOTATIONS.routeReflectorClusterId, bgp["routeReflectorClusterID"]],
  ] as const;
  const made = api.modify("Node", "", given.name, (node) => {
    const kept = Object.entries(node.metadata.annotations ?? {}).filter(
      ([key]) => !pairs.some(([known]) => known === key),
    );
    const written = pairs.flatMap(([key, value]) =>
      value === undefined ? [] : [[key, jsonText(value)] as const],
    );
    const annotations = Object.fromEntries([...kept, ...written]);
    const labels = isRecord(given.metadata["labels"])
      ? Object.fromEntries(
          Object.entries(given.metadata["labels"]).map(([key, value]) => [key, jsonText(value)]),
        )
      : node.metadata.labels;
    return { ...node, metadata: { ...node.metadata, annotations, labels } };
  });
  return made.ok ? ok() : err(words(made.error, given));
}

/** Creates or changes an object. `verb` says which of the two is allowed. */
export function writeGiven(
  store: ApiStore,
  given: Given,
  verb: "apply" | "create" | "replace",
): Result<void, string> {
  const { kind } = given;
  if (kind.kind === "Node") return writeNode(store, given);
  if (kind.kind === "WorkloadEndpoint")
    return err(
      `operation ${verb} is not supported on WorkloadEndpoint(${given.name}): pods are made through the Kubernetes API`,
    );
  const id = resourceId(kind.kind as CalicoKind);
  if (!store.resources().some((resource) => resource.id === id))
    return err(
      `resource does not exist: ${kind.kind}(${given.name}) with error: the server could not find the requested resource`,
    );
  const name = storedName(kind.kind, given.name);
  const current = store.get(id, given.namespace, name);
  if (verb === "create" && current !== undefined)
    return err(`resource already exists: ${kind.kind}(${given.name})`);
  if (verb === "replace" && current === undefined)
    return err(`resource does not exist: ${kind.kind}(${given.name}) with error: not found`);
  const before: unknown = current !== undefined && "spec" in current ? current.spec : undefined;
  const checked =
    kind.kind === "IPPool" ? checkPool(store, given, isRecord(before) ? before : undefined) : ok(given.spec);
  if (!checked.ok) return checked;
  const labels = isRecord(given.metadata["labels"])
    ? { labels: given.metadata["labels"] as Record<string, string> }
    : {};
  const renamed = name === given.name ? {} : { annotations: { "projectcalico.org/name": given.name } };
  const body = {
    apiVersion: CALICO_API_VERSION,
    kind: kind.kind,
    spec: isPolicy(kind.kind) ? policySpec(checked.value) : checked.value,
  };
  const where = kind.namespaced ? { namespace: given.namespace } : {};
  const made =
    current === undefined
      ? store.create(ACTOR, id, { ...body, metadata: { name, ...where, ...labels, ...renamed } })
      : store.update(ACTOR, id, { ...body, metadata: { ...current.metadata, ...labels } });
  return made.ok ? ok() : err(words(made.error, given));
}

/** A pool gives its empty blocks back before it goes. Models: clientv3/ippool.go Delete. */
function releasePool(store: ApiStore, name: string): void {
  const ipam = new Ipam(store, ACTOR);
  const pool = pools(ipam.client).find((each) => each.name === name);
  if (pool === undefined) return;
  for (const { spec } of ipam.blocks()) {
    const base = parsePrefix(spec.cidr);
    const host = blockHost(spec);
    if (
      base !== undefined &&
      host !== undefined &&
      inPrefix(base.address, pool.prefix.address, pool.prefix.length)
    )
      ipam.releaseAffinity(host, spec.cidr);
  }
}

export function deleteGiven(store: ApiStore, given: Given): Result<void, string> {
  const { kind } = given;
  if (kind.kind === "Node") return err("deleting nodes is done through the Kubernetes API");
  const id = resourceId(kind.kind as CalicoKind);
  if (kind.kind === "IPPool") releasePool(store, given.name);
  const gone = store.delete(ACTOR, id, given.namespace, storedName(kind.kind, given.name));
  return gone.ok ? ok() : err(words(gone.error, given));
}
