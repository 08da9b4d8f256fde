# VXLAN without a forwarding entry: the frame is made and dropped, nobody says a word; the entry mends it.
ns lan n1 n2
br lan sw 02:00:00:00:50:01
for i in 1 2; do
  wire n$i eth0 02:00:00:00:01:0$i lan port$i 02:00:00:00:51:0$i; ip -n lan link set port$i master sw
  ip -n n$i addr add 172.20.0.$i/24 dev eth0
  ip -n n$i link add vx address 02:00:00:00:0f:0$i type vxlan id 5 dstport 8472 local 172.20.0.$i dev eth0 nolearning
  ip -n n$i addr add 10.5.0.$i/24 dev vx; ip -n n$i link set vx up
done
for i in 1 2; do ip -n n$i neigh add 10.5.0.$((3-i)) lladdr 02:00:00:00:0f:0$((3-i)) dev vx nud permanent; done
bridge -n n2 fdb append 02:00:00:00:0f:01 dev vx dst 172.20.0.1
### probe
bridge -n n1 fdb show dev vx
ip netns exec n1 ping -c1 -W1 10.5.0.2 || echo "exit $?"
ip -n n1 -s link show vx | tail -2
bridge -n n1 fdb append 02:00:00:00:0f:02 dev vx dst 172.20.0.9
ip netns exec n1 ping -c1 -W1 10.5.0.2 || echo "exit $?"
sleep 2.5
bridge -n n1 fdb replace 02:00:00:00:0f:02 dev vx dst 172.20.0.2
ip netns exec n1 ping -c1 -W1 10.5.0.2 || echo "exit $?"
bridge -n n1 fdb show dev vx
