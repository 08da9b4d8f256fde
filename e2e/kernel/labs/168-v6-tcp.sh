# TCP over IPv6: a connection, a closed port, one listener for both families, link-local peers.
six() { for n in "$@"; do ip netns add $n; ip netns exec $n sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.default.router_solicitations=0 net.ipv6.icmp.ratelimit=0 net.ipv4.icmp_ratelimit=0; ip -n $n link set lo up; done; }
six a b
wire a eth0 02:00:00:00:00:0a b eth0 02:00:00:00:00:0b
ip -n a addr add 2001:db8::a/64 dev eth0; ip -n b addr add 2001:db8::b/64 dev eth0
ip -n a addr add 10.0.0.1/24 dev eth0; ip -n b addr add 10.0.0.2/24 dev eth0
### probe
x() { "$@" 2>&1 || echo "exit $?"; }
listen() { timeout 4 ip netns exec b nc "$@" 2>&1 & sleep 0.4; }
listen -6 -l -n 7001; ip netns exec b ss -6lnt; echo tcp6 | x ip netns exec a nc -N -n -v -p 4000 2001:db8::b 7001; wait
listen -6 -l -n 7001; echo tcp4 | x ip netns exec a nc -N -n -v -p 4001 10.0.0.2 7001; wait
listen -6 -l -n 7001; echo link | x ip netns exec a nc -N -n -v -p 4002 fe80::ff:fe00:b%eth0 7001; wait
x ip netns exec a nc -n -w1 -v -p 4003 2001:db8::b 7003
x ip netns exec a nc -n -w1 -v -p 4004 fe80::ff:fe00:b%eth0 7003
x ip netns exec a nc -n -w1 -v -p 4005 fe80::ff:fe00:b 7003
x ip netns exec a nc -n -w1 -v 2001:db8:9::b 7003
x ip netns exec a nc -4 -n -w1 -v 2001:db8::b 7003
