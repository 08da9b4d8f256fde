import { type FieldError, invalidField } from "../errors.ts";

const LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`;
const LABEL_1035 = "[a-z]([-a-z0-9]*[a-z0-9])?";

interface NameRule {
  readonly pattern: RegExp;
  readonly max: number;
  readonly why: string;
}

const NAME_RULES = {
  subdomain: {
    pattern: new RegExp(`^${SUBDOMAIN}$`),
    max: 253,
    why: `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '${SUBDOMAIN}')`,
  },
  label: {
    pattern: new RegExp(`^${LABEL}$`),
    max: 63,
    why: `a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '${LABEL}')`,
  },
  label1035: {
    pattern: new RegExp(`^${LABEL_1035}$`),
    max: 63,
    why: `a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '${LABEL_1035}')`,
  },
  segment: {
    pattern: /^(?!\.{1,2}$)[^/%]+$/,
    max: Infinity,
    why: "may not contain '/' or '%'",
  },
} satisfies Readonly<Record<string, NameRule>>;

export type NameKind = keyof typeof NAME_RULES;

/** What is wrong with a name. Models: apimachinery/pkg/util/validation. */
export function nameProblems(path: string, name: string, kind: NameKind): FieldError[] {
  const { pattern, max, why } = NAME_RULES[kind];
  if (name.length > max) return [invalidField(path, name, `must be no more than ${max} characters`)];
  return pattern.test(name) ? [] : [invalidField(path, name, why)];
}

const OBJECT_NAMES: Readonly<Record<string, NameKind>> = {
  Namespace: "label",
  Service: "label1035",
  Role: "segment",
  ClusterRole: "segment",
  RoleBinding: "segment",
  ClusterRoleBinding: "segment",
};

export function objectNameProblems(kind: string, name: string): FieldError[] {
  return nameProblems("metadata.name", name, OBJECT_NAMES[kind] ?? "subdomain");
}

const LABEL_VALUE = /^(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/;
const LABEL_VALUE_WHY =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

export function labelProblems(
  path: string,
  labels: Readonly<Record<string, string>> | undefined,
): FieldError[] {
  return Object.values(labels ?? {})
    .filter((value) => value.length > 63 || !LABEL_VALUE.test(value))
    .map((value) =>
      invalidField(path, value, value.length > 63 ? "must be no more than 63 bytes" : LABEL_VALUE_WHY),
    );
}
