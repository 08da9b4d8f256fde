import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Nanos } from "../sim/time.ts";
import { rest } from "./node-world.ts";
import { applyPolicy, type MatrixWorld, pairs, reachable, withAddresses } from "./policy-world.ts";

interface Probe {
  readonly port: number;
  readonly protocol: string;
  readonly expect: readonly string[];
}

interface Step {
  readonly apply?: readonly { readonly namespace: string; readonly name: string; readonly spec: unknown }[];
  readonly delete?: readonly string[];
  readonly label?: readonly {
    readonly namespace?: string;
    readonly pod?: string;
    readonly labels: Readonly<Record<string, string>>;
  }[];
  readonly probes: readonly Probe[];
}

interface Case {
  readonly number: number | string;
  readonly title: string;
  readonly steps: readonly Step[];
}

const FIXTURE = new URL("../k8s/network-policy/fixtures/netpol-e2e.json", import.meta.url);
const { cases } = JSON.parse(readFileSync(FIXTURE, "utf8")) as { readonly cases: readonly Case[] };

/** `*`, `x/*` or `x/a`. */
function fits(pattern: string, key: string): boolean {
  return (
    pattern === "*" || pattern === key || (pattern.endsWith("/*") && key.startsWith(pattern.slice(0, -1)))
  );
}

function allowed(expected: readonly string[], from: string, to: string): boolean {
  const last = expected.findLast((line) => {
    const [, source = "", target = ""] = /^[-+] (\S+) > (\S+)$/.exec(line) ?? [];
    return fits(source, from) && fits(target, to);
  });
  return last?.startsWith("-") !== true;
}

function take(world: MatrixWorld, step: Step, settle: Nanos): void {
  for (const { namespace, name, spec } of step.apply ?? [])
    applyPolicy(world, namespace, name, withAddresses(world, spec));
  for (const key of step.delete ?? []) {
    const [namespace = "", name = ""] = key.split("/");
    world.client.delete("NetworkPolicy", namespace, name);
  }
  for (const { namespace, pod, labels } of step.label ?? []) {
    const [home = "", name = ""] = (pod ?? "").split("/");
    const add = <T extends { metadata: { labels?: Readonly<Record<string, string>> | undefined } }>(
      object: T,
    ): T => ({
      ...object,
      metadata: { ...object.metadata, labels: { ...object.metadata.labels, ...labels } },
    });
    if (namespace !== undefined) world.client.modify("Namespace", "", namespace, add);
    else world.client.modify("Pod", home, name, add);
  }
  rest(world, settle);
}

/** What differs between the table and the probes: `denied x/a > x/b`. */
function surprises(world: MatrixWorld, probe: Probe): readonly string[] {
  const reached = reachable(world, probe.port, probe.protocol);
  return pairs(world).flatMap(({ from, to }) => {
    const is = reached.has(`${from.key} > ${to.key}`);
    if (is === allowed(probe.expect, from.key, to.key)) return [];
    return [`${is ? "allowed" : "denied"} ${from.key} > ${to.key} ${probe.protocol} ${probe.port}`];
  });
}

/** Every case of Kubernetes' own end-to-end tests; every cell of the matrix is a connection through the kernel. */
export function truthTable(title: string, make: () => MatrixWorld, settle: Nanos): void {
  describe(`Kubernetes' own end-to-end tests of network policies, ${title}`, () => {
    it("allows everything without a policy", () => {
      const world = make();
      for (const port of [80, 81])
        for (const protocol of ["TCP", "UDP"])
          expect(surprises(world, { port, protocol, expect: [] })).toEqual([]);
    });

    for (const { number, title: name, steps } of cases) {
      it(`${number}: ${name}`, () => {
        const world = make();
        for (const step of steps) {
          take(world, step, settle);
          expect(step.probes.flatMap((probe) => surprises(world, probe))).toEqual([]);
        }
      });
    }
  });
}
