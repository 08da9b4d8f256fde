# Two uplinks by connmark: replies leave where the question came in; marks saved and restored, rules by mark, CONNMARK in listings
ns c g r1 r2 srv
wire g w1 02:00:00:00:01:01 r1 e0 02:00:00:00:01:02; wire g w2 02:00:00:00:02:01 r2 e0 02:00:00:00:02:02; wire r1 e1 02:00:00:00:03:01 c e1 02:00:00:00:03:02; wire r2 e1 02:00:00:00:04:01 c e2 02:00:00:00:04:02; wire g lan 02:00:00:00:05:01 srv eth0 02:00:00:00:05:02
ip -n g addr add 100.1.0.2/24 dev w1; ip -n g addr add 100.2.0.2/24 dev w2; ip -n g addr add 10.0.0.1/24 dev lan; ip -n srv addr add 10.0.0.2/24 dev eth0; ip -n srv route add default via 10.0.0.1
ip -n r1 addr add 100.1.0.1/24 dev e0; ip -n r1 addr add 7.0.0.1/24 dev e1; ip -n r2 addr add 100.2.0.1/24 dev e0; ip -n r2 addr add 8.0.0.1/24 dev e1; ip -n c addr add 7.0.0.2/24 dev e1; ip -n c addr add 8.0.0.2/24 dev e2; ip -n c route add 100.1.0.0/24 via 7.0.0.1; ip -n c route add 100.2.0.0/24 via 8.0.0.1
ip -n g route add default via 100.1.0.1; ip -n g route add default via 100.1.0.1 table 1; ip -n g route add default via 100.2.0.1 table 2; fwd g r1 r2
ip -n g rule add fwmark 1/0xff table 1; ip -n g rule add fwmark 2/0xff table 2
### probe
G="ip netns exec g iptables"
$G -t mangle -A PREROUTING -j CONNMARK --restore-mark; $G -t mangle -A PREROUTING -i w1 -m mark --mark 0 -j MARK --set-mark 1; $G -t mangle -A PREROUTING -i w2 -m mark --mark 0 -j MARK --set-mark 2; $G -t mangle -A POSTROUTING -j CONNMARK --save-mark --nfmask 0xff --ctmask 0xff
$G -t mangle -A OUTPUT -j CONNMARK --restore-mark
$G -t nat -A PREROUTING -p udp --dport 53 -j DNAT --to 10.0.0.2; $G -t nat -A PREROUTING -p icmp --icmp-type echo-request -d 100.2.0.2 -j DNAT --to 10.0.0.2
ip netns exec srv timeout 6 nc -u -l -p 53 >/dev/null & sleep 0.3
P() { ip netns exec c ping -c2 -i0.3 -W1 "$@" | grep -E 'from|trans'; }
P 100.1.0.2; P 100.2.0.2; P -I 7.0.0.2 100.1.0.2; echo q | ip netns exec c nc -u -w1 -p 900 100.2.0.2 53
ip netns exec g conntrack -L 2>&1 | sed -E 's/ [0-9]+ src/ T src/; s/id=[0-9]+/id=N/g' | sort; ip netns exec g conntrack -L --mark 2 2>/dev/null | wc -l
$G -t mangle -nvL; $G -t mangle -S; ip -n g rule; ip -n g route get 8.0.0.2 mark 2; ip -n g route get 8.0.0.2 from 10.0.0.2 iif lan mark 2; ip -n g route get 8.0.0.2

ip netns exec g sysctl -qw net.ipv4.conf.w2.rp_filter=1; P 100.2.0.2; ip netns exec g sysctl -qw net.ipv4.conf.w2.src_valid_mark=1; P 100.2.0.2; $G -t mangle -nvxL PREROUTING
