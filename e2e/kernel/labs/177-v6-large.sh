# Large things by IPv6: TCP that learns a smaller path MTU from "packet too big", UDP in fragments, fragments that a router may not make.
six() { for n in "$@"; do ip netns add $n; ip netns exec $n sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.default.router_solicitations=0 net.ipv6.icmp.ratelimit=0; ip -n $n link set lo up; done; }
six a r b
wire a eth0 02:00:00:00:01:0a r left 02:00:00:00:01:01; wire r right 02:00:00:00:02:01 b eth0 02:00:00:00:02:0b
ip netns exec r sysctl -qw net.ipv6.conf.all.forwarding=1
ip -n a addr add 2001:db8:1::a/64 dev eth0; ip -n r addr add 2001:db8:1::1/64 dev left
ip -n r addr add 2001:db8:2::1/64 dev right; ip -n b addr add 2001:db8:2::b/64 dev eth0
ip -n a -6 route add default via 2001:db8:1::1; ip -n b -6 route add default via 2001:db8:2::1
ip -n r link set right mtu 1400
for d in "a eth0" "b eth0" "r left" "r right"; do set -- $d; ip netns exec $1 ethtool -K $2 tso off gso off gro off >/dev/null 2>&1 || true; done
### probe
x() { "$@" 2>&1 || echo "exit $?"; }
listen() { timeout 5 ip netns exec b nc "$@" 2>&1 | wc -c & sleep 0.4; }
listen -6 -l -n 7001; head -c 1420 /dev/zero | x ip netns exec a nc -N -n -p 4000 2001:db8:2::b 7001; wait
x ip -n a -6 route get 2001:db8:2::b | sed 's/expires [0-9]*sec/expires/'
listen -6 -u -l -n -W1 7002; head -c 3000 /dev/zero | tr '\0' x | x ip netns exec a nc -u -n -w1 -p 4001 2001:db8:2::b 7002; wait
