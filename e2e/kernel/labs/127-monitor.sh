# ip monitor: what the kernel tells of changes of links, addresses, routes, neighbours and rules, and what not.
ns a b
### probe
x() { "$@" 2>&1 || echo "exit $?"; }; log=/tmp/mon.$$; ip -n a monitor label link address route neigh rule > $log 2>&1 & M=$!; sleep 0.3
ip -n a link add e1 address 02:00:00:00:01:01 type veth peer name e1 address 02:00:00:00:02:01 netns b; ip -n a addr add 10.1.0.1/24 dev e1; ip -n b addr add 10.1.0.2/24 dev e1
ip -n a link set e1 up; sleep 0.1; ip -n b link set e1 up; sleep 1.5; ip netns exec a ping -c1 -q 10.1.0.2 > /dev/null; ip -n a route add 10.9.0.0/16 via 10.1.0.2
ip -n a route replace 10.9.0.0/16 via 10.1.0.3; ip -n a route change 10.9.0.0/16 via 10.1.0.4; ip -n a route append 10.9.0.0/16 via 10.1.0.5; ip -n a route add blackhole 10.8.0.0/16
ip -n a route add 10.7.0.0/16 nexthop via 10.1.0.2 nexthop via 10.1.0.3; ip -n a route add 10.6.0.0/16 dev e1 table 100; ip -n a route del blackhole 10.8.0.0/16
ip -n a rule add from 1.2.3.4 table 100 pref 7; ip -n a rule del from 1.2.3.4; ip -n a neigh add 10.1.0.9 lladdr 02:00:00:00:00:09 dev e1
ip -n a neigh change 10.1.0.9 lladdr 02:00:00:00:00:19 dev e1; ip -n a neigh del 10.1.0.9 dev e1; ip -n a addr add 10.1.0.7/24 dev e1; ip -n a addr del 10.1.0.7/24 dev e1
ip -n a link set e1 mtu 1400; ip -n b link set e1 down; sleep 1.5; ip -n b link set e1 up; sleep 1.5; ip -n a addr add 10.4.0.1/32 dev lo; ip -n a addr del 10.1.0.1/24 dev e1
ip -n a route flush table 100; ip -n a link set e1 down; sleep 0.2; kill $M; wait $M || echo "exit $?"; cat $log; ip -n a monitor route > $log 2>&1 & M=$!; sleep 0.2
ip -n a route add blackhole 10.8.0.0/16; ip -n a rule add from 1.2.3.4 table 100 pref 7; sleep 0.2; kill $M; wait $M || echo "exit $?"; cat $log; x ip -n a monitor nosuch
x ip -n a monitor route dev nosuch; x ip -n a monitor help
