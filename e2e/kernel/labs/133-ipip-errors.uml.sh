# An IPIP tunnel whose other end is down, gone, or out of reach: ICMP about outer packets comes back to the inner sender.
ns n1 n2 p1
wire n1 eth0 02:00:00:00:01:01 n2 eth0 02:00:00:00:01:02
wire p1 eth0 02:00:00:00:aa:01 n1 c1 02:00:00:00:ac:01
ip -n n1 addr add 10.0.0.1/24 dev eth0; ip -n n2 addr add 10.0.0.2/24 dev eth0; fwd n1
ip -n n1 addr add 10.1.1.1/24 dev c1; ip -n p1 addr add 10.1.1.2/24 dev eth0; ip -n p1 route add default via 10.1.1.1
ip -n n1 tunnel add t0 mode ipip local 10.0.0.1 remote 10.0.0.2 ttl 7; ip -n n1 link set t0 up; ip -n n1 route add 10.1.2.0/24 dev t0
ip -n n2 tunnel add t0 mode ipip local 10.0.0.2 remote 10.0.0.1; ip -n n2 link set t0 up; ip -n n2 addr add 10.1.2.1/24 dev t0; ip -n n2 route add 10.1.1.0/24 dev t0
for n in n1 n2 p1; do for d in eth0 c1; do ip netns exec $n sysctl -qw net.ipv4.neigh.$d.delay_first_probe_time=60 2>/dev/null || true; done; done
### probe
ip netns exec p1 ping -c1 -W1 10.1.2.1
ip -n n2 link set t0 down
ip netns exec p1 ping -c2 -W1 10.1.2.1; echo "exit $?"
ip -n n2 link del t0; ip -n n2 link set tunl0 up; ip -n n2 addr add 10.1.2.1/24 dev tunl0
ip -n n2 route add 10.1.1.0/24 via 10.0.0.1 dev tunl0 onlink
ip netns exec p1 ping -c2 -W1 10.1.2.1; echo "exit $?"
ip -n n1 route add 10.2.0.0/16 dev tunl0 2>&1; ip -n n1 link set tunl0 up; ip -n n1 route add 10.2.0.0/16 dev tunl0
ip netns exec n1 ping -c1 -W1 10.2.0.1; echo "exit $?"
ip -n n1 tunnel add t1 mode ipip remote 10.8.8.8; ip -n n1 link set t1 up; ip -n n1 route add 10.3.0.0/16 dev t1
ip netns exec n1 ping -c1 -W1 10.3.0.1; echo "exit $?"
ip -n n1 -s tunnel show t1
ip -n n1 tunnel add t2 mode ipip remote 10.4.0.1; ip -n n1 link set t2 up; ip -n n1 route add 10.4.0.0/16 dev t2
ip netns exec n1 ping -c1 -W1 10.4.0.1; echo "exit $?"
ip -n n1 -s tunnel show t2
