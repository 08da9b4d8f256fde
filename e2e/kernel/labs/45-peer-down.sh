# The other end of a cable goes down: no carrier here, the route stays but is marked, entries go, packets find no room.
ns a b
wire a eth0 02:00:00:00:01:01 b eth0 02:00:00:00:01:02
ip -n a addr add 10.1.0.1/24 dev eth0; ip -n b addr add 10.1.0.2/24 dev eth0
### probe
x() { "$@" 2>&1 || echo "exit $?"; }
ip netns exec a ping -c1 -W1 -q 10.1.0.2
ip -n a neigh add 10.1.0.60 lladdr 02:00:00:00:00:60 dev eth0
ip -n b link set eth0 down; sleep 1.5
ip -n a link show eth0; ip -n b link show eth0
ip -n a route; ip -n b route; ip -n a neigh; ip -n a -br addr; ip -n b -br addr
x ip netns exec a ping -c1 -W1 10.1.0.2
x ip netns exec b ping -c1 -W1 10.1.0.1
ip -n a route get 10.1.0.2
ip -n b link set eth0 up; sleep 1.5
ip -n a route; ip -n b route
x ip netns exec a ping -c1 -W1 10.1.0.2
