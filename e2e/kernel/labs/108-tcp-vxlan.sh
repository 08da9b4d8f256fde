# TCP through a VXLAN tunnel between two nodes: the MSS follows the pods' MTU; where the tunnel's is smaller, the node tells.
ns n1 n2 p1 p2
wire n1 eth0 02:00:00:00:01:01 n2 eth0 02:00:00:00:01:02
for i in 1 2; do j=$((3-i))
  ip -n n$i addr add 192.168.1.$i/24 dev eth0; fwd n$i
  ip -n n$i neigh add 192.168.1.$j lladdr 02:00:00:00:01:0$j dev eth0
  ip -n n$i link add flannel.1 address 02:00:00:00:0f:0$i type vxlan id 1 dstport 8472 local 192.168.1.$i dev eth0 nolearning
  ip -n n$i addr add 10.244.$i.0/32 dev flannel.1; ip -n n$i link set flannel.1 up
  ip -n n$i route add 10.244.$j.0/24 via 10.244.$j.0 dev flannel.1 onlink
  ip -n n$i neigh add 10.244.$j.0 lladdr 02:00:00:00:0f:0$j dev flannel.1 nud permanent
  bridge -n n$i fdb add 02:00:00:00:0f:0$j dev flannel.1 dst 192.168.1.$j
  wire n$i veth0 02:00:00:00:b0:0$i p$i eth0 02:00:00:00:aa:0$i
  ip -n n$i addr add 10.244.$i.1/24 dev veth0; ip -n p$i addr add 10.244.$i.2/24 dev eth0; ip -n p$i route add default via 10.244.$i.1
  ip -n n$i neigh add 10.244.$i.2 lladdr 02:00:00:00:aa:0$i dev veth0; ip -n p$i neigh add 10.244.$i.1 lladdr 02:00:00:00:b0:0$i dev eth0
done
### probe
for i in 1 2; do ip -n n$i link show flannel.1 | grep -o 'mtu [0-9]*'; done
ip netns exec p2 nc -lk 80 </dev/null >/tmp/lab108 & S=$!
sleep 0.3
echo short | ip netns exec p1 nc -N -p 4001 10.244.2.2 80; echo "exit $?"
# The pods' MTU is 1500: the first long segment is too long for the tunnel.
head -c 1448 /dev/zero | tr '\0' x | ip netns exec p1 nc -N -p 4002 10.244.2.2 80; echo "exit $?"
ip -n p1 link set eth0 mtu 1450; ip -n p2 link set eth0 mtu 1450
head -c 4000 /dev/zero | tr '\0' y | ip netns exec p1 nc -N -p 4003 10.244.2.2 80; echo "exit $?"
sleep 0.3; kill $S; wc -c </tmp/lab108; rm /tmp/lab108
