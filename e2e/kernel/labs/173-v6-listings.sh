# What other tools say of IPv6: net-tools, ss, and one listener seen by peers of both families.
six() { for n in "$@"; do ip netns add $n; ip netns exec $n sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.default.router_solicitations=0 net.ipv6.icmp.ratelimit=0; ip -n $n link set lo up; done; }
six a b
wire a eth0 02:00:00:00:00:0a b eth0 02:00:00:00:00:0b
ip -n b addr add 2001:db8::b/64 dev eth0; ip -n a addr add 2001:db8::a/64 dev eth0; ip -n b addr add 10.0.0.2/24 dev eth0; ip -n a addr add 10.0.0.1/24 dev eth0
### probe
x() { "$@" 2>&1 || echo "exit $?"; }
listen() { timeout 5 ip netns exec b nc "$@" 2>&1 & sleep 0.4; }
ip netns exec a ifconfig lo | grep inet; ip netns exec a ifconfig eth0 | grep inet | sort; x ip netns exec a ifconfig eth0 inet6 add 2001:db8::78/64
x ip -n a -o -6 addr show scope global; x ip -n a -6 -br addr show dev eth0; x ip netns exec a ifconfig eth0 del 2001:db8::78/64
x ip -n a -4 route show table all; x ip -n a route show table all; x ip -n a route get 2001:db8::b; x ip -n a addr show dev eth0 scope link
x ip -n a link show eth0; x ip -n a -6 link show eth0; x ip -n a -6 route show dev lo
listen -6 -l -n -v 7001; ip netns exec b netstat -lnt; ip netns exec b netstat -lnt6; ip netns exec b ss -6ntl
(echo one; sleep 0.8) | ip netns exec a nc -N -n -p 4001 10.0.0.2 7001 & sleep 0.3; ip netns exec b ss -nt; ip netns exec b netstat -nt; wait
listen -6 -l -n -v 7001; (echo two; sleep 0.8) | ip netns exec a nc -N -n -p 4002 fe80::ff:fe00:b%eth0 7001 & sleep 0.8; ip netns exec b ss -nt6 | grep 4002; wait
x ip -n a -6 route del fe80::/64 dev eth0; x ip -n a -6 route; x ip -n a -6 addr del fe80::ff:fe00:a/64 dev eth0; x ip -n a -6 addr
