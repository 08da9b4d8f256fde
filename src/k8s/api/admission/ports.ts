import { type FieldError, invalidField } from "../errors.ts";

/** Models: k8s.io/apimachinery validation.IsValidPortName. */
export function portNameProblems(path: string, name: string): readonly FieldError[] {
  const rules: readonly (readonly [boolean, string])[] = [
    [name.length <= 15, "must be no more than 15 characters"],
    [/^[-a-z0-9]+$/.test(name), "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)"],
    [/[a-z]/.test(name), "must contain at least one letter (a-z)"],
    [!name.includes("--"), "must not contain consecutive hyphens"],
    [!/^-|-$/.test(name), "must not begin or end with a hyphen"],
  ];
  return rules.filter(([kept]) => !kept).map(([, why]) => invalidField(path, name, why));
}
