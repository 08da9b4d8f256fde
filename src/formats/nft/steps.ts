import type { NftStep } from "../../kernel/uapi/nft.ts";
import { parseNft } from "./command.ts";
import type { World } from "./commands.ts";

const NOBODY: World = {
  names: { index: () => undefined, interfaceName: () => undefined, service: () => undefined },
  absent: () => undefined,
  set: () => undefined,
  hint: () => undefined,
  ruleAt: () => undefined,
};

/** The steps of a ruleset that names nothing of the machine: what a component writes of its own. */
export function nftSteps(text: string): readonly NftStep[] {
  return parseNft(text, NOBODY).flatMap((command) => (command.kind === "change" ? command.steps : []));
}
