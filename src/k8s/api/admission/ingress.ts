import { ok } from "../../../base/result.ts";
import { parseIpv4 } from "../../../wire/address.ts";
import { parseIpv6 } from "../../../wire/address6.ts";
import { type FieldError, forbiddenField, invalidField, requiredField, unsupportedField } from "../errors.ts";
import { type AnyObject, type Draft, isA, type ObjectOf } from "../types.ts";
import { nameProblems } from "./names.ts";
import { portNameProblems } from "./ports.ts";
import type { Registry, Strategy } from "./strategy.ts";

type IngressSpec = NonNullable<Draft<"Ingress">["spec"]>;
type Backend = NonNullable<IngressSpec["defaultBackend"]>;
type Rule = NonNullable<IngressSpec["rules"]>[number];
type Path = NonNullable<Rule["http"]>["paths"][number];

/** Says which class an Ingress wants, in the time before spec.ingressClassName. */
export const CLASS_ANNOTATION = "kubernetes.io/ingress.class";
const DEFAULT_CLASS = "ingressclass.kubernetes.io/is-default-class";
const PATH_TYPES = ["Exact", "ImplementationSpecific", "Prefix"];
const SEQUENCES = ["//", "/./", "/../", "%2f", "%2F"];
const SUFFIXES = ["/..", "/."];

const WILDCARD_PATTERN = /^\*\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const WILDCARD_WHY =
  "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', regex used for validation is '\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

function hostNameProblems(path: string, host: string): readonly FieldError[] {
  if (!host.includes("*")) return nameProblems(path, host, "subdomain");
  return WILDCARD_PATTERN.test(host) ? [] : [invalidField(path, host, WILDCARD_WHY)];
}

/** Models: validateIngressBackend. */
function backendProblems(path: string, { service, resource }: Backend): readonly FieldError[] {
  if (resource !== undefined && service !== undefined)
    return [invalidField(path, "", "cannot set both resource and service backends")];
  if (resource !== undefined) return [];
  if (service === undefined) return [invalidField(path, "", "resource or service backend is required")];
  const at = `${path}.service`;
  const { name, port = {} } = service;
  const named = name === "" ? [requiredField(`${at}.name`)] : nameProblems(`${at}.name`, name, "label1035");
  const { name: portName = "", number = 0 } = port;
  if (portName !== "" && number !== 0)
    return [...named, invalidField(path, "", "cannot set both port name & port number")];
  if (portName !== "") return [...named, ...portNameProblems(`${at}.port.name`, portName)];
  if (number === 0) return [...named, requiredField(path, "port name or number is required")];
  const range = "must be between 1 and 65535, inclusive";
  return number > 0 && number < 65_536 ? named : [...named, invalidField(`${at}.port.number`, number, range)];
}

/** Models: validateHTTPIngressPath. */
function pathProblems(at: string, { path = "", pathType, backend }: Path): readonly FieldError[] {
  if (pathType === undefined) return [requiredField(`${at}.pathType`, "pathType must be specified")];
  const absolute = (): readonly FieldError[] =>
    path.startsWith("/") ? [] : [invalidField(`${at}.path`, path, "must be an absolute path")];
  const problems: FieldError[] = [];
  if (pathType === "ImplementationSpecific") {
    if (path !== "") problems.push(...absolute());
  } else if (PATH_TYPES.includes(pathType)) {
    problems.push(...absolute());
    for (const sequence of SEQUENCES)
      if (path.includes(sequence))
        problems.push(invalidField(`${at}.path`, path, `must not contain '${sequence}'`));
    for (const suffix of SUFFIXES)
      if (path.endsWith(suffix))
        problems.push(invalidField(`${at}.path`, path, `cannot end with '${suffix}'`));
  } else problems.push(unsupportedField(`${at}.pathType`, pathType, PATH_TYPES));
  return [...problems, ...backendProblems(`${at}.backend`, backend)];
}

function ruleProblems(at: string, { host = "", http }: Rule): readonly FieldError[] {
  const problems: FieldError[] = [];
  if (host !== "") {
    if (parseIpv4(host) !== undefined || parseIpv6(host) !== undefined)
      problems.push(invalidField(`${at}.host`, host, "must be a DNS name, not an IP address"));
    problems.push(...hostNameProblems(`${at}.host`, host));
  }
  if (http === undefined) return problems;
  if (http.paths.length === 0) problems.push(requiredField(`${at}.http.paths`));
  return [...problems, ...http.paths.flatMap((path, i) => pathProblems(`${at}.http.paths[${i}]`, path))];
}

/** Models: pkg/apis/networking/validation ValidateIngressSpec. */
function specProblems(spec: IngressSpec): readonly FieldError[] {
  const { defaultBackend, rules = [], tls = [], ingressClassName } = spec;
  const problems: FieldError[] = [];
  if (rules.length === 0 && defaultBackend === undefined)
    problems.push(invalidField("spec", [], "either `defaultBackend` or `rules` must be specified"));
  if (defaultBackend !== undefined) problems.push(...backendProblems("spec.defaultBackend", defaultBackend));
  problems.push(...rules.flatMap((rule, i) => ruleProblems(`spec.rules[${i}]`, rule)));
  for (const [i, { hosts = [], secretName = "" }] of tls.entries()) {
    problems.push(...hosts.flatMap((host, j) => hostNameProblems(`spec.tls[${i}].hosts[${j}]`, host)));
    if (secretName !== "")
      problems.push(...nameProblems(`spec.tls[${i}].secretName`, secretName, "subdomain"));
  }
  if (ingressClassName !== undefined)
    problems.push(...nameProblems("spec.ingressClassName", ingressClassName, "subdomain"));
  return problems;
}

/** The newest of the classes that call themselves the default. Models: plugin/pkg/admission/network/defaultingressclass. */
function defaultClass(registry: Registry): string | undefined {
  const classes = registry
    .list("IngressClass")
    .filter((object): object is AnyObject & ObjectOf<"IngressClass"> => isA("IngressClass", object))
    .filter(({ metadata }) => metadata.annotations?.[DEFAULT_CLASS] === "true")
    .toSorted(
      (a, b) =>
        order(b.metadata.creationTimestamp, a.metadata.creationTimestamp) ||
        order(a.metadata.name, b.metadata.name),
    );
  return classes[0]?.metadata.name;
}

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

export const ingressStrategy: Strategy<"Ingress"> = {
  create: (draft, registry) => {
    const chosen = draft.spec?.ingressClassName ?? draft.metadata.annotations?.[CLASS_ANNOTATION];
    const ingressClassName = chosen === undefined ? defaultClass(registry) : undefined;
    const { status: _, ...rest } = draft;
    return ok({
      ...rest,
      spec: { ...draft.spec, ...(ingressClassName === undefined ? {} : { ingressClassName }) },
      status: { loadBalancer: {} },
    });
  },
  validate: (draft, current) => {
    const { metadata, spec = {} } = draft;
    const annotated = metadata.annotations?.[CLASS_ANNOTATION];
    const both = current === undefined && annotated !== undefined && spec.ingressClassName !== undefined;
    const clash = both
      ? [
          invalidField(
            `annotations.${CLASS_ANNOTATION}`,
            annotated,
            "can not be set when the class field is also set",
          ),
        ]
      : [];
    return [...clash, ...specProblems(spec)];
  },
};

/** Models: ValidateIngressClass. */
export const ingressClassStrategy: Strategy<"IngressClass"> = {
  validate: ({ spec }, current) => {
    const controller = spec?.controller ?? "";
    const before = current?.spec?.controller;
    if (before !== undefined && before !== controller)
      return [invalidField("spec.controller", controller, "field is immutable")];
    if (controller.length > 250)
      return [invalidField("spec.controller", controller, "must be no more than 250 characters")];
    return domainPathProblems("spec.controller", controller);
  },
};

/** Models: apimachinery validation.IsDomainPrefixedPath. */
function domainPathProblems(at: string, text: string): readonly FieldError[] {
  if (text === "") return [requiredField(at)];
  const slash = text.indexOf("/");
  const why = 'must be a domain-prefixed path (such as "acme.io/foo")';
  if (slash <= 0 || slash === text.length - 1) return [invalidField(at, text, why)];
  const domain = nameProblems(at, text.slice(0, slash), "subdomain");
  if (domain.length > 0) return domain;
  return /^[A-Za-z0-9/\-._~!$&'()*+,;=:@%]+$/.test(text.slice(slash + 1))
    ? []
    : [forbiddenField(at, "Invalid path")];
}
