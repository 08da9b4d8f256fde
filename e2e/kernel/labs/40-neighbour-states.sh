# A neighbour entry through its states: the asker is sure at once, the asked one waits five seconds and then asks back by unicast.
ns a b
wire a eth0 02:00:00:00:01:01 b eth0 02:00:00:00:01:02
ip -n a addr add 10.1.0.1/24 dev eth0; ip -n b addr add 10.1.0.2/24 dev eth0
### probe
x() { "$@" 2>&1 || echo "exit $?"; }
ip netns exec a ping -c1 -W1 -q 10.1.0.2
ip -n a neigh; ip -n b neigh
sleep 3; ip -n b neigh
sleep 3; ip -n a neigh; ip -n b neigh
ip -n a neigh replace 10.1.0.2 lladdr 02:00:00:00:01:02 dev eth0 nud stale
ip -n a neigh
ip netns exec a ping -c1 -W1 -q 10.1.0.2
ip -n a neigh
sleep 6
ip -n a neigh; ip -n b neigh
