# Entries age: reachable for at most 45 s unconfirmed, then stale; a stale entry is used at once and checked five seconds later.
ns a b
wire a eth0 02:00:00:00:01:01 b eth0 02:00:00:00:01:02
ip -n a addr add 10.1.0.1/24 dev eth0; ip -n b addr add 10.1.0.2/24 dev eth0
### probe
x() { "$@" 2>&1 || echo "exit $?"; }
ip netns exec a ping -c8 -i 0.9 -W1 -q 10.1.0.2
ip -n a neigh; ip -n b neigh
sleep 60
ip -n a neigh; ip -n b neigh
ip netns exec b ping -c1 -W1 -q 10.1.0.1
ip -n a neigh; ip -n b neigh
sleep 6
ip -n a neigh; ip -n b neigh
