import fc from "fast-check";

/**
 * Property tests draw the same cases on every machine, so that a run is repeatable; FUZZ_SEED draws others.
 * What another seed finds becomes a test of its own.
 */
fc.configureGlobal({ seed: Number(process.env["FUZZ_SEED"] ?? 20261120) });
