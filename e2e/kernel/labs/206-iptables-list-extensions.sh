# How a listing names the matches and targets, with and without -n.
ns a
h="ip netns exec a"
### probe
h="ip netns exec a"
a() { $h iptables "$@"; }
a -N c
for rule in "-p tcp --dport 80:90 ! --sport 1024 --syn" "-p udp -m multiport ! --dports 53,67:68" "-p icmp --icmp-type echo-request" "-p icmp --icmp-type 3/4" \
  "-m conntrack --ctstate NEW,DNAT --ctorigdst 10.0.0.0/8" "-m mark ! --mark 1/0xff" "-m connmark --mark 7" "-m addrtype --dst-type LOCAL ! --src-type LOCAL" \
  "-m statistic --mode nth --every 3 --packet 1" "-m recent --update --seconds 60 --hitcount 4 --name x" "-m physdev --physdev-in eth+ --physdev-is-bridged" \
  "-m mac --mac-source 02:00:00:00:0A:01" "-m length --length 100:" "-m limit --limit 30/minute --limit-burst 9" "-m hashlimit --hashlimit-above 10/s --hashlimit-mode srcip --hashlimit-name h" \
  "-m owner --uid-owner 0" "-m socket --transparent" "-m pkttype --pkt-type broadcast" "-m dscp --dscp-class EF" "-m tos --tos Minimize-Delay" "-m ttl --ttl-lt 5" \
  "-m iprange --src-range 10.0.0.1-10.0.0.9" "-m connlimit --connlimit-above 3" "-m policy --dir in --pol ipsec" "-m state --state ESTABLISHED" "! -p esp -f" "-p 200 -i eth+ ! -o lo"
do a -A c $rule -j RETURN; done
for target in "REJECT --reject-with icmp-admin-prohibited" "LOG --log-prefix x --log-level info --log-uid" "NFLOG --nflog-group 3" "MARK --or-mark 0x40" "CONNMARK --save-mark"
do a -A c -j $target; done
a -nvL c; a -L c; a -S c
for target in "TTL --ttl-inc 1" "TOS --set-tos 0x10/0x3f" "DSCP --set-dscp 46" "CLASSIFY --set-class 1:a" "CHECKSUM --checksum-fill" "MARK --set-mark 3/7"
do a -t mangle -A POSTROUTING -p tcp -j $target; done
a -t mangle -A FORWARD -p tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu
a -t raw -A PREROUTING -j CT --notrack; a -t raw -A PREROUTING -j NOTRACK; a -t raw -A OUTPUT -m rpfilter -j CT --zone 4 2>&1 || echo "exit $?"
a -t nat -A POSTROUTING -p udp -j SNAT --to-source 1.2.3.4-1.2.3.5:1000-2000 --random; a -t nat -A PREROUTING -j NETMAP --to 10.1.0.0/16; a -t nat -A OUTPUT -p tcp -j REDIRECT --to-ports 80-90
for t in mangle raw nat; do a -t $t -nL; a -t $t -L | grep -v '^Chain\|^$\|^target'; done
