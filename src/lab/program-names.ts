/** The names of the commands (lab/userland.ts holds them); a test keeps the two together. */
export const PROGRAM_NAMES: readonly string[] = (
  "[ arp arping arptables arptables-restore arptables-save awk base64 basename bash brctl bridge cat " +
  "chmod clear column conntrack cp curl cut date diff dig dirname dmesg ebtables ebtables-restore ebtables-save " +
  "echo egrep env ethtool expr false fgrep find getent grep head hd hexdump host hostname id ifconfig ip ip6tables " +
  "ip6tables-apply ip6tables-legacy ip6tables-legacy-restore ip6tables-legacy-save ip6tables-nft " +
  "ip6tables-nft-restore ip6tables-nft-save ip6tables-restore ip6tables-restore-translate " +
  "ip6tables-save ip6tables-translate ipset iptables iptables-apply iptables-legacy " +
  "iptables-legacy-restore iptables-legacy-save iptables-nft iptables-nft-restore iptables-nft-save " +
  "iptables-restore iptables-restore-translate iptables-save iptables-translate ipvsadm kill ls lsmod mawk " +
  "mkdir mkfifo mktemp modprobe mv nc netcat netstat nft nice nl nohup nproc nsenter nslookup nstat od paste pgrep ping ping4 ping6 pkill " +
  "printf ps pwd python3 readlink realpath rev rm rmdir route sed seq setsid sh sleep socat sort ss " +
  "stdbuf sysctl tac tail tc tcpdump tee test timeout touch tr tracepath traceroute true uname uniq " +
  "unshare wc wg wget which whoami xargs xtables-monitor yes"
).split(" ");
