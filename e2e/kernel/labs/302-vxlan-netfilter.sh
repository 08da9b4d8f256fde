# A packet in a tunnel is two for conntrack: the outer one keeps the mark of the inner, and neither inherits the other's connection.
ns p1 n1 n2 p2
wire n1 eth0 02:00:00:00:01:01 n2 eth0 02:00:00:00:01:02
for i in 1 2; do o=$((3-i))
  ip -n n$i addr add 172.20.0.$i/24 dev eth0; fwd n$i
  ip -n n$i link add vx0 address 02:00:00:00:0f:0$i type vxlan id 1 dstport 8472 local 172.20.0.$i dev eth0 nolearning
  ip -n n$i addr add 10.42.$i.0/32 dev vx0; ip -n n$i link set vx0 mtu 1450 up
  wire n$i veth0 02:00:00:00:b0:0$i p$i eth0 02:00:00:00:aa:0$i
  ip -n n$i addr add 10.42.$i.1/24 dev veth0; ip -n p$i addr add 10.42.$i.7/24 dev eth0; ip -n p$i route add default via 10.42.$i.1
  ip -n n$i route add 10.42.$o.0/24 via 10.42.$o.0 dev vx0 onlink
  ip -n n$i neigh add 10.42.$o.0 lladdr 02:00:00:00:0f:0$o dev vx0 nud permanent
  bridge -n n$i fdb append 02:00:00:00:0f:0$o dev vx0 dst 172.20.0.$o
  x() { ip netns exec n$i iptables "$@"; }
  x -t mangle -A PREROUTING -i veth0 -p icmp -j MARK --set-xmark 0x4000/0x4000
  x -t mangle -A OUTPUT -p udp -m mark --mark 0x4000/0x4000; x -t mangle -A POSTROUTING -o eth0 -m mark --mark 0x4000/0x4000
  x -t nat -A PREROUTING -i vx0; x -t nat -A POSTROUTING -m mark --mark 0x4000/0x4000 -j MASQUERADE
  x -A INPUT -p udp -m conntrack --ctstate NEW; x -A FORWARD -i vx0 -m conntrack --ctstate NEW; x -A FORWARD -i vx0 -m conntrack --ctstate ESTABLISHED
done
### probe
ip netns exec p1 ping -c1 -W1 10.42.2.7
echo hi | ip netns exec p1 nc -u -w1 -p 4001 10.42.2.7 5000
for i in 1 2; do ip netns exec n$i iptables-save -c | grep -v '^#'; done
ip -n n1 route add blackhole default table 7; ip -n n1 rule add fwmark 0x4000/0x4000 to 172.20.0.0/24 table 7
ip netns exec p1 ping -c1 -W1 10.42.2.7
