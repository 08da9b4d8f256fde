# The MTU of a route, locked or not, and what path MTU discovery makes of it.
ns a r b; wire a eth0 02:00:00:00:01:01 r lan 02:00:00:00:02:01; wire r wan 02:00:00:00:02:02 b eth0 02:00:00:00:03:01; fwd r; ip -n a addr add 10.1.0.2/24 dev eth0
ip -n r addr add 10.1.0.1/24 dev lan; ip -n r addr add 10.2.0.1/24 dev wan; ip -n b addr add 10.2.0.2/24 dev eth0; ip -n a route add default via 10.1.0.1
ip -n b route add default via 10.2.0.1; ip -n r link set wan mtu 1400; ip -n b link set eth0 mtu 1400
for n in a r b; do for d in $(ip netns exec $n ls /proc/sys/net/ipv4/neigh); do ip netns exec $n sysctl -qw net.ipv4.neigh.$d.delay_first_probe_time=60; done; done
### probe
x() { "$@" 2>&1 || echo "exit $?"; }; p() { x ip netns exec a ping -c1 -W0.5 "$@" 10.2.0.2 | sed 's/time.*//;/rtt/d'; }; g() { x ip -n a route get 10.2.0.2 | sed 's/expires [0-9]*sec //'; }
p -s 1450; g; p -s 1450; ip -n a route flush cache; p -s 1450 -M dont; g; p -s 1450 -M do; g; p -s 1450 -M do; ip -n a route flush cache
ip -n a route change default via 10.1.0.1 mtu 1300; g; p -s 1350; p -s 1350 -M do; p -s 1290 -M do
ip -n a route change default via 10.1.0.1 mtu lock 1300; g; p -s 1200; p -s 1350; p -s 1350 -M do; ip -n a route change default via 10.1.0.1 mtu lock 1450; g; p -s 1410; p -s 1410 -M do; g
ip -n a route change default via 10.1.0.1; ip netns exec a sysctl -w net.ipv4.ip_no_pmtu_disc=1; p -s 1410; g; ip netns exec a sysctl -w net.ipv4.ip_no_pmtu_disc=0
ip -n r link set wan mtu 500; ip -n b link set eth0 mtu 500; p -s 1000 -M do; g; p -s 1000; p -s 500 -M do; ip -n a route flush cache
ip netns exec a sysctl -w net.ipv4.route.min_pmtu=400; p -s 1000 -M do; g; ip -n a route add 10.9.0.0/16 via 10.1.0.1; g; ip netns exec r sysctl -w net.ipv4.ip_forward_use_pmtu=1
ip -n r route add 10.2.0.2 via 10.2.0.2 dev wan onlink mtu 450; p -s 480 -M do; g
