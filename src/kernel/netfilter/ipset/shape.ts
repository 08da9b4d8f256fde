import type { IpsetSpec, IpsetType } from "../../uapi/ipset.ts";

/** What stands at each place of an element. */
export type Dimension = "ip" | "net" | "port" | "set";

/** Dimensions, revision and the size of an element in the kernel's memory, of each type. */
export interface Shape {
  readonly dimensions: readonly Dimension[];
  readonly revision: number;
  /** Bytes of an element without extensions: IPv4, IPv6. */
  readonly size: readonly [number, number];
  /** Takes `netmask`, for which the kernel keeps 16 bytes. */
  readonly masks: boolean;
}

export const SHAPES: Readonly<Record<IpsetType, Shape>> = {
  "hash:ip": { dimensions: ["ip"], revision: 6, size: [4, 16], masks: true },
  "hash:net": { dimensions: ["net"], revision: 7, size: [8, 20], masks: false },
  "hash:ip,port": { dimensions: ["ip", "port"], revision: 7, size: [8, 20], masks: true },
  "hash:ip,port,ip": { dimensions: ["ip", "port", "ip"], revision: 6, size: [12, 36], masks: false },
  "hash:ip,port,net": { dimensions: ["ip", "port", "net"], revision: 8, size: [12, 36], masks: false },
  "hash:net,port": { dimensions: ["net", "port"], revision: 8, size: [8, 20], masks: false },
  "hash:net,net": { dimensions: ["net", "net"], revision: 4, size: [12, 36], masks: true },
  "bitmap:ip": { dimensions: ["ip"], revision: 3, size: [0, 0], masks: true },
  "bitmap:port": { dimensions: ["port"], revision: 3, size: [0, 0], masks: false },
  "list:set": { dimensions: ["set"], revision: 3, size: [0, 0], masks: false },
};

/** Bytes of a hash table without elements, of one bucket (which holds two elements), and of the counts per prefix length. */
const HASH_BYTES = 192;
const BUCKET_BYTES = 32;
const BUCKET_ELEMENTS = 2;
const COMMENT_BYTES = 17;
const LIST_BYTES = 80;
const LIST_ELEMENT_BYTES = 48;

/** `Size in memory` of a set whose elements all have buckets of their own. Models: mtype_ahash_memsize, memsize of the others. */
export function memoryOf(spec: IpsetSpec, elements: number, comments: readonly string[]): number {
  const shape = SHAPES[spec.type];
  const v6 = spec.family === "inet6" ? 1 : 0;
  const text = comments.reduce((bytes, comment) => bytes + COMMENT_BYTES + comment.length, 0);
  const extensions = extensionBytes(spec);
  if (spec.type === "list:set") return LIST_BYTES + elements * (LIST_ELEMENT_BYTES + extensions) + text;
  if (spec.range !== undefined) {
    const step = spec.type === "bitmap:ip" ? 2 ** (32 - (spec.netmask ?? 32)) : 1;
    const places = Math.floor((spec.range.to - spec.range.from) / step) + 1;
    const base = spec.type === "bitmap:ip" ? 88 : 72;
    return base + Math.ceil(places / 64) * 8 + places * extensions + text;
  }
  const size = shape.size[v6];
  const element = extensions === 0 ? size : Math.ceil(size / 8) * 8 + extensions;
  const nets = shape.dimensions.includes("net") ? (v6 === 1 ? 128 : 32) * 8 : 0;
  const head = HASH_BYTES + Math.ceil((size + (shape.masks ? 16 : 0)) / 8) * 8 + nets;
  return head + elements * (BUCKET_BYTES + BUCKET_ELEMENTS * element) + text;
}

function extensionBytes(spec: IpsetSpec): number {
  return (
    (spec.timeout === undefined ? 0 : 8) +
    (spec.counters === true ? 16 : 0) +
    (spec.comment === true ? 8 : 0) +
    (spec.skbinfo === true ? 16 : 0)
  );
}
