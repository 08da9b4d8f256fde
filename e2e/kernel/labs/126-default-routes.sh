# Several default routes of one metric: one whose gateway does not answer is passed over.
ns a b; wire a e1 02:00:00:00:01:01 b e1 02:00:00:00:02:01; wire a e2 02:00:00:00:01:02 b e2 02:00:00:00:02:02; ip -n a addr add 10.1.0.1/24 dev e1; ip -n a addr add 10.2.0.1/24 dev e2
ip -n b addr add 10.1.0.2/24 dev e1; ip -n b addr add 10.2.0.2/24 dev e2; ip -n b addr add 10.9.0.1/32 dev lo; ip -n a route add default via 10.1.0.99
ip -n a route append default via 10.2.0.2
for n in a b; do for d in $(ip netns exec $n ls /proc/sys/net/ipv4/neigh); do ip netns exec $n sysctl -qw net.ipv4.neigh.$d.delay_first_probe_time=60; done; done
### probe
x() { "$@" 2>&1 || echo "exit $?"; }; p() { x ip netns exec a ping -c1 -W0.5 -q "$@" 10.9.0.1 | sed -n '/transmitted/p'; }; g() { x ip -n a route get 10.9.0.1; }; x ip -n a route; g; p; g
sleep 4; g; p; g; p -I 10.1.0.1; p -I 10.2.0.1; sleep 4; g; ip -n a neigh add 10.1.0.99 lladdr 02:00:00:00:02:01 dev e1 nud permanent; g; p; g; ip -n a neigh del 10.2.0.2 dev e2; g
ip -n a neigh del 10.1.0.99 dev e1; g; ip -n a route append default via 10.2.0.3; g; ip -n a route add 0.0.0.0/1 via 10.1.0.99; ip -n a route append 0.0.0.0/1 via 10.2.0.2; sleep 4; g
