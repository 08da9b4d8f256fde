import type { PluginTexts } from "../../scenario/edit/plugin.ts";

export async function pluginTexts(): Promise<PluginTexts> {
  return (await import("../../scenario/plugin-texts.ts")).texts;
}
