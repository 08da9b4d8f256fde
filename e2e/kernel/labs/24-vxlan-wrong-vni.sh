# Two ends with different VNIs: the datagram arrives, the receiver has no device for it and drops it in silence.
ns lan n1 n2
br lan sw 02:00:00:00:50:01
for i in 1 2; do
  wire n$i eth0 02:00:00:00:01:0$i lan port$i 02:00:00:00:51:0$i; ip -n lan link set port$i master sw
  ip -n n$i addr add 172.20.0.$i/24 dev eth0
  ip -n n$i link add vx address 02:00:00:00:0f:0$i type vxlan id 10$i dstport 4789 local 172.20.0.$i dev eth0 nolearning
  ip -n n$i addr add 10.5.0.$i/24 dev vx; ip -n n$i link set vx up
  ip -n n$i neigh add 10.5.0.$((3-i)) lladdr 02:00:00:00:0f:0$((3-i)) dev vx nud permanent
  bridge -n n$i fdb append 02:00:00:00:0f:0$((3-i)) dev vx dst 172.20.0.$((3-i))
done
### probe
ip netns exec n1 ping -c1 -W1 10.5.0.2 || echo "exit $?"
ip -n n2 -s link show vx | grep -A1 RX
bridge -n n1 fdb replace 02:00:00:00:0f:02 dev vx dst 172.20.0.2 vni 102
ip netns exec n1 ping -c1 -W1 10.5.0.2 || echo "exit $?"
ip -n n2 -s link show vx | grep -A1 RX
ip -n n1 -d link show vx | grep -o 'vxlan id.*learning'
