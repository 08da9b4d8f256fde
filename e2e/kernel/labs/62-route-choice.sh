# Which route and which source: longest prefix, then metric; src of the route, else the first address of the device; onlink.
ns a b
for i in 1 2 3; do wire a eth$i 02:00:00:00:01:0$i b eth$i 02:00:00:00:02:0$i; ip -n a addr add 10.$i.0.1/24 dev eth$i; ip -n b addr add 10.$i.0.2/24 dev eth$i; done
ip -n a addr add 10.1.0.7/24 dev eth1; ip -n b addr add 172.16.5.1/32 dev lo; ip -n b addr add 172.16.6.1/32 dev lo; ip -n b addr add 172.17.0.1/32 dev lo
ip -n a route add 172.16.0.0/16 via 10.1.0.2; ip -n a route add 172.16.5.0/24 via 10.2.0.2; ip -n a route add 172.16.5.1 via 10.3.0.2 metric 9
ip -n a route add 172.17.0.0/16 via 10.2.0.2 metric 20; ip -n a route add 172.17.0.0/16 via 10.1.0.2 metric 10 src 10.1.0.7
### probe
x() { "$@" 2>&1 || echo "exit $?"; }
for d in 172.16.5.1 172.16.5.2 172.16.6.1 172.17.0.1; do ip -n a route get $d; done
x ip netns exec a ping -c1 -W1 -q 172.16.5.1
x ip netns exec a ping -c1 -W1 -q 172.16.6.1
x ip netns exec a ping -c1 -W1 -q 172.17.0.1
x ip netns exec a ping -c1 -W1 -q -I 10.3.0.1 172.17.0.1
x ip netns exec a ping -c1 -W1 -q -I eth2 172.17.0.1
ip -n a route del 172.17.0.0/16 metric 10; x ip netns exec a ping -c1 -W1 -q 172.17.0.1
ip -n a route del 172.16.5.1; ip -n a route get 172.16.5.1
x ip -n a route add 172.18.0.0/16 via 192.168.9.9
x ip -n a route add 172.18.0.0/16 via 192.168.9.9 dev eth2
x ip -n a route add 172.18.0.0/16 via 192.168.9.9 dev eth2 onlink
x ip netns exec a ping -c1 -W1 -q 172.18.0.1
x ip -n a route add 192.168.9.9 dev eth3; x ip -n a route add 172.19.0.0/16 via 192.168.9.9
ip -n a route
