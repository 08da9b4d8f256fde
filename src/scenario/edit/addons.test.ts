import { expect, it } from "vitest";
import { addonTexts } from "../addon-texts.ts";
import { firstLight } from "../first-light.ts";
import { texts } from "../plugin-texts.ts";
import { readScenario } from "../read.ts";
import { installAddon, missingAddon } from "./addons.ts";
import { planChange } from "./plan.ts";
import { setPlugin } from "./plugin.ts";

it("an Ingress waits for a controller until one is installed, in the running world", () => {
  expect(missingAddon(firstLight, "Ingress")).toBe("ingress");
  const installed = installAddon(firstLight, "ingress", addonTexts.ingress);
  expect(missingAddon(installed, "Ingress")).toBeUndefined();
  expect(readScenario(installed).ok).toBe(true);
  expect(planChange(firstLight, installed).kind).toBe("live");
});

it("a policy waits for somebody who looks at policies: kube-router, or Calico in flannel's place", () => {
  expect(missingAddon(firstLight, "NetworkPolicy")).toBe("policies");
  const guarded = installAddon(firstLight, "policies", addonTexts.policies);
  expect(missingAddon(guarded, "NetworkPolicy")).toBeUndefined();
  expect(missingAddon(setPlugin(firstLight, "calico", texts), "NetworkPolicy")).toBeUndefined();
  expect(missingAddon(firstLight, "Service")).toBeUndefined();
});
