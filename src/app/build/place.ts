import {
  addNode,
  canRemoveNode,
  clusterFacts,
  removeNode,
  setProxyMode,
} from "../../scenario/edit/cluster.ts";
import {
  addContainer,
  addMachine,
  addSwitch,
  connect,
  removeGround,
  replugNode,
} from "../../scenario/edit/ground.ts";
import { addBridge, addCable, addNamespace, handMade, removeNamespace } from "../../scenario/edit/hand.ts";
import { addKind, type ObjectKind } from "../../scenario/edit/kinds.ts";
import { findObject, objectsOf, removeObject } from "../../scenario/edit/objects.ts";
import { addCluster, type PluginTexts, setPlugin } from "../../scenario/edit/plugin.ts";
import type { Plugin } from "../../scenario/edit/plugins.ts";
import type { Scenario } from "../../scenario/schema.ts";
import { type Phrase, phrase } from "../model/explain/phrase.ts";
import { type Item, ITEMS } from "./items.ts";
import { podLabels, sameSubject, type Subject } from "./subject.ts";

const OBJECTS: Partial<Readonly<Record<Item, ObjectKind>>> = {
  pod: "Pod",
  deployment: "Deployment",
  service: "Service",
  ingress: "Ingress",
  policy: "NetworkPolicy",
};
const PLUGINS: readonly Item[] = ITEMS.plugin;
const PROXIES: readonly Item[] = ITEMS.proxy;

export type Placed =
  | { readonly ok: true; readonly scenario: Scenario; readonly subject: Subject }
  | { readonly ok: false; readonly problem: Phrase };

const refused = (problem: Phrase): Placed => ({ ok: false, problem });
const done = (scenario: Scenario, subject: Subject): Placed => ({ ok: true, scenario, subject });

/** Whether something may be dropped on a part of the board; on the cloth itself everything may. */
export function accepts(item: Item, target: Subject): boolean {
  switch (item) {
    case "pod":
      return target.kind === "node";
    case "service":
    case "policy":
      return target.kind === "object" && ["Pod", "Deployment"].includes(target.ref.kind);
    case "ingress":
      return target.kind === "object" && target.ref.kind === "Service";
    case "container":
      return target.kind === "machine";
    case "cable":
      return target.kind === "namespace" || target.kind === "bridge" || target.kind === "machine";
    case "router":
    case "balancer":
    case "internet":
    case "client":
    case "docker":
      return target.kind === "switch";
    default:
      return false;
  }
}

/** The document with one thing more, and what that is called. */
export function place(
  scenario: Scenario,
  item: Item,
  target: Subject | undefined,
  texts: PluginTexts,
): Placed {
  const kind = OBJECTS[item];
  if (kind !== undefined) return placeObject(scenario, kind, target, texts);
  if (PLUGINS.includes(item)) {
    const based = scenario.cluster === undefined ? addCluster(scenario, texts) : scenario;
    return done(setPlugin(based, item as Plugin, texts), { kind: "cluster" });
  }
  if (PROXIES.includes(item)) {
    if (scenario.cluster === undefined) return refused(phrase("build.needs.cluster"));
    return done(setProxyMode(scenario, item as "iptables" | "ipvs" | "nftables"), { kind: "cluster" });
  }
  return item === "node" ? placeNode(scenario, texts) : placeLinux(scenario, item, target);
}

function placeNode(scenario: Scenario, texts: PluginTexts): Placed {
  const next = scenario.cluster === undefined ? addCluster(scenario, texts) : addNode(scenario);
  const name = clusterFacts(next)?.nodes.at(-1)?.name ?? "";
  return done(next, { kind: "node", name });
}

function placeObject(
  scenario: Scenario,
  kind: ObjectKind,
  target: Subject | undefined,
  texts: PluginTexts,
): Placed {
  const based = scenario.cluster === undefined ? addCluster(scenario, texts) : scenario;
  const own = objectsOf(based).filter(({ namespace }) => namespace === "default");
  const first = own.findLast((each) => each.kind === "Deployment" || each.kind === "Pod");
  const usual: Subject | undefined = first && { kind: "object", ref: first };
  const labels = podLabels(based, target) ?? podLabels(based, usual);
  const service =
    target?.kind === "object" && target.ref.kind === "Service"
      ? target.ref.name
      : own.findLast((each) => each.kind === "Service")?.name;
  const added = addKind(based, kind, {
    ...(target?.kind === "node" && { node: target.name }),
    ...(labels !== undefined && { labels }),
    ...(service !== undefined && { service }),
  });
  return done(added.scenario, { kind: "object", ref: { kind, namespace: "default", name: added.name } });
}

function placeLinux(scenario: Scenario, item: Item, target: Subject | undefined): Placed {
  switch (item) {
    case "namespace": {
      const added = addNamespace(scenario);
      return done(added.scenario, { kind: "namespace", name: added.name });
    }
    case "bridge": {
      const added = addBridge(scenario);
      return done(added.scenario, { kind: "bridge", name: added.name });
    }
    case "switch": {
      const added = addSwitch(scenario);
      return done(added.scenario, { kind: "switch", name: added.name });
    }
    case "cable":
      return placeCable(scenario);
    case "container": {
      const docker = (scenario.machines ?? []).filter(({ role }) => role === "docker");
      const host = docker.find(({ name }) => target?.kind === "machine" && target.name === name) ?? docker[0];
      if (host === undefined) return refused(phrase("build.needs.docker"));
      return done(addContainer(scenario, host.name).scenario, { kind: "machine", name: host.name });
    }
    case "docker":
    case "router":
    case "balancer":
    case "internet":
    case "client": {
      const added = addMachine(scenario, item, target?.kind === "switch" ? target.name : undefined);
      return done(added.scenario, { kind: "machine", name: added.name });
    }
    default:
      return refused(phrase("build.needs.cluster"));
  }
}

/** Without being told which, the two namespaces that came last. */
function placeCable(scenario: Scenario): Placed {
  const { namespaces, bridges } = handMade(scenario);
  const [to, from] = namespaces.toReversed();
  if (from !== undefined && to !== undefined) return joinBy(scenario, from, to);
  if (to !== undefined && bridges[0] !== undefined) return joinBy(scenario, to, bridges[0]);
  return refused(phrase("build.needs.ends"));
}

function joinBy(scenario: Scenario, from: string, to: string): Placed {
  return done(addCable(scenario, from, to), { kind: "namespace", name: from });
}

/** Whether a thing has a plug for a cable. */
export function hasPlug({ kind }: Subject): boolean {
  return kind !== "object" && kind !== "cluster";
}

const BY_HAND: readonly Subject["kind"][] = ["namespace", "bridge"];

/** Whether a cable can lead from one thing to another. */
export function canJoin(from: Subject, to: Subject): boolean {
  if (sameSubject(from, to)) return false;
  if (BY_HAND.includes(from.kind)) return BY_HAND.includes(to.kind);
  if (from.kind === "machine") return to.kind === "machine" || to.kind === "switch";
  if (from.kind === "node") return to.kind === "switch";
  return from.kind === "switch" && (to.kind === "machine" || to.kind === "node");
}

/** A cable from one thing to another; a node of the cluster has one plug, which is moved. */
export function join(scenario: Scenario, from: Subject, to: Subject): Placed {
  if (!canJoin(from, to)) return refused(phrase("build.needs.ends"));
  const [one, other] = [subjectText(from), subjectText(to)];
  if (from.kind === "bridge" && to.kind === "namespace") return joinBy(scenario, other, one);
  if (from.kind === "bridge") return done(addCable(scenario, one, other), from);
  if (from.kind === "namespace") return joinBy(scenario, one, other);
  const [plug, there] = from.kind === "switch" ? [to, one] : [from, other];
  const name = subjectText(plug);
  return done(
    plug.kind === "node" ? replugNode(scenario, name, there) : connect(scenario, name, there),
    plug,
  );
}

function subjectText(subject: Subject): string {
  return subject.kind === "object" || subject.kind === "cluster" ? "" : subject.name;
}

/** The document without something. */
export function takeAway(scenario: Scenario, subject: Subject): Placed {
  switch (subject.kind) {
    case "object": {
      const found = findObject(scenario, subject.ref);
      if (found === undefined) return refused(phrase("build.gone"));
      return done(removeObject(scenario, found), subject);
    }
    case "node": {
      const facts = clusterFacts(scenario);
      const index = facts?.nodes.findIndex(({ name }) => name === subject.name) ?? -1;
      if (facts === undefined || !canRemoveNode(facts, index)) return refused(phrase("build.last.node"));
      return done(removeNode(scenario, index), subject);
    }
    case "machine":
    case "switch": {
      const next = removeGround(scenario, subject.name);
      return next === scenario
        ? refused(phrase("build.carries.nodes", { name: subject.name }))
        : done(next, subject);
    }
    case "namespace":
      return done(removeNamespace(scenario, subject.name), subject);
    case "bridge": {
      const line = `ip link del ${subject.name}\n`;
      return done({ ...scenario, setup: `${(scenario.setup ?? "").replace(/\n?$/, "\n")}${line}` }, subject);
    }
    case "cluster":
      return refused(phrase("build.whole.cluster"));
  }
}
