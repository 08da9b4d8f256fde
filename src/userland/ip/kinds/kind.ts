import type { LinkChange, LinkSpec, NetnsId } from "../../../kernel/uapi/index.ts";
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
