# Multipath routes: how they are listed, what becomes of their hops, how they are deleted; a source of one's own keeps to its hop.
ns a b; wire a e1 02:00:00:00:01:01 b e1 02:00:00:00:02:01; wire a e2 02:00:00:00:01:02 b e2 02:00:00:00:02:02
ip -n a addr add 10.1.0.1/24 dev e1; ip -n a addr add 10.2.0.1/24 dev e2; ip -n b addr add 10.1.0.2/24 dev e1; ip -n b addr add 10.2.0.2/24 dev e2; ip -n b addr add 10.9.0.1/32 dev lo
### probe
x() { "$@" 2>&1 || echo "exit $?"; }; r() { x ip -n a route "$@"; }
p() { x ip netns exec a ping -c1 -W1 -q "$@" 10.9.0.1 | sed -n '/transmitted/p'; }
r add 10.9.0.0/16 nexthop via 10.1.0.2 weight 1 nexthop via 10.2.0.2 weight 3; r add 10.8.0.0/16 nexthop via 10.1.0.2 dev e1 nexthop dev e2 weight 256
r add 10.7.0.0/16 nexthop dev e2 weight 257; r add 10.7.0.0/16 nexthop dev e2 weight 0; r add 10.7.0.0/16 nexthop via 10.1.0.2; r add 10.6.0.0/16 nexthop via 10.1.0.2 nexthop via 10.77.0.2
r add 10.6.0.0/16 nexthop via 10.1.0.2 nexthop nosuch; r add 10.6.0.0/16 nexthop; r add 10.6.0.0/16 nexthop via 10.2.0.2 metric 5; r add blackhole 10.5.0.0/16 nexthop via 10.1.0.2
r add 10.6.0.0/16 metric 5 proto static src 10.1.0.1 nexthop via 10.5.0.2 dev e1 onlink nexthop via 10.2.0.2; r add 10.9.0.0/16 nexthop via 10.2.0.2 nexthop via 10.1.0.2
r append 10.9.0.0/16 nexthop via 10.2.0.2 nexthop via 10.1.0.2; r add 10.4.0.0/16 via 10.1.0.2 nexthop via 10.2.0.2; r; x ip -n a -j route; x ip -n a -d route show 10.9.0.0/16; x ip -n a -o route
r show dev e2; r show via 10.2.0.2; r get 10.9.0.1 fibmatch; r get 10.9.0.1 oif e1; r get 10.9.0.1 oif e2; r get 10.9.0.1 from 10.2.0.1; r get 10.9.0.1 from 10.1.0.1; p -I 10.1.0.1; p -I 10.2.0.1
ip -n a link set e1 down; r; p; r get 10.9.0.1; ip -n a link set e1 up; sleep 1.5; r; ip -n b link set e1 down; sleep 1.5; r; ip netns exec a sysctl -w net.ipv4.conf.e1.ignore_routes_with_linkdown=1; r
ip -n a link set e1 down; ip -n a link set e2 down; r; ip -n b link set e1 up; ip -n a link set e2 up; ip -n a link set e1 up; sleep 1.5
r add 10.9.0.0/16 nexthop via 10.1.0.2 weight 1 nexthop dev e2 weight 3; r del 10.9.0.0/16 via 10.2.0.2; r del 10.9.0.0/16 nexthop via 10.1.0.2; r del 10.9.0.0/16 via 10.1.0.2
r add 10.9.0.0/16 nexthop via 10.1.0.2 weight 1 nexthop dev e2 weight 3; r del 10.9.0.0/16 nexthop via 10.1.0.2 nexthop dev e1; r change 10.9.0.0/16 nexthop via 10.1.0.2 weight 2 nexthop dev e2
r; r replace 10.9.0.0/16 via 10.1.0.2; r; r append 10.9.0.0/16 nexthop via 10.1.0.2 nexthop via 10.2.0.2; ip -n a link del e1; r
