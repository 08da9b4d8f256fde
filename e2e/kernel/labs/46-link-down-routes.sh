# A device down and up: its connected route returns, routes through gateways and by hand do not; the addresses never left.
ns a b
wire a eth0 02:00:00:00:01:01 b eth0 02:00:00:00:01:02
ip -n a addr add 10.1.0.1/24 dev eth0; ip -n b addr add 10.1.0.2/24 dev eth0
### probe
x() { "$@" 2>&1 || echo "exit $?"; }
ip -n a route add default via 10.1.0.2; ip -n a route add 10.7.0.0/16 dev eth0; ip -n a addr add 10.2.0.1/32 dev eth0
ip -n a neigh add 10.1.0.60 lladdr 02:00:00:00:00:60 dev eth0
ip -n a route; ip -n a route show table local
ip -n a link set eth0 down; sleep 1.5
ip -n a addr show eth0
ip -n a route; ip -n a route show table local; ip -n a neigh
x ip netns exec a ping -c1 -W1 10.1.0.1
x ip netns exec a ping -c1 -W1 10.1.0.2
x ip -n a route add 10.8.0.0/16 dev eth0
x ip -n a route add 10.8.0.0/16 via 10.1.0.2
ip -n a link set eth0 up; sleep 1.5
ip -n a route; ip -n a route show table local
x ip netns exec a ping -c1 -W1 10.1.0.2
