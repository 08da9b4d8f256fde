/** kubectl's door. */
export { kubectl, type KubectlOptions } from "./kubectl.ts";
