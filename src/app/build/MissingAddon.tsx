import { installAddon, missingAddon } from "../../scenario/edit/addons.ts";
import type { Scenario } from "../../scenario/schema.ts";
import { useSay } from "../board-context.ts";
import { useDesk } from "../desk-context.ts";

/** Says of an Ingress or a policy that nobody carries it out, and offers to install who does. */
export function MissingAddon({ scenario, kind }: { readonly scenario: Scenario; readonly kind: string }) {
  const say = useSay();
  const desk = useDesk();
  const addon = missingAddon(scenario, kind);
  if (addon === undefined) return null;
  const install = async (): Promise<void> => {
    const { addonTexts } = await import("../../scenario/addon-texts.ts");
    const now = desk.document.state.scenario;
    if (now !== undefined) desk.document.edit(installAddon(now, addon, addonTexts[addon]));
  };
  return (
    <div className="missing" role="status">
      <p>{say(`addon.${addon}`)}</p>
      <button type="button" onClick={() => void install()}>
        {say(`addon.${addon}.install`)}
      </button>
    </div>
  );
}
