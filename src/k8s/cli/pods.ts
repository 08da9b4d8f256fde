import type { Task } from "../../sim/task.ts";
import type { Container, Pod } from "../api/index.ts";
import { isActive, isReady } from "../api/pods.ts";
import { isA } from "../api/types.ts";
import { die } from "./problem.ts";
import { findResource, missing } from "./resolve.ts";
import { fail } from "../../userland/args/exit.ts";
import type { Session } from "./session.ts";

/** `POD`, `pod/POD`, or `deployment/NAME` and the like for one of its pods. */
export function podNamed(session: Session, word: string): Pod {
  const [first] = podsNamed(session, word).toSorted((a, b) => Number(isReady(b)) - Number(isReady(a)));
  if (first !== undefined) return first;
  return die(`cannot get a pod of ${word}: timed out waiting for the condition`);
}

/** All pods that `podNamed` could choose from; with `ended`, also those that have run to their end. */
export function podsNamed(session: Session, word: string, ended = false): readonly Pod[] {
  const at = word.indexOf("/");
  const [type, name] = at < 0 ? ["pods", word] : [word.slice(0, at), word.slice(at + 1)];
  const resource = findResource(session.store.resources(), type);
  if (resource === undefined) die(`the server doesn't have a resource type "${type}"`);
  const object = session.store.get(resource.id, session.namespace, name);
  if (object === undefined) fail(1, `${missing(resource, name).alone}\n`);
  if (isA("Pod", object)) return [object];
  const pods = session.client.owned("Pod", object);
  const sets = session.client.owned("ReplicaSet", object);
  const all = [...pods, ...sets.flatMap((set) => session.client.owned("Pod", set))];
  return all.filter((pod) => isActive(pod) || (ended && pod.metadata.deletionTimestamp === undefined));
}

function allNames(pod: Pod): string {
  const inits = (pod.spec.initContainers ?? []).map(({ name }) => `${name} (init)`);
  return [...pod.spec.containers.map(({ name }) => name), ...inits].join(", ");
}

/** The container that -c names, or the pod's default one. Models: kubectl cmd/util/podcmd. */
export function* containerNamed(session: Session, pod: Pod, name: string | undefined): Task<Container> {
  const all = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])];
  if (name !== undefined) {
    const found = all.find((container) => container.name === name);
    return (
      found ?? die(`container ${name} is not valid for pod ${pod.metadata.name} out of: ${allNames(pod)}`)
    );
  }
  const wanted = pod.metadata.annotations?.["kubectl.kubernetes.io/default-container"];
  const chosen = all.find((container) => container.name === wanted);
  if (chosen !== undefined) return chosen;
  const [first] = pod.spec.containers;
  if (first === undefined)
    die(`pod ${pod.metadata.namespace ?? ""}/${pod.metadata.name} does not have any containers`);
  if (all.length > 1 && !session.args.flag("quiet")) {
    yield* session.note(`Defaulted container "${first.name}" out of: ${allNames(pod)}\n`);
  }
  return first;
}

/** The node that the pod runs on; the server refuses while there is none. */
export function hostOf(pod: Pod): string {
  const { nodeName = "" } = pod.spec;
  if (nodeName !== "") return nodeName;
  fail(1, `Error from server (BadRequest): pod ${pod.metadata.name} does not have a host assigned\n`);
}
