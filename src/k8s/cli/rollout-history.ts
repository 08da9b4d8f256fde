import { err, ok, type Result } from "../../base/result.ts";
import { sameJson } from "../../formats/json.ts";
import type { ApiClient, Deployment, PodTemplate, ReplicaSet } from "../api/index.ts";

const REVISION = "deployment.kubernetes.io/revision";
const CHANGE_CAUSE = "kubernetes.io/change-cause";
const HASH_LABEL = "pod-template-hash";

export interface HistoryRow {
  readonly revision: number;
  readonly cause: string;
}

const revisionOf = (set: ReplicaSet): number => Number(set.metadata.annotations?.[REVISION] ?? 0);

function sets(client: ApiClient, deployment: Deployment): readonly ReplicaSet[] {
  return client.owned("ReplicaSet", deployment).toSorted((a, b) => revisionOf(a) - revisionOf(b));
}

/** The revisions of a Deployment, oldest first. Models: polymorphichelpers DeploymentHistoryViewer. */
export function deploymentHistory(client: ApiClient, deployment: Deployment): readonly HistoryRow[] {
  return sets(client, deployment).map((set) => ({
    revision: revisionOf(set),
    cause: set.metadata.annotations?.[CHANGE_CAUSE] ?? "<none>",
  }));
}

function templateOf({ spec }: ReplicaSet): PodTemplate | undefined {
  const { template } = spec;
  if (template === undefined) return undefined;
  const { [HASH_LABEL]: _, ...labels } = template.metadata?.labels ?? {};
  return { ...template, metadata: { ...template.metadata, labels } };
}

/**
 * Gives a Deployment the template of an earlier revision: the one before the newest when `revision` is 0. The value
 * is what kubectl says. Models: polymorphichelpers DeploymentRollbacker.
 */
export function rollBack(
  client: ApiClient,
  namespace: string,
  name: string,
  revision: number,
): Result<string, string> {
  const deployment = client.get("Deployment", namespace, name);
  if (deployment === undefined) return err(`deployments.apps "${name}" not found`);
  const all = sets(client, deployment);
  const target = revision === 0 ? all.at(-2) : all.find((set) => revisionOf(set) === revision);
  if (revision === 0 && target === undefined) return err(`no rollout history found for deployment "${name}"`);
  const template = target === undefined ? undefined : templateOf(target);
  if (target === undefined || template === undefined)
    return err("unable to find specified revision " + String(revision) + " in history");
  if (deployment.spec.paused === true)
    return err(
      `you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume' and try again`,
    );
  if (sameJson(template, { ...deployment.spec.template, metadata: { ...deployment.spec.template.metadata } }))
    return ok(`skipped rollback (current template already matches revision ${revisionOf(target)})`);
  const done = client.modify("Deployment", namespace, name, (now) => ({
    ...now,
    spec: { ...now.spec, template },
  }));
  return done.ok ? ok("rolled back") : err(`failed restoring revision ${revision}: ${done.error.message}`);
}
