# VXLAN that learns: the remote is flooded to, its answer fills the table.
ns lan n1 n2
br lan sw 02:00:00:00:50:01
for i in 1 2; do
  wire n$i eth0 02:00:00:00:01:0$i lan port$i 02:00:00:00:51:0$i; ip -n lan link set port$i master sw
  ip -n n$i addr add 172.20.0.$i/24 dev eth0
  ip -n n$i link add vx address 02:00:00:00:0f:0$i type vxlan id 7 dstport 4789 local 172.20.0.$i remote 172.20.0.$((3-i)) dev eth0 ageing 3
  ip -n n$i addr add 10.7.0.$i/24 dev vx; ip -n n$i link set vx up
done
### probe
bridge -n n1 fdb show dev vx | sort
ip netns exec n1 ping -c1 -W1 10.7.0.2 || echo "exit $?"
bridge -n n1 fdb show dev vx | sort
bridge -n n2 fdb show dev vx | sort
ip netns exec n1 ping -c1 -W1 -q 10.7.0.2 >/dev/null; ip -n n1 -s link show vx | sed -n 's/^ *//;4p;6p'
