import { formatIpv4, type Ipv4 } from "../../../wire/address.ts";
import { virtualServers } from "../virtual.ts";
import type { EntryBreak, Site } from "./entry.ts";

/** Virtual services of IPVS and their real servers, as `ipvsadm` adds and deletes them. */
export function serverEntries({ world, place }: Site): readonly EntryBreak[] {
  return virtualServers(world, place.netns).flatMap(({ name, option, servers, entry }): EntryBreak[] => {
    const { scheduler, persistent, netmask, onePacket, schedulerFlags } = entry.row;
    const mask = netmask === undefined || netmask === 0xffffffff ? "" : ` -M ${formatIpv4(netmask as Ipv4)}`;
    const stay = persistent === undefined ? "" : ` -p ${persistent}${mask}`;
    const flags = schedulerFlags === undefined ? "" : ` -b ${schedulerFlags.join(",")}`;
    const words = `-s ${scheduler}${stay}${onePacket === true ? " -o" : ""}${flags}`;
    const key = `ipvs/${entry.key}`;
    const common = { at: place.label, row: key };
    const ends = servers.map(({ end, weight, flag, upper, lower }): EntryBreak => {
      const limits = `${upper === undefined ? "" : ` -x ${upper}`}${lower === undefined ? "" : ` -y ${lower}`}`;
      const how = `${flag} -w ${weight}${limits}`;
      return {
        ...common,
        label: "break.server",
        values: { name, end },
        command: `ipvsadm -d ${option} -r ${end}`,
        undo: `ipvsadm -a ${option} -r ${end} ${how}`,
        set: `ipvsadm -e ${option} -r ${end} ${how}`,
        entry: `${key}/${end}`,
        within: key,
        says: how,
        edit: { head: `ipvsadm -e ${option} -r ${end} `, text: how },
      };
    });
    // The newest server stands first: added in turn, the last one comes to stand first again.
    const again = ends.toReversed().map(({ undo = "" }) => undo);
    const service: EntryBreak = {
      ...common,
      label: "break.virtual",
      values: { name, scheduler, count: servers.length },
      command: `ipvsadm -D ${option}`,
      undo: [`ipvsadm -A ${option} ${words}`, ...again].join(" && "),
      set: `ipvsadm -E ${option} ${words}`,
      entry: key,
      says: words,
      edit: { head: `ipvsadm -E ${option} `, text: words },
    };
    return [service, ...ends];
  });
}
