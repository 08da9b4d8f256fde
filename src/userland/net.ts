import { arp } from "./arp/arp.ts";
import { bridge } from "./bridge/bridge.ts";
import { brctl } from "./brctl/brctl.ts";
import { ifconfig } from "./ifconfig/ifconfig.ts";
import { ip } from "./ip/ip.ts";
import { IPTABLES_PROGRAMS } from "./iptables/programs.ts";
import { ipset } from "./ipset/ipset.ts";
import { ipvsadm } from "./ipvsadm/ipvsadm.ts";
import type { Program } from "./os/process.ts";
import { nc } from "./nc/nc.ts";
import { netstat } from "./netstat/netstat.ts";
import { ping } from "./ping/ping.ts";
import { route } from "./route/route.ts";
import { ss } from "./ss/ss.ts";
import { sysctl } from "./sysctl/sysctl.ts";
import { tcpdump } from "./tcpdump/tcpdump.ts";
import { traceroute } from "./traceroute/traceroute.ts";

/** The commands about networks; one line a command. */
export const NET_PROGRAMS: readonly (readonly [string, Program])[] = [
  ["arp", arp],
  ["bridge", bridge],
  ["brctl", brctl],
  ["ifconfig", ifconfig],
  ["ip", ip],
  ...IPTABLES_PROGRAMS,
  ["ipset", ipset],
  ["ipvsadm", ipvsadm],
  ["nc", nc],
  ["netcat", nc],
  ["netstat", netstat],
  ["ping", ping],
  ["route", route],
  ["ss", ss],
  ["sysctl", sysctl],
  ["tcpdump", tcpdump],
  ["traceroute", traceroute],
];
