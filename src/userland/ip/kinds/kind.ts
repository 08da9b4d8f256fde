import type { IfIndex, LinkChange, LinkSpec, NetnsId } from "../../../kernel/uapi/index.ts";
import type { Mac } from "../../../wire/address.ts";
import type { Words } from "../../args/words.ts";
import type { Ip } from "../context.ts";
import type { LinkWords } from "../link-words.ts";

/** What `ip link` knows about one kind of device. Add one: a file beside this one and a line in index.ts. */
export interface LinkKindParser {
  readonly kind: string;
  /** `ip link help KIND`. */
  readonly usage: string;
  /** `ip link add ... type KIND WORDS`: what to create in the namespace `target`. */
  add(ip: Ip, draft: LinkWords, words: Words, target: NetnsId): LinkSpec;
  /** `ip link set DEV type KIND WORDS`. */
  change(ip: Ip, words: Words): LinkChange;
}

/** What is said of a new device of any kind. */
export function commonSpec(draft: LinkWords): { name?: string; mac?: Mac; mtu?: number } {
  const name = draft.name ?? draft.dev;
  return {
    ...(name !== undefined && { name }),
    ...(draft.mac !== undefined && { mac: draft.mac }),
    ...(draft.mtu !== undefined && { mtu: draft.mtu }),
  };
}

/** The device that a new one shall stand on: it is in the caller's namespace, wherever the new one goes. */
export function lowerSpec(
  ip: Ip,
  draft: LinkWords,
  target: NetnsId,
): { lower?: IfIndex; lowerNetns?: NetnsId } {
  if (draft.link === undefined) return {};
  return { lower: draft.link, ...(target === ip.netns ? {} : { lowerNetns: ip.netns }) };
}
