import { sortedJson } from "../../../formats/json.ts";
import { KUBERNETES_VERSION } from "../../kind/manifests.ts";
import { apiVersionOf, type ResourceInfo } from "../../api/resources.ts";
import type { ApiStore } from "../../api/index.ts";
import { matches, parseSelector } from "../../../formats/selector.ts";

/** What the API server answers to a GET of a path: `kubectl get --raw`. */
export type RawAnswer =
  { readonly ok: true; readonly text: string } | { readonly ok: false; readonly why: string };

const HEALTH = ["/healthz", "/livez", "/readyz"];

const json = (value: unknown): RawAnswer => ({ ok: true, text: JSON.stringify(value) });
const NOT_FOUND: RawAnswer = {
  ok: false,
  why: "Error from server (NotFound): the server could not find the requested resource\n",
};

/** `/version`; when and of what it was built is left out. */
function version(): RawAnswer {
  const [, major = "", minor = ""] = /^v(\d+)\.(\d+)/.exec(KUBERNETES_VERSION) ?? [];
  const said = { major, minor, gitVersion: KUBERNETES_VERSION, compiler: "gc", platform: "linux/amd64" };
  return { ok: true, text: JSON.stringify(said, null, 2) };
}

function groupsOf(store: ApiStore): RawAnswer {
  const names = [...new Set(store.resources().map(({ group }) => group))].filter((group) => group !== "");
  const groups = names.map((name) => {
    const versions = [
      ...new Set(store.resources().flatMap((r) => (r.group === name ? [apiVersionOf(r)] : []))),
    ];
    const all = versions.map((groupVersion) => ({ groupVersion, version: groupVersion.split("/")[1] }));
    return { name, versions: all, preferredVersion: all[0] };
  });
  return json({ kind: "APIGroupList", apiVersion: "v1", groups });
}

/** The resources of a group's version. */
function resourcesOf(store: ApiStore, groupVersion: string): RawAnswer {
  const found = store.resources().filter((info) => apiVersionOf(info) === groupVersion);
  if (found.length === 0) return NOT_FOUND;
  const resources = found.map(({ plural, kind, namespaced, shortNames }) => ({
    name: plural,
    singularName: kind.toLowerCase(),
    namespaced,
    kind,
    ...(shortNames.length > 0 && { shortNames }),
  }));
  return json({ kind: "APIResourceList", apiVersion: "v1", groupVersion, resources });
}

function objects(
  store: ApiStore,
  info: ResourceInfo,
  at: { readonly namespace: string | undefined; readonly name: string | undefined },
  query: string,
): RawAnswer {
  if (at.name !== undefined) {
    const object = store.get(info.id, at.namespace ?? "", at.name);
    if (object !== undefined) return json(sortedJson(object));
    const type = info.group === "" ? info.plural : `${info.plural}.${info.group}`;
    return { ok: false, why: `Error from server (NotFound): ${type} "${at.name}" not found\n` };
  }
  const words = new URLSearchParams(query).get("labelSelector");
  const selector = words === null ? undefined : parseSelector(words);
  const items = store
    .list(info.id, at.namespace === undefined ? {} : { namespace: at.namespace })
    .filter(({ metadata }) => selector?.ok !== true || matches(selector.value, metadata.labels));
  return json({
    kind: `${info.kind}List`,
    apiVersion: apiVersionOf(info),
    metadata: { resourceVersion: "" },
    items: items.map((item) => sortedJson(item)),
  });
}

export function rawGet(store: ApiStore, target: string): RawAnswer {
  const [path = "", query = ""] = target.split(/\?(.*)/s);
  const clean = path.replace(/(.)\/$/, "$1");
  if (HEALTH.includes(clean)) return { ok: true, text: "ok" };
  if (clean === "/version") return version();
  if (clean === "/api") return json({ kind: "APIVersions", versions: ["v1"] });
  if (clean === "/apis") return groupsOf(store);
  const [, core, named, rest = ""] = /^\/(?:(api\/v1)|apis\/([^/]+\/[^/]+))(?:\/(.*))?$/.exec(clean) ?? [];
  const groupVersion = core === undefined ? named : "v1";
  if (groupVersion === undefined) return NOT_FOUND;
  if (rest === "") return resourcesOf(store, groupVersion);
  const words = rest.split("/");
  const inNamespace = words[0] === "namespaces" && words.length > 2;
  const [plural, name, ...more] = inNamespace ? words.slice(2) : words;
  const info = store.resources().find((r) => apiVersionOf(r) === groupVersion && r.plural === plural);
  if (info === undefined || more.length > 0) return NOT_FOUND;
  return objects(store, info, { namespace: inNamespace ? words[1] : undefined, name }, query);
}
