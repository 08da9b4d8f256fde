import { err, ok, type Result } from "../../../base/result.ts";
import { NANOS_PER_MILLI } from "../../../sim/time.ts";
import { formatIpv4, formatPrefix, inPrefix, type Ipv4, ipv4, parsePrefix } from "../../../wire/address.ts";
import { ApiClient, type ApiStore } from "../../api/index.ts";
import {
  affinityName,
  CalicoClient,
  type CalicoObject,
  cidrToName,
  type Pool,
  poolOf,
  pools,
  selects,
} from "../api/index.ts";
import {
  type AllocationAttributes,
  assign,
  autoAssign,
  blockHost,
  blockPrefix,
  isEmptyBlock,
  newBlock,
  ordinalsOf,
  releaseOrdinals,
} from "./block.ts";

/** What the addresses of a pool may be given to. */
export type IntendedUse = "Workload" | "Tunnel" | "LoadBalancer";

export interface AutoAssignArgs {
  readonly host: string;
  readonly attributes: AllocationAttributes;
  readonly use: IntendedUse;
  /** Names or ranges of pools; all enabled ones that select the node when empty. */
  readonly pools?: readonly string[];
  readonly namespaceLabels?: Readonly<Record<string, string>>;
}

/** An address and the length of the pool's blocks. */
export interface Assignment {
  readonly address: Ipv4;
  readonly length: number;
}

const DEFAULT_MAX_BLOCKS = 20;
type Block = CalicoObject<"IPAMBlock">;

/** FNV-1, 32 bits: where a node begins to look for a block. */
function hostHash(host: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < host.length; i++) hash = (Math.imul(hash, 0x01000193) ^ host.charCodeAt(i)) >>> 0;
  return hash;
}

/**
 * The blocks of a pool, each once, from a place that follows from the node's name. Models: randomBlockGenerator, except
 * that Go's generator of random numbers would begin elsewhere.
 */
function* blocksOf(pool: Pool, host: string): Generator<string> {
  const count = 2 ** Math.max(0, pool.blockSize - pool.prefix.length);
  const size = 2 ** (32 - pool.blockSize);
  const first = hostHash(host) % count;
  for (let i = 0; i < count; i++) {
    const address = ipv4(pool.prefix.address + ((first + i) % count) * size);
    yield formatPrefix({ address, length: pool.blockSize });
  }
}

/**
 * Block-affinity IPAM: a node takes addresses from blocks that it claimed, claims more when they are full (20 at most),
 * and when the pool has no block left, borrows from other nodes' blocks.
 *
 * Models: libcalico-go/lib/ipam. The store is consistent, so nothing is retried.
 */
export class Ipam {
  readonly client: CalicoClient;
  private readonly store: ApiStore;
  private readonly api: ApiClient;

  constructor(store: ApiStore, actor: string) {
    this.store = store;
    this.client = new CalicoClient(store, actor);
    this.api = new ApiClient(store, actor);
  }

  /** One address for a node's pod or tunnel. */
  autoAssign(args: AutoAssignArgs): Result<Assignment, string> {
    const candidates = this.poolsFor(args);
    if (!candidates.ok) return candidates;
    const { strictAffinity, autoAllocateBlocks, maxBlocks } = this.config();
    const own = this.affineBlocks(args.host, candidates.value);
    for (const block of own) {
      const got = this.assignFrom(block, args.attributes);
      if (got !== undefined) return ok(got);
    }
    if (own.length >= maxBlocks)
      return err("failed to request IPv4 addresses: cannot allocate new block due to per host block limit");
    if (!autoAllocateBlocks) return err("failed to find or claim a block");
    const claimed = this.claimFrom(args.host, candidates.value);
    const got = claimed === undefined ? undefined : this.assignFrom(claimed, args.attributes);
    if (got !== undefined) return ok(got);
    const borrowed = strictAffinity ? undefined : this.borrow(args, candidates.value);
    if (borrowed !== undefined) return ok(borrowed);
    const why = strictAffinity
      ? "No more free affine blocks and strict affinity enabled"
      : `No IPs available in pools: [${candidates.value.map(({ cidr }) => cidr).join(" ")}]`;
    return err(`failed to request IPv4 addresses: Assigned 0 out of 1 requested IPv4 addresses; ${why}`);
  }

  /** One certain address. Models: AssignIP. */
  assignIp(host: string, address: Ipv4, attributes: AllocationAttributes): Result<Assignment, string> {
    const pool = poolOf(this.enabledPools(), address);
    if (pool === undefined)
      return err(`The provided IP address ${formatIpv4(address)} is not in a configured pool\n`);
    const size = 2 ** (32 - pool.blockSize);
    const base = ipv4(address - ((address - pool.prefix.address) % size));
    const cidr = formatPrefix({ address: base, length: pool.blockSize });
    const block = this.block(cidr) ?? this.claim(host, cidr);
    const next = assign(block.spec, address, attributes);
    if (next === undefined)
      return err(
        `resource already exists: ${formatIpv4(address)} with error: Address already assigned in block`,
      );
    this.client.update("IPAMBlock", { ...block, spec: next });
    this.count(attributes.handle_id, cidr, 1);
    return ok({ address, length: 32 });
  }

  /** Frees every address of a handle; false when there is no such handle. */
  releaseByHandle(handle: string): boolean {
    const filed = this.client.get("IPAMHandle", handle.toLowerCase());
    if (filed === undefined) return false;
    for (const cidr of Object.keys(filed.spec.block)) {
      const block = this.block(cidr);
      if (block === undefined) continue;
      this.release(block, ordinalsOf(block.spec, handle), handle);
    }
    return true;
  }

  /** The addresses of a handle. */
  ipsByHandle(handle: string): readonly Ipv4[] {
    const filed = this.client.get("IPAMHandle", handle.toLowerCase());
    return Object.keys(filed?.spec.block ?? {}).flatMap((cidr) => {
      const block = this.block(cidr);
      if (block === undefined) return [];
      return ordinalsOf(block.spec, handle).map((ordinal) => ipv4(blockPrefix(cidr).address + ordinal));
    });
  }

  /** Frees one address, whoever holds it; false when nobody does. */
  releaseIp(address: Ipv4): boolean {
    const block = this.blocks().find(({ spec }) => {
      const { address: base, length } = blockPrefix(spec.cidr);
      return inPrefix(address, base, length);
    });
    if (block === undefined) return false;
    const ordinal = address - blockPrefix(block.spec.cidr).address;
    const index = block.spec.allocations[ordinal];
    if (index === undefined || index === null) return false;
    this.release(block, [ordinal], block.spec.attributes[index]?.handle_id ?? "");
    return true;
  }

  blocks(): readonly Block[] {
    return this.client.list("IPAMBlock");
  }

  /** The node gives its blocks back; those with addresses in use stay as nobody's. Models: ReleaseHostAffinities. */
  releaseHostAffinities(host: string): void {
    for (const affinity of this.client.list("BlockAffinity")) {
      if (affinity.spec.node !== host) continue;
      this.releaseAffinity(host, affinity.spec.cidr);
    }
  }

  /** Models: releaseBlockAffinity. */
  releaseAffinity(host: string, cidr: string): void {
    const block = this.block(cidr);
    if (block !== undefined && blockHost(block.spec) === host) {
      if (isEmptyBlock(block.spec)) this.client.delete("IPAMBlock", block.metadata.name);
      else {
        const { affinity: _, ...rest } = block.spec;
        this.client.update("IPAMBlock", { ...block, spec: rest });
      }
    }
    this.client.delete("BlockAffinity", affinityName(host, cidr));
  }

  private config(): { strictAffinity: boolean; autoAllocateBlocks: boolean; maxBlocks: number } {
    const spec = this.client.get("IPAMConfig", "default")?.spec;
    const { strictAffinity = false, autoAllocateBlocks = true, maxBlocksPerHost = 0 } = spec ?? {};
    return {
      strictAffinity,
      autoAllocateBlocks,
      maxBlocks: maxBlocksPerHost === 0 ? DEFAULT_MAX_BLOCKS : maxBlocksPerHost,
    };
  }

  private enabledPools(): readonly Pool[] {
    return pools(this.client).filter((pool) => !pool.disabled);
  }

  /** Models: determinePools and the filter by use. */
  private poolsFor(args: AutoAssignArgs): Result<readonly Pool[], string> {
    const enabled = this.enabledPools();
    if (enabled.length === 0) return err("no configured Calico pools");
    const asked = args.pools ?? [];
    const labels = this.api.get("Node", "", args.host)?.metadata.labels ?? {};
    const chosen: Pool[] = [];
    for (const name of asked) {
      const pool = enabled.find((each) => each.name === name || each.cidr === name);
      if (pool === undefined) return err(`the given pool (${name}) does not exist, or is not enabled`);
      chosen.push(pool);
    }
    const selected =
      asked.length > 0
        ? chosen
        : enabled.filter(
            (pool) =>
              !pool.manual &&
              selects(pool.nodeSelector, labels) &&
              (pool.namespaceSelector === "" || selects(pool.namespaceSelector, args.namespaceLabels ?? {})),
          );
    if (selected.length === 0) return err(`no configured Calico pools for node ${args.host}`);
    const usable = selected.filter(({ allowedUses }) => allowedUses.includes(args.use));
    return usable.length > 0
      ? ok(usable)
      : err(`cannot find a qualified ippool, no pools match the required use (${args.use})`);
  }

  private block(cidr: string): Block | undefined {
    return this.client.get("IPAMBlock", cidrToName(cidr));
  }

  private affineBlocks(host: string, among: readonly Pool[]): readonly Block[] {
    return this.client
      .list("BlockAffinity")
      .filter(({ spec }) => spec.node === host && (spec.type ?? "host") === "host")
      .flatMap(({ spec }) => {
        const base = parsePrefix(spec.cidr)?.address;
        if (base === undefined || poolOf(among, base) === undefined) return [];
        return this.block(spec.cidr) ?? this.claim(host, spec.cidr);
      });
  }

  private assignFrom(block: Block, attributes: AllocationAttributes): Assignment | undefined {
    const got = autoAssign(block.spec, attributes, this.reserved());
    if (got === undefined) return undefined;
    this.client.update("IPAMBlock", { ...block, spec: got.block });
    this.count(attributes.handle_id, block.spec.cidr, 1);
    return { address: got.address, length: blockPrefix(block.spec.cidr).length };
  }

  private reserved(): (address: Ipv4) => boolean {
    const ranges = this.client
      .list("IPReservation")
      .flatMap(({ spec }) => spec.reservedCIDRs ?? [])
      .flatMap((cidr) => parsePrefix(cidr) ?? []);
    return (address) => ranges.some((range) => inPrefix(address, range.address, range.length));
  }

  private claimFrom(host: string, among: readonly Pool[]): Block | undefined {
    for (const pool of among)
      for (const cidr of blocksOf(pool, host))
        if (this.block(cidr) === undefined) return this.claim(host, cidr);
    return undefined;
  }

  /** Pending, then the block, then confirmed. Models: getPendingAffinity and claimAffineBlock. */
  private claim(host: string, cidr: string): Block {
    const name = affinityName(host, cidr);
    const spec = { cidr, node: host, type: "host", deleted: "false" };
    if (this.client.get("BlockAffinity", name) === undefined)
      this.client.create("BlockAffinity", { metadata: { name }, spec: { ...spec, state: "pending" } });
    const nanos = Math.floor(this.store.now / NANOS_PER_MILLI);
    const made = this.client.create("IPAMBlock", {
      metadata: { name: cidrToName(cidr) },
      spec: newBlock(cidr, `host:${host}`, nanos),
    });
    if (!made.ok) throw new Error(`bug: block ${cidr}: ${made.error.message}`);
    const pending = this.client.get("BlockAffinity", name);
    if (pending !== undefined)
      this.client.update("BlockAffinity", { ...pending, spec: { ...spec, state: "confirmed" } });
    return made.value;
  }

  private borrow(args: AutoAssignArgs, among: readonly Pool[]): Assignment | undefined {
    for (const pool of among)
      for (const cidr of blocksOf(pool, args.host)) {
        const block = this.block(cidr);
        const got = block === undefined ? undefined : this.assignFrom(block, args.attributes);
        if (got !== undefined) return got;
      }
    return undefined;
  }

  private release(block: Block, ordinals: readonly number[], handle: string): void {
    if (ordinals.length === 0) return;
    const spec = releaseOrdinals(block.spec, ordinals);
    if (isEmptyBlock(spec) && blockHost(spec) === undefined)
      this.client.delete("IPAMBlock", block.metadata.name);
    else this.client.update("IPAMBlock", { ...block, spec });
    this.count(handle, block.spec.cidr, -ordinals.length);
  }

  /** Keeps the handle's count of a block; a handle of nothing goes. Models: incrementHandle, decrementHandle. */
  private count(handle: string, cidr: string, by: number): void {
    if (handle === "") return;
    const name = handle.toLowerCase();
    const filed = this.client.get("IPAMHandle", name);
    const before = filed?.spec.block ?? {};
    const { [cidr]: held = 0, ...others } = before;
    const block = held + by > 0 ? { ...others, [cidr]: held + by } : others;
    const spec = { handleID: handle, block, deleted: false };
    if (filed === undefined) this.client.create("IPAMHandle", { metadata: { name }, spec });
    else if (Object.keys(block).length === 0) this.client.delete("IPAMHandle", name);
    else this.client.update("IPAMHandle", { ...filed, spec });
  }
}
