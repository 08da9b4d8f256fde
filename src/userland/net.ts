import { absent } from "./args/exit.ts";
import { arp } from "./arp/arp.ts";
import { arping } from "./arping/arping.ts";
import { bridge } from "./bridge/bridge.ts";
import { brctl } from "./brctl/brctl.ts";
import { curl } from "./curl/curl.ts";
import { dig } from "./dig/dig.ts";
import { ethtool } from "./ethtool/ethtool.ts";
import { getent } from "./getent/getent.ts";
import { host } from "./host/host.ts";
import { conntrack } from "./conntrack/conntrack.ts";
import { ifconfig } from "./ifconfig/ifconfig.ts";
import { ip } from "./ip/ip.ts";
import { IPTABLES_PROGRAMS } from "./iptables/programs.ts";
import { ipset } from "./ipset/ipset.ts";
import { ipvsadm } from "./ipvsadm/ipvsadm.ts";
import { dmesg } from "./dmesg/dmesg.ts";
import type { Program } from "./os/process.ts";
import { modprobe } from "./kmod/modprobe.ts";
import { nc } from "./nc/nc.ts";
import { netstat } from "./netstat/netstat.ts";
import { nft } from "./nft/nft.ts";
import { nslookup } from "./nslookup/nslookup.ts";
import { ping, pingFamily } from "./ping/ping.ts";
import { python3 } from "./python/http-server.ts";
import { route } from "./route/route.ts";
import { socat } from "./socat/socat.ts";
import { ss } from "./ss/ss.ts";
import { sysctl } from "./sysctl/sysctl.ts";
import { tc } from "./tc/tc.ts";
import { tcpdump } from "./tcpdump/tcpdump.ts";
import { tracepath } from "./tracepath/tracepath.ts";
import { traceroute } from "./traceroute/traceroute.ts";
import { wg } from "./wg/wg.ts";
import { wget } from "./wget/wget.ts";

/** The commands about networks; one line a command. */
export const NET_PROGRAMS: readonly (readonly [string, Program])[] = [
  ["arp", arp],
  ["arping", arping],
  ["bridge", bridge],
  ["brctl", brctl],
  ["curl", curl],
  ["dmesg", dmesg],
  ["dig", dig],
  ["ethtool", ethtool],
  ["getent", getent],
  ["host", host],
  ["conntrack", conntrack],
  ["ifconfig", ifconfig],
  ["ip", ip],
  ...IPTABLES_PROGRAMS,
  ["ipset", ipset],
  ["ipvsadm", ipvsadm],
  ["modprobe", modprobe],
  ["lsmod", absent("lsmod")],
  ["nc", nc],
  ["netcat", nc],
  ["netstat", netstat],
  ["nft", nft],
  ["nstat", absent("nstat")],
  ["nslookup", nslookup],
  ["ping", ping],
  ["ping4", pingFamily("4")],
  ["ping6", pingFamily("6")],
  ["python3", python3],
  ["route", route],
  ["socat", socat],
  ["ss", ss],
  ["sysctl", sysctl],
  ["tc", tc],
  ["tcpdump", tcpdump],
  ["tracepath", tracepath],
  ["traceroute", traceroute],
  ["wg", wg],
  ["wget", wget],
];
