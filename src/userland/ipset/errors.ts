import type { IpsetType, KernelError } from "../../kernel/uapi/index.ts";
import { strerror } from "../os/errno.ts";

/** What ipset 7.17 says when the kernel refuses. Models: libipset's errcode.c. */
export function kernelText(command: string, error: KernelError, type?: IpsetType): string {
  const { errno } = error;
  if (errno === "ENOENT") {
    return error.extack === "second"
      ? "Sets cannot be swapped: the second set does not exist"
      : "The set with the given name does not exist";
  }
  const own = TEXTS[command]?.[errno];
  if (own !== undefined) return own;
  if (errno === "ENOSPC" && type !== "list:set") return "Hash is full, cannot add more elements";
  return ANY[errno] ?? `Kernel error received: ${strerror(errno)}`;
}

type Texts = Readonly<Partial<Record<KernelError["errno"], string>>>;

const TEXTS: Readonly<Record<string, Texts>> = {
  create: { EEXIST: "Set cannot be created: set with the same name already exists" },
  destroy: { EBUSY: "Set cannot be destroyed: it is in use by a kernel component" },
  rename: {
    EEXIST: "Set cannot be renamed: a set with the new name already exists",
    EBUSY: "Set cannot be renamed: it is in use by another system",
  },
  swap: { EINVAL: "The sets cannot be swapped: their type does not match" },
  add: {
    EEXIST: "Element cannot be added to the set: it's already added",
    ESRCH: "The set to which you referred with 'before' or 'after' is not added to the set.",
  },
  del: { ESRCH: "Element cannot be deleted from the set: it's not added" },
};

const ANY: Texts = {
  ERANGE: "Element is out of the range of the set",
  ELOOP: "Sets with list:set type cannot be added to the set.",
  EPROTO: "Set to be added/deleted/tested as element does not exist.",
};
