# A stale entry with a wrong address: five seconds of trust, three unicast questions into the void, then a broadcast.
ns a b
wire a eth0 02:00:00:00:01:01 b eth0 02:00:00:00:01:02
ip -n a addr add 10.1.0.1/24 dev eth0; ip -n b addr add 10.1.0.2/24 dev eth0
### probe
x() { "$@" 2>&1 || echo "exit $?"; }
ip -n a neigh add 10.1.0.2 lladdr 02:00:00:00:00:99 dev eth0 nud stale
x ip netns exec a ping -c1 -W1 10.1.0.2
ip -n a neigh; sleep 2.5; ip -n a neigh; sleep 2
x ip netns exec a ping -c1 -W1 10.1.0.2
ip -n a neigh; sleep 2.2; ip -n a neigh
x ip netns exec a ping -c1 -W1 10.1.0.2
ip -n a neigh
ip -n a neigh replace 10.1.0.2 lladdr 02:00:00:00:00:99 dev eth0 nud permanent
x ip netns exec a ping -c1 -W1 10.1.0.2
