import { type Nanos } from "../../../sim/time.ts";
import type { IpsetSpec } from "../../uapi/ipset.ts";
import { FOR_EVER } from "./set.ts";

/** A set in a list of sets. */
export interface Member {
  readonly set: string;
  expires: Nanos;
  packets: number;
  bytes: number;
  comment: string | undefined;
}

/** A list:set: what one of its sets has, it has. Models: ip_set_list_set.c. */
export class ListSet {
  name: string;
  readonly spec: IpsetSpec;
  references = 0;
  members: Member[] = [];

  constructor(name: string, spec: IpsetSpec) {
    this.name = name;
    this.spec = spec;
  }

  /** Members that have not expired; `gone` is told of the others. */
  alive(now: Nanos, gone: (set: string) => void): readonly Member[] {
    const over = this.members.filter((m) => m.expires !== FOR_EVER && m.expires <= now);
    if (over.length > 0) {
      this.members = this.members.filter((m) => !over.includes(m));
      for (const member of over) gone(member.set);
    }
    return this.members;
  }
}
