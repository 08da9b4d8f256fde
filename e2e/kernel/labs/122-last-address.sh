# The last address of a device takes its routes and neighbours along; hops of multipath routes come back with an address.
ns a b; wire a e1 02:00:00:00:01:01 b e1 02:00:00:00:02:01; wire a e2 02:00:00:00:01:02 b e2 02:00:00:00:02:02; ip -n a addr add 10.1.0.1/24 dev e1; ip -n a addr add 10.2.0.1/24 dev e2
ip -n a route add 10.7.0.0/16 via 10.1.0.2; ip -n a route add 10.77.0.0/16 dev e1; ip -n a route add 10.78.0.0/16 dev e1 table 9
ip -n a route add 10.8.0.0/16 nexthop via 10.1.0.2 nexthop via 10.2.0.2; ip -n a neigh add 10.1.0.9 lladdr 02:00:00:00:00:09 dev e1
### probe
x() { echo "$ $*"; "$@" 2>&1 || echo "exit $?"; }; ip -n a neigh add 10.1.0.10 lladdr 02:00:00:00:00:09 nud stale dev e1; x ip -n a addr del 10.1.0.1/24 dev e1
x ip -n a route show table all; x ip -n a neigh; x ip -n a addr add 10.1.0.1/24 dev e1; x ip -n a route show table all
