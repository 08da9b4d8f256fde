# ip6tables on a router and on a host: MASQUERADE, DNAT before routing and in OUTPUT, REJECT, DROP.
six() { for n in "$@"; do ip netns add $n; ip netns exec $n sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.default.router_solicitations=0 net.ipv6.icmp.ratelimit=0; ip -n $n link set lo up; done; }
six a r b
wire a eth0 02:00:00:00:01:0a r left 02:00:00:00:01:01; wire r right 02:00:00:00:02:01 b eth0 02:00:00:00:02:0b
ip netns exec r sysctl -qw net.ipv6.conf.all.forwarding=1
ip -n a addr add 2001:db8:1::a/64 dev eth0; ip -n r addr add 2001:db8:1::1/64 dev left
ip -n r addr add 2001:db8:2::1/64 dev right; ip -n b addr add 2001:db8:2::b/64 dev eth0
ip -n a -6 route add default via 2001:db8:1::1
ip netns exec r ip6tables -t nat -A POSTROUTING -o right -j MASQUERADE
ip netns exec r ip6tables -t nat -A PREROUTING -d 2001:db8:9::9 -p tcp --dport 80 -j DNAT --to-destination [2001:db8:2::b]:7001
ip netns exec r ip6tables -A FORWARD -p udp --dport 53 -j REJECT
ip netns exec r ip6tables -A FORWARD -p udp --dport 54 -j REJECT --reject-with icmp6-adm-prohibited
ip netns exec r ip6tables -A FORWARD -p udp --dport 55 -j DROP
ip netns exec a ip6tables -t nat -A OUTPUT -d 2001:db8:8::8 -j DNAT --to-destination 2001:db8:2::b
### probe
x() { "$@" 2>&1 || echo "exit $?"; }
listen() { timeout 4 ip netns exec b nc "$@" 2>&1 & sleep 0.4; }
x ip netns exec a ping -c2 -i0.3 2001:db8:2::b
x ip netns exec a ping -c1 2001:db8:8::8
listen -6 -l -n 7001; echo hello | x ip netns exec a nc -N -n -v -p 4000 2001:db8:9::9 80; wait
for p in 53 54 55 56; do echo hi | x ip netns exec a nc -u -w1 -n -p $((4000+p)) 2001:db8:2::b $p; done
x ip netns exec r ip6tables -L FORWARD -n -v; x ip netns exec r ip6tables -t nat -S
