import type { BundledManifests } from "../k8s/cli/bundled.ts";
import { BUNDLED_PROJECTS, bundledFile } from "../scenario/bundled/index.ts";

export const bundledFiles: BundledManifests = { find: bundledFile, projects: BUNDLED_PROJECTS };
