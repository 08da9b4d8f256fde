# Nobody answers: incomplete, failed after three questions, asked again by the next packet; going down forgets.
ns a b
wire a eth0 02:00:00:00:01:01 b eth0 02:00:00:00:01:02
ip -n a addr add 10.1.0.1/24 dev eth0; ip -n b addr add 10.1.0.2/24 dev eth0
### probe
x() { "$@" 2>&1 || echo "exit $?"; }
x ip netns exec a ping -c1 -W1 10.1.0.9
ip -n a neigh
ip netns exec a arp -n
sleep 2.5
ip -n a neigh
x ip netns exec a ping -c2 -i 1.2 -W4 10.1.0.9
ip -n a neigh
x ip netns exec a ping -w 2 10.1.0.8
sleep 1.5
ip -n a neigh | sort
ip -n b addr add 10.1.0.9/24 dev eth0
x ip netns exec a ping -c1 -W1 10.1.0.9
ip -n a neigh | sort
ip -n a link set eth0 down
ip -n a neigh
