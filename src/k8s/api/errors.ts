import { err, type Result } from "../../base/result.ts";

/** Why the server refuses. Models: k8s.io/apimachinery/pkg/apis/meta/v1 StatusReason. */
export type ApiReason =
  | "AlreadyExists"
  | "BadRequest"
  | "Conflict"
  | "Forbidden"
  | "Invalid"
  | "MethodNotAllowed"
  | "NotFound"
  | "ServiceUnavailable";

/** The refusal as the server words it; kubectl prints `Error from server (reason): message`. */
export interface ApiError {
  readonly reason: ApiReason;
  readonly message: string;
  /** For Invalid: what is wrong with which object, cause by cause. */
  readonly details?: { readonly kind: string; readonly name: string; readonly causes: readonly string[] };
}

export type ApiResult<T> = Result<T, ApiError>;

/** `deployments.apps`, or `pods` for the core group: how messages name a resource. */
export interface ResourceName {
  readonly plural: string;
  readonly group: string;
}

function qualified(resource: ResourceName): string {
  return resource.group === "" ? resource.plural : `${resource.plural}.${resource.group}`;
}

export function notFound(resource: ResourceName, name: string): Result<never, ApiError> {
  return err({ reason: "NotFound", message: `${qualified(resource)} "${name}" not found` });
}

export function alreadyExists(resource: ResourceName, name: string): Result<never, ApiError> {
  return err({ reason: "AlreadyExists", message: `${qualified(resource)} "${name}" already exists` });
}

export function conflict(resource: ResourceName, name: string): Result<never, ApiError> {
  const why = "the object has been modified; please apply your changes to the latest version and try again";
  return err({
    reason: "Conflict",
    message: `Operation cannot be fulfilled on ${qualified(resource)} "${name}": ${why}`,
  });
}

export function forbidden(resource: ResourceName, name: string, why: string): Result<never, ApiError> {
  return err({ reason: "Forbidden", message: `${qualified(resource)} "${name}" is forbidden: ${why}` });
}

/** Nobody answers at the API server's address. */
export function unreachable(): Result<never, ApiError> {
  return err({ reason: "ServiceUnavailable", message: "connect: no route to host" });
}

export function badRequest(message: string): Result<never, ApiError> {
  return err({ reason: "BadRequest", message });
}

/** One field that breaks a rule: `spec.selector: Required value`. */
export interface FieldError {
  readonly path: string;
  readonly problem: string;
}

export const requiredField = (path: string, why = ""): FieldError => ({
  path,
  problem: why === "" ? "Required value" : `Required value: ${why}`,
});
export const invalidField = (path: string, value: unknown, why: string): FieldError => ({
  path,
  problem: `Invalid value: ${typeof value === "string" ? `"${value}"` : JSON.stringify(value)}: ${why}`,
});
export const forbiddenField = (path: string, why: string): FieldError => ({
  path,
  problem: `Forbidden: ${why}`,
});
export const unsupportedField = (path: string, value: string, values: readonly string[]): FieldError => ({
  path,
  problem: `Unsupported value: "${value}": supported values: ${values.map((x) => `"${x}"`).join(", ")}`,
});

/** All broken fields of one object. Models: api/errors NewInvalid. */
export function invalid(
  kind: string,
  group: string,
  name: string,
  fields: readonly FieldError[],
): Result<never, ApiError> {
  const causes = [...new Set(fields.map((field) => `${field.path}: ${field.problem}`))];
  const what = `${group === "" ? kind : `${kind}.${group}`} "${name}" is invalid: `;
  const message = what + (causes.length === 1 ? causes.join("") : `[${causes.join(", ")}]`);
  return err({ reason: "Invalid", message, details: { kind, name, causes } });
}
