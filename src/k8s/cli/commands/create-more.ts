import { utf8Encode } from "../../../base/utf8.ts";
import { base64Encode } from "../../../formats/base64.ts";
import { sortedJson } from "../../../formats/json.ts";
import type { Task } from "../../../sim/task.ts";
import { seconds, toSeconds } from "../../../sim/time.ts";
import { fail } from "../../../userland/args/exit.ts";
import type { AnyDraft } from "../../api/types.ts";
import { timestampNanos } from "../../api/time.ts";
import { list, text } from "../flags.ts";
import { die, problemText, refused } from "../problem.ts";
import { findResource } from "../resolve.ts";
import type { Session } from "../session.ts";

/** `kubectl create cronjob|quota|poddisruptionbudget|role|... ` and `create token`. Models: kubectl pkg/cmd/create. */

type Draft = AnyDraft & { readonly spec?: unknown };

function containerOf(session: Session, name: string): object {
  const { args } = session;
  const [image] = args.list("image");
  const command = args.dash < 0 ? [] : args.operands.slice(args.dash);
  return { name, image: image ?? "", ...(command.length > 0 && { command }) };
}

function cronJobDraft(session: Session, name: string): Draft {
  const { args } = session;
  const absent = ["image", "schedule"].filter((flag) => !args.has(flag)).map((flag) => `"${flag}"`);
  if (absent.length > 0) die(`required flag(s) ${absent.join(", ")} not set`);
  const restartPolicy = args.text("restart") ?? "OnFailure";
  const template = { metadata: {}, spec: { containers: [containerOf(session, name)], restartPolicy } };
  return {
    apiVersion: "batch/v1",
    kind: "CronJob",
    metadata: { name, namespace: session.namespace },
    spec: { schedule: args.text("schedule"), jobTemplate: { metadata: { name }, spec: { template } } },
  };
}

/** `--from=cronjob/NAME`: what the CronJob would make, owned by it. */
export function jobFrom(session: Session, name: string, from: string): Draft {
  const [kind = "", source = ""] = from.split("/");
  if (!["cronjob", "cronjobs", "cj", "cronjob.batch", "cronjobs.batch"].includes(kind))
    die(`from must be an existing cronjob: ${from}`);
  const { client, namespace } = session;
  const cronJob = client.get("CronJob", namespace, source);
  if (cronJob === undefined) fail(1, `Error from server (NotFound): cronjobs.batch "${source}" not found\n`);
  const { metadata, spec } = cronJob.spec.jobTemplate;
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: {
      name,
      namespace,
      annotations: { "cronjob.kubernetes.io/instantiate": "manual", ...metadata?.annotations },
      ...(metadata?.labels !== undefined && { labels: metadata.labels }),
      ownerReferences: [
        {
          apiVersion: "batch/v1",
          kind: "CronJob",
          name: source,
          uid: cronJob.metadata.uid,
          controller: true,
        },
      ],
    },
    spec,
  };
}

function quotaDraft(session: Session, name: string): Draft {
  const hard: Record<string, string> = {};
  for (const pair of session.args.list("hard")) {
    const at = pair.indexOf("=");
    if (at < 1) die(`invalid argument syntax ${pair}, expected <resource>=<value>`);
    hard[pair.slice(0, at)] = pair.slice(at + 1);
  }
  const scopes = session.args.list("scopes");
  return {
    apiVersion: "v1",
    kind: "ResourceQuota",
    metadata: { name, namespace: session.namespace },
    spec: { hard, ...(scopes.length > 0 && { scopes }) },
  };
}

function budgetDraft(session: Session, name: string): Draft {
  const { args } = session;
  const selector = args.text("selector") ?? die("a selector must be specified");
  const [least, most] = [args.text("min-available"), args.text("max-unavailable")];
  if (least === undefined && most === undefined)
    die("one of min-available or max-unavailable must be specified");
  if (least !== undefined && most !== undefined)
    die("min-available and max-unavailable cannot be both specified");
  const labels: Record<string, string> = {};
  for (const pair of selector.split(",")) {
    const [, key, value] = /^([^=!]+)==?([^=]*)$/.exec(pair) ?? [];
    if (key === undefined || value === undefined) die(`invalid selector "${selector}"`);
    labels[key] = value;
  }
  const count = (given: string): number | string => (/^\d+$/.test(given) ? Number(given) : given);
  return {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: { name, namespace: session.namespace },
    spec: {
      ...(least !== undefined && { minAvailable: count(least) }),
      ...(most !== undefined && { maxUnavailable: count(most) }),
      selector: { matchLabels: labels },
    },
  };
}

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

/** A rule a group, in the order in which the groups are named. Models: create_role.go generateResourcePolicyRules. */
function rulesOf(session: Session): readonly Rule[] {
  const { args, store } = session;
  const verbs = args.list("verb");
  if (verbs.length === 0) die("at least one verb must be specified");
  const words = args.list("resource");
  if (words.length === 0) die("one of resource or nonResourceURL must be specified");
  const groups = new Map<string, string[]>();
  for (const word of words) {
    const [type = "", sub] = word.split("/");
    const info = findResource(store.resources(), type);
    if (info === undefined) die(`the server doesn't have a resource type "${type}"`);
    const plural = sub === undefined ? info.plural : `${info.plural}/${sub}`;
    groups.set(info.group, [...(groups.get(info.group) ?? []), plural]);
  }
  return [...groups].map(([group, resources]) => ({ apiGroups: [group], resources, verbs }));
}

const RBAC = "rbac.authorization.k8s.io";

function roleDraft(session: Session, kind: "Role" | "ClusterRole", name: string): AnyDraft {
  const metadata = { name, ...(kind === "Role" && { namespace: session.namespace }) };
  const draft: AnyDraft & { readonly rules: readonly Rule[] } = {
    apiVersion: `${RBAC}/v1`,
    kind,
    metadata,
    rules: rulesOf(session),
  };
  return draft;
}

function bindingDraft(session: Session, kind: "RoleBinding" | "ClusterRoleBinding", name: string): AnyDraft {
  const { args } = session;
  const clusterRole = args.text("clusterrole");
  const role = kind === "RoleBinding" ? args.text("role") : undefined;
  if ((role === undefined) === (clusterRole === undefined))
    die(
      kind === "RoleBinding"
        ? "exactly one of clusterrole or role must be specified"
        : "clusterrole must be specified",
    );
  const people = (flag: string, what: string): readonly object[] =>
    args.list(flag).map((each) => ({ apiGroup: RBAC, kind: what, name: each }));
  const accounts = args.list("serviceaccount").map((each) => {
    const [namespace = "", account = ""] = each.split(":");
    if (namespace === "" || account === "") die("serviceaccount must be <namespace>:<name>");
    return { kind: "ServiceAccount", name: account, namespace };
  });
  const draft: AnyDraft & { readonly roleRef: object; readonly subjects: readonly object[] } = {
    apiVersion: `${RBAC}/v1`,
    kind,
    metadata: { name, ...(kind === "RoleBinding" && { namespace: session.namespace }) },
    roleRef: {
      apiGroup: RBAC,
      kind: role === undefined ? "ClusterRole" : "Role",
      name: role ?? clusterRole ?? "",
    },
    subjects: [...people("user", "User"), ...people("group", "Group"), ...accounts],
  };
  return draft;
}

function priorityClassDraft(session: Session, name: string): AnyDraft {
  const { args } = session;
  const draft: AnyDraft & Readonly<Record<string, unknown>> = {
    apiVersion: "scheduling.k8s.io/v1",
    kind: "PriorityClass",
    metadata: { name },
    value: session.number("value") ?? 0,
    ...(args.flag("global-default") && { globalDefault: true }),
    description: args.text("description") ?? "",
    preemptionPolicy: args.text("preemption-policy") ?? "PreemptLowerPriority",
  };
  return draft;
}

/** The object that `create KIND NAME` makes; undefined for other kinds. `name` asks for the one name. */
export function moreDraft(
  session: Session,
  kind: string,
  name: (command: string) => string,
): AnyDraft | undefined {
  switch (kind) {
    case "cronjob":
    case "cj":
      return cronJobDraft(session, name("create cronjob"));
    case "quota":
    case "resourcequota":
      return quotaDraft(session, name("create quota"));
    case "poddisruptionbudget":
    case "pdb":
      return budgetDraft(session, name("create poddisruptionbudget"));
    case "role":
      return roleDraft(session, "Role", name("create role"));
    case "clusterrole":
      return roleDraft(session, "ClusterRole", name("create clusterrole"));
    case "rolebinding":
      return bindingDraft(session, "RoleBinding", name("create rolebinding"));
    case "clusterrolebinding":
      return bindingDraft(session, "ClusterRoleBinding", name("create clusterrolebinding"));
    case "priorityclass":
    case "pc":
      return priorityClassDraft(session, name("create priorityclass"));
    default:
      return undefined;
  }
}

export const MORE_FLAGS = [
  text("from"),
  text("schedule"),
  text("restart"),
  list("hard"),
  list("scopes"),
  text("selector", "l"),
  text("min-available"),
  text("max-unavailable"),
  list("verb"),
  list("resource"),
  text("role"),
  text("clusterrole"),
  list("user"),
  list("group"),
  list("serviceaccount"),
  text("value"),
  text("description"),
  text("preemption-policy"),
  { name: "global-default", kind: "flag" },
  text("duration"),
  list("audience"),
] as const;

/** Base 64 for URLs, without its padding (RFC 4648, section 5). */
const url64 = (bytes: Uint8Array): string =>
  base64Encode(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

const LEAST_TOKEN = seconds(600);
const SIGNATURE_OCTETS = 256;

/**
 * A token of a ServiceAccount: a JWT as the API server makes it, with a signature that nobody's key has made; nobody here
 * looks at it.
 */
export function* createToken(session: Session, name: string): Task<number> {
  const { client, namespace, process } = session;
  yield* session.request();
  const account = client.get("ServiceAccount", namespace, name);
  if (account === undefined) fail(1, `error: failed to create token: serviceaccounts "${name}" not found\n`);
  const lifetime = session.duration("duration", seconds(3600));
  if (lifetime < LEAST_TOKEN)
    fail(
      1,
      problemText([
        refused({
          reason: "Invalid",
          message: `TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: ${toSeconds(lifetime)}: may not specify a duration less than 10 minutes`,
        }),
      ]),
    );
  const issued = Number(timestampNanos(session.now).slice(0, -9));
  const issuer = "https://kubernetes.default.svc.cluster.local";
  const audience = session.args.list("audience");
  const random = (count: number): Uint8Array =>
    Uint8Array.from({ length: count }, () => process.host.random.below(256));
  const claims = {
    aud: audience.length === 0 ? [issuer] : audience,
    exp: issued + toSeconds(lifetime),
    iat: issued,
    iss: issuer,
    "kubernetes.io": { namespace, serviceaccount: { name, uid: account.metadata.uid } },
    nbf: issued,
    sub: `system:serviceaccount:${namespace}:${name}`,
  };
  const part = (value: unknown): string => url64(utf8Encode(JSON.stringify(value)));
  const head = sortedJson({ alg: "RS256", kid: url64(random(32)) });
  yield* session.print(`${part(head)}.${part(claims)}.${url64(random(SIGNATURE_OCTETS))}\n`);
  return 0;
}
