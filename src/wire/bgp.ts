import { getU16, getU32, setU16, setU32 } from "../base/bytes.ts";
import { err, ok, type Result } from "../base/result.ts";
import { formatIpv4, formatPrefix, type Ipv4, ipv4, type Ipv4Prefix, mask } from "./address.ts";

/** Border Gateway Protocol 4 (RFC 4271), IPv4 unicast, with capabilities (5492), refresh (2918) and additional paths (7911). */

export const BGP_PORT = 179;
export const BGP_HEADER = 19;
export const BGP_MAX_LENGTH = 4096;
/** RFC 6793: what a four-byte AS number becomes in a two-byte field. */
export const AS_TRANS = 23456;

export const BGP_OPEN = 1;
export const BGP_UPDATE = 2;
export const BGP_NOTIFICATION = 3;
export const BGP_KEEPALIVE = 4;
export const BGP_ROUTE_REFRESH = 5;

/** Capability codes (IANA). Others are carried as numbers. */
export const BGP_CAP = {
  multiprotocol: 1,
  routeRefresh: 2,
  gracefulRestart: 64,
  as4: 65,
  addPath: 69,
  enhancedRefresh: 70,
  longLivedGracefulRestart: 71,
} as const;

/** A capability of an OPEN, by its code. */
export interface BgpCapability {
  readonly code: number;
  readonly data: Uint8Array;
}

/** A path attribute as it stands: `bgp-path.ts` reads and writes what is in it. */
export interface BgpAttribute {
  /** Bits 7 to 5: optional, transitive, partial; the extended-length bit is set as the length needs. */
  readonly flags: number;
  readonly code: number;
  readonly data: Uint8Array;
}

/** A prefix, with its path identifier where additional paths were agreed upon. */
export interface BgpNlri {
  readonly prefix: Ipv4Prefix;
  readonly pathId?: number;
}

export interface BgpOpen {
  readonly type: "open";
  readonly version: number;
  /** The two-byte field. */
  readonly as: number;
  /** In seconds. */
  readonly holdTime: number;
  readonly id: Ipv4;
  readonly capabilities: readonly BgpCapability[];
}

export interface BgpUpdate {
  readonly type: "update";
  readonly withdrawn: readonly BgpNlri[];
  readonly attributes: readonly BgpAttribute[];
  readonly nlri: readonly BgpNlri[];
}

export interface BgpNotification {
  readonly type: "notification";
  readonly code: number;
  readonly subcode: number;
  readonly data: Uint8Array;
}

export interface BgpRefresh {
  readonly type: "route-refresh";
  readonly afi: number;
  /** RFC 7313: 0 request, 1 beginning, 2 end. */
  readonly subtype: number;
  readonly safi: number;
}

export type BgpMessage = BgpOpen | BgpUpdate | BgpNotification | BgpRefresh | { readonly type: "keepalive" };

export type BgpError = "truncated" | "bad-marker" | "bad-length" | "bad-type" | "bad-open" | "bad-update";

/** Whether the bytes may be the beginning of a BGP message: its marker. */
export function looksLikeBgp(b: Uint8Array, from: number, to: number): boolean {
  if (to - from < BGP_HEADER) return false;
  for (let i = 0; i < 16; i++) if (b[from + i] !== 255) return false;
  return true;
}

/** The length that a message's header says; undefined when the header is not there yet. */
export function bgpLength(b: Uint8Array, from = 0, to = b.length): number | undefined {
  return to - from < BGP_HEADER ? undefined : getU16(b, from + 16);
}

function readNlri(b: Uint8Array, from: number, to: number, addPath: boolean): BgpNlri[] | undefined {
  const out: BgpNlri[] = [];
  for (let at = from; at < to;) {
    let pathId: number | undefined;
    if (addPath) {
      if (at + 5 > to) return undefined;
      pathId = getU32(b, at);
      at += 4;
    }
    const length = b[at]!;
    const bytes = (length + 7) >> 3;
    if (length > 32 || at + 1 + bytes > to) return undefined;
    let address = 0;
    for (let i = 0; i < bytes; i++) address += b[at + 1 + i]! * 2 ** (24 - 8 * i);
    const prefix = { address: ipv4((address & mask(length)) >>> 0), length };
    out.push(pathId === undefined ? { prefix } : { prefix, pathId });
    at += 1 + bytes;
  }
  return out;
}

/** Nobody said whether there are path identifiers: a small one begins with two zeros, and no sender has three default routes. */
function guessAddPath(b: Uint8Array, from: number, to: number): boolean {
  return to - from >= 5 && b[from] === 0 && b[from + 1] === 0 && readNlri(b, from, to, true) !== undefined;
}

function readOpen(b: Uint8Array, from: number, to: number): BgpOpen | undefined {
  if (to - from < 10 || from + 10 + b[from + 9]! !== to) return undefined;
  const capabilities: BgpCapability[] = [];
  for (let at = from + 10; at < to;) {
    if (at + 2 > to) return undefined;
    const end = at + 2 + b[at + 1]!;
    if (end > to) return undefined;
    if (b[at] === 2)
      for (let cap = at + 2; cap < end;) {
        if (cap + 2 > end || cap + 2 + b[cap + 1]! > end) return undefined;
        capabilities.push({ code: b[cap]!, data: b.slice(cap + 2, cap + 2 + b[cap + 1]!) });
        cap += 2 + b[cap + 1]!;
      }
    at = end;
  }
  const holdTime = getU16(b, from + 3);
  const id = ipv4(getU32(b, from + 5));
  return { type: "open", version: b[from]!, as: getU16(b, from + 1), holdTime, id, capabilities };
}

const EXTENDED_LENGTH = 0x10;

function readAttributes(b: Uint8Array, from: number, to: number): BgpAttribute[] | undefined {
  const out: BgpAttribute[] = [];
  for (let at = from; at < to;) {
    const flags = b[at]!;
    const head = flags & EXTENDED_LENGTH ? 4 : 3;
    if (at + head > to) return undefined;
    const length = head === 4 ? getU16(b, at + 2) : b[at + 2]!;
    if (at + head + length > to) return undefined;
    const data = b.slice(at + head, at + head + length);
    out.push({ flags: flags & 0xe0, code: b[at + 1]!, data });
    at += head + length;
  }
  return out;
}

function readUpdate(b: Uint8Array, from: number, to: number, addPath?: boolean): BgpUpdate | undefined {
  if (to - from < 4) return undefined;
  const attributesAt = from + 2 + getU16(b, from);
  if (attributesAt + 2 > to) return undefined;
  const nlriAt = attributesAt + 2 + getU16(b, attributesAt);
  if (nlriAt > to) return undefined;
  const read = (start: number, end: number): BgpNlri[] | undefined =>
    readNlri(b, start, end, addPath ?? guessAddPath(b, start, end));
  const withdrawn = read(from + 2, attributesAt);
  const attributes = readAttributes(b, attributesAt + 2, nlriAt);
  const nlri = read(nlriAt, to);
  if (withdrawn === undefined || attributes === undefined || nlri === undefined) return undefined;
  return { type: "update", withdrawn, attributes, nlri };
}

function readBody(
  b: Uint8Array,
  type: number,
  from: number,
  to: number,
  addPath?: boolean,
): Result<BgpMessage, BgpError> {
  switch (type) {
    case BGP_OPEN: {
      const open = readOpen(b, from, to);
      return open === undefined ? err("bad-open") : ok(open);
    }
    case BGP_UPDATE: {
      const update = readUpdate(b, from, to, addPath);
      return update === undefined ? err("bad-update") : ok(update);
    }
    case BGP_NOTIFICATION:
      if (to - from < 2) return err("bad-length");
      return ok({ type: "notification", code: b[from]!, subcode: b[from + 1]!, data: b.slice(from + 2, to) });
    case BGP_KEEPALIVE:
      return to === from ? ok({ type: "keepalive" }) : err("bad-length");
    case BGP_ROUTE_REFRESH:
      if (to - from !== 4) return err("bad-length");
      return ok({
        type: "route-refresh",
        afi: getU16(b, from),
        subtype: b[from + 2]!,
        safi: b[from + 3]!,
      });
    default:
      return err("bad-type");
  }
}

/** One message from `from`; what follows its length is not looked at. `addPath` unsaid is guessed. */
export function decodeBgp(
  b: Uint8Array,
  from = 0,
  to = b.length,
  addPath?: boolean,
): Result<BgpMessage, BgpError> {
  const length = bgpLength(b, from, to);
  if (length === undefined) return err("truncated");
  if (!looksLikeBgp(b, from, to)) return err("bad-marker");
  if (length < BGP_HEADER || length > BGP_MAX_LENGTH) return err("bad-length");
  if (from + length > to) return err("truncated");
  return readBody(b, b[from + 18]!, from + BGP_HEADER, from + length, addPath);
}

function nlriBytes(list: readonly BgpNlri[]): number[] {
  return list.flatMap(({ prefix, pathId }) => {
    const bytes = [24, 16, 8, 0].map((shift) => (prefix.address >>> shift) & 255);
    const id = pathId === undefined ? [] : [24, 16, 8, 0].map((shift) => (pathId >>> shift) & 255);
    return [...id, prefix.length, ...bytes.slice(0, (prefix.length + 7) >> 3)];
  });
}

function attributeBytes({ flags, code, data }: BgpAttribute): number[] {
  const head =
    data.length > 255
      ? [flags | EXTENDED_LENGTH, code, data.length >> 8, data.length & 255]
      : [flags, code, data.length];
  return [...head, ...data];
}

function openBytes(open: BgpOpen): number[] {
  const capabilities = open.capabilities.flatMap(({ code, data }) => [code, data.length, ...data]);
  const options = capabilities.length === 0 ? [] : [2, capabilities.length, ...capabilities];
  const head = new Uint8Array(10);
  head[0] = open.version;
  setU16(head, 1, open.as);
  setU16(head, 3, open.holdTime);
  setU32(head, 5, open.id);
  head[9] = options.length;
  return [...head, ...options];
}

function bodyBytes(message: BgpMessage): readonly [number, readonly number[]] {
  switch (message.type) {
    case "open":
      return [BGP_OPEN, openBytes(message)];
    case "update": {
      const withdrawn = nlriBytes(message.withdrawn);
      const attributes = message.attributes.flatMap(attributeBytes);
      const counted = (bytes: number[]): number[] => [bytes.length >> 8, bytes.length & 255, ...bytes];
      return [BGP_UPDATE, [...counted(withdrawn), ...counted(attributes), ...nlriBytes(message.nlri)]];
    }
    case "notification":
      return [BGP_NOTIFICATION, [message.code, message.subcode, ...message.data]];
    case "keepalive":
      return [BGP_KEEPALIVE, []];
    case "route-refresh":
      return [BGP_ROUTE_REFRESH, [message.afi >> 8, message.afi & 255, message.subtype, message.safi]];
  }
}

export function encodeBgp(message: BgpMessage): Uint8Array {
  const [type, body] = bodyBytes(message);
  const out = new Uint8Array(BGP_HEADER + body.length).fill(255, 0, 16);
  setU16(out, 16, out.length);
  out[18] = type;
  out.set(body, BGP_HEADER);
  return out;
}

/** RFC 4486 and RFC 4271, section 6: what a notification tells. */
export function bgpNotificationText(code: number, subcode: number): string {
  const names: Readonly<Record<number, string>> = {
    1: "Message Header Error",
    2: "OPEN Message Error",
    3: "UPDATE Message Error",
    4: "Hold Timer Expired",
    5: "Finite State Machine Error",
    6: "Cease",
  };
  return `${names[code] ?? "Unknown"} (${code}), subcode ${subcode}`;
}

const nlriText = ({ prefix, pathId }: BgpNlri): string =>
  formatPrefix(prefix) + (pathId === undefined ? "" : ` (path ${pathId})`);

/** A message in one line: `BGP Update: 10.244.1.0/26`. */
export function bgpSummary(message: BgpMessage): string {
  switch (message.type) {
    case "open":
      return `BGP Open: AS ${message.as}, hold time ${message.holdTime}s, ID ${formatIpv4(message.id)}`;
    case "update": {
      const { withdrawn, nlri } = message;
      const parts = [
        ...(nlri.length > 0 ? [nlri.map(nlriText).join(", ")] : []),
        ...(withdrawn.length > 0 ? [`withdrawn ${withdrawn.map(nlriText).join(", ")}`] : []),
      ];
      return `BGP Update: ${parts.length === 0 ? "End-of-RIB" : parts.join("; ")}`;
    }
    case "notification":
      return `BGP Notification: ${bgpNotificationText(message.code, message.subcode)}`;
    case "keepalive":
      return "BGP Keepalive";
    case "route-refresh":
      return "BGP Route Refresh";
  }
}
