# A gateway that is one's own address is none: what the route carries is taken to be on the link.
ns a b
wire a eth0 02:00:00:00:01:01 b eth0 02:00:00:00:01:02; wire a eth1 02:00:00:00:02:01 b eth1 02:00:00:00:02:02
ip -n a addr add 10.1.0.1/24 dev eth0; ip -n b addr add 10.1.0.2/24 dev eth0
ip -n b addr add 10.9.0.9/32 dev lo; ip -n b route add 10.2.0.0/24 dev eth1
ip -n a addr add 10.2.0.1/24 dev eth1; fwd a
ip -n a route add 10.9.0.0/24 via 10.1.0.1
ip -n a route add 10.8.0.0/24 via 10.1.0.1 dev eth0
ip -n a route add 10.7.0.0/24 via 10.2.0.1 dev eth0 onlink
### probe
x() { "$@" 2>&1 || echo "exit $?"; }
ip -n a route
x ip -n a route get 10.9.0.9; x ip -n a route get 10.8.0.9; x ip -n a route get 10.7.0.9
x ip -n a route get 10.8.0.9 from 10.2.0.2 iif eth1
x ip netns exec a ping -c1 -W1 10.9.0.9
x ip netns exec a ping -c1 -W0.4 10.8.0.9
