import * as v from "valibot";

/** Version of the saved form; each step up gets a migration of its own. */
export const SCENARIO_VERSION = 1;

const manifest = v.object({
  name: v.string(),
  yaml: v.string(),
  /** Applied only when all nodes are ready, so that its pods may spread. */
  after: v.optional(v.literal("nodes-ready")),
});

/** A saved world: what it is built from, never what it became. */
export const scenarioSchema = v.object({
  version: v.literal(SCENARIO_VERSION),
  name: v.string(),
  seed: v.number(),
  /** A kind configuration (YAML); absent for a world of bare namespaces. */
  cluster: v.optional(v.string()),
  /** Applied in order, as by kubectl. */
  manifests: v.array(manifest),
  /** A shell script run on the first machine before the manifests. */
  script: v.optional(v.string()),
});

export type Scenario = v.InferOutput<typeof scenarioSchema>;
