# The tunnel device down and up again: routes through it go and do not come back by themselves.
ns lan n1 n2
br lan sw 02:00:00:00:50:01
for i in 1 2; do
  wire n$i eth0 02:00:00:00:01:0$i lan port$i 02:00:00:00:51:0$i; ip -n lan link set port$i master sw
  ip -n n$i addr add 172.20.0.$i/24 dev eth0
  ip -n n$i link add vx address 02:00:00:00:0f:0$i type vxlan id 5 dstport 8472 local 172.20.0.$i dev eth0 nolearning
  ip -n n$i addr add 10.5.$i.0/32 dev vx; ip -n n$i link set vx up
  ip -n n$i route add 10.5.$((3-i)).0/24 via 10.5.$((3-i)).0 dev vx onlink
  ip -n n$i neigh add 10.5.$((3-i)).0 lladdr 02:00:00:00:0f:0$((3-i)) dev vx nud permanent
  bridge -n n$i fdb append 02:00:00:00:0f:0$((3-i)) dev vx dst 172.20.0.$((3-i))
done
### probe
ip netns exec n1 ping -c1 -W1 10.5.2.0
ip -n n2 link set vx down
ip netns exec n1 ping -c1 -W1 10.5.2.0 || echo "exit $?"
ip -n n2 link show vx; ip -n n2 route; ip -n n2 neigh show dev vx; bridge -n n2 fdb show dev vx
ip -n n2 link set vx up
ip -n n2 route; ip -n n2 neigh show dev vx; bridge -n n2 fdb show dev vx
ip netns exec n1 ping -c1 -W1 10.5.2.0 || echo "exit $?"
ip -n n2 route add 10.5.1.0/24 via 10.5.1.0 dev vx onlink
ip -n n2 neigh replace 10.5.1.0 lladdr 02:00:00:00:0f:01 dev vx nud permanent
ip netns exec n1 ping -c1 -W1 10.5.2.0 || echo "exit $?"
