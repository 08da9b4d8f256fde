# UDP over IPv6: a closed port, a listener, one that hears both families, sources by -s and -p.
six() { for n in "$@"; do ip netns add $n; ip netns exec $n sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.default.router_solicitations=0 net.ipv6.icmp.ratelimit=0 net.ipv4.icmp_ratelimit=0; ip -n $n link set lo up; done; }
six a b
wire a eth0 02:00:00:00:00:0a b eth0 02:00:00:00:00:0b
ip -n a addr add 2001:db8::a/64 dev eth0; ip -n b addr add 2001:db8::b/64 dev eth0
ip -n a addr add 10.0.0.1/24 dev eth0; ip -n b addr add 10.0.0.2/24 dev eth0
### probe
x() { "$@" 2>&1 || echo "exit $?"; }
listen() { timeout 4 ip netns exec b nc "$@" 2>&1 & sleep 0.4; }
echo hi | x ip netns exec a nc -u -p 3999 -w1 2001:db8::b 7003
listen -6 -u -l -n -v 7000; ip netns exec b ss -lnu; echo hi6 | x ip netns exec a nc -u -n -p 4000 -w1 2001:db8::b 7000; wait
listen -6 -u -l -n -v 7000; echo hi4 | x ip netns exec a nc -u -n -p 4001 -w1 10.0.0.2 7000; wait
listen -u -l -n 7002; ip netns exec b ss -lnu; echo lost | x ip netns exec a nc -u -n -p 4002 -w1 2001:db8::b 7002; wait
listen -6 -u -l -n -v 7000; echo link | x ip netns exec a nc -u -n -p 4003 -w1 fe80::ff:fe00:b%eth0 7000; wait
x ip netns exec a nc -4 -u -w1 -z 2001:db8::b 7003
x ip netns exec a nc -6 -u -w1 -z 10.0.0.2 7003
x ip netns exec a nc -u -w1 -v -z 2001:db8:9::b 7003
x ip netns exec a nc -u -w1 -v -z fe80::ff:fe00:b 7003
