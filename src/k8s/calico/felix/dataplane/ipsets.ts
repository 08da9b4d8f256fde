import { err, ok, type Result } from "../../../../base/result.ts";
import { compareText } from "../../../../formats/json.ts";
import type { IpsetElement, IpsetInfo, IpsetPart, IpsetType } from "../../../../kernel/uapi/index.ts";
import { formatIpv4, formatPrefix, parseIpv4, parsePrefix } from "../../../../wire/address.ts";
import { isFelixSet } from "../rules/names.ts";
import type { Door } from "./door.ts";

export interface WantedSet {
  readonly type: "hash:ip" | "hash:net" | "hash:ip,port";
  readonly members: readonly string[];
}

const MAX_ELEMENTS = 1048576;
const PROTOCOLS: Readonly<Record<string, number>> = { tcp: 6, udp: 17, sctp: 132 };
const RESTORE = "ipset restore";

function addressPart(text: string): IpsetPart | undefined {
  const address = parseIpv4(text);
  if (address !== undefined) return { kind: "address", address };
  const prefix = parsePrefix(text);
  return prefix === undefined ? undefined : { kind: "net", ...prefix };
}

/** `10.0.0.1`, `10.0.0.0/8` or `10.0.0.1,tcp:80`. */
export function elementOf(member: string): IpsetElement | undefined {
  const [net = "", port] = member.split(",");
  const part = addressPart(net);
  if (part === undefined) return undefined;
  if (port === undefined) return { parts: [part] };
  const [protocol = "", number = ""] = port.split(":");
  const known = PROTOCOLS[protocol];
  if (known === undefined) return undefined;
  return { parts: [part, { kind: "port", protocol: known, port: Number(number) }] };
}

function partText(part: IpsetPart): string {
  if (part.kind === "set") return part.name;
  if (part.kind === "port") {
    const name = Object.entries(PROTOCOLS).find(([, number]) => number === part.protocol)?.[0];
    return `${name ?? part.protocol}:${part.port}`;
  }
  if (typeof part.address !== "number") return "";
  const length = part.kind === "net" ? part.length : 32;
  return length === 32 ? formatIpv4(part.address) : formatPrefix({ address: part.address, length });
}

const memberText = ({ parts }: IpsetElement): string => parts.map(partText).join(",");

/** Felix's sets in the kernel. Models: felix/ipsets IPSets. */
export class IpSets {
  private readonly door: Door;

  constructor(door: Door) {
    this.door = door;
  }

  /** Creates sets and brings their members to what is wanted: before rules ask them. */
  update(wanted: ReadonlyMap<string, WantedSet>): Result<void, string> {
    for (const [name, set] of [...wanted].sort(([a], [b]) => compareText(a, b))) {
      const done = this.one(name, set);
      if (!done.ok) return done;
    }
    return ok();
  }

  private one(name: string, { type, members }: WantedSet): Result<void, string> {
    const { ipset } = this.door.as(RESTORE);
    const old = ipset.get(name);
    if (old !== undefined && old.type !== type) return this.replace(name, { type, members });
    const made = old === undefined ? this.create(name, type) : ok();
    return made.ok ? this.fill(name, members, old) : made;
  }

  private create(name: string, type: IpsetType): Result<void, string> {
    const made = this.door.as(RESTORE).ipset.create({ name, type, maxelem: MAX_ELEMENTS });
    return made.ok ? ok() : err(`create ${name}: ${made.error.errno}`);
  }

  private fill(name: string, members: readonly string[], old: IpsetInfo | undefined): Result<void, string> {
    const { ipset } = this.door.as(RESTORE);
    const there = new Map((old?.elements ?? []).map((element) => [memberText(element), element]));
    const wanted = new Set(members);
    for (const [text, element] of there) if (!wanted.has(text)) ipset.delete(name, element, true);
    for (const member of wanted) {
      if (there.has(member)) continue;
      const element = elementOf(member);
      if (element === undefined) continue;
      const added = ipset.add(name, element, true);
      if (!added.ok) return err(`add ${name} ${member}: ${added.error.errno}`);
    }
    return ok();
  }

  /** A set of another type comes in under a name of its own, and is swapped with the old one. */
  private replace(name: string, set: WantedSet): Result<void, string> {
    const { ipset } = this.door.as(RESTORE);
    const temporary = "cali4t0";
    ipset.destroy(temporary);
    const made = this.create(temporary, set.type);
    const filled = made.ok ? this.fill(temporary, set.members, undefined) : made;
    if (!filled.ok) return filled;
    const swapped = ipset.swap(temporary, name);
    return swapped.ok ? ok() : err(`swap ${temporary} ${name}: ${swapped.error.errno}`);
  }

  /** Removes the sets that no rule asks any more. */
  deleteOthers(wanted: ReadonlyMap<string, WantedSet>): void {
    const { ipset } = this.door.as("ipset destroy");
    for (const { name } of ipset.list()) if (isFelixSet(name) && !wanted.has(name)) ipset.destroy(name);
  }
}
