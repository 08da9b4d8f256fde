# What a VXLAN asks of who listens (ip monitor's "miss"): app_solicit asks for a neighbour instead of ARP, l2miss where an address lives. So flanneld
# worked before 0.9; its answers here by hand, one entry after the other. l3miss alone asks nothing.
ns n1 n2
wire n1 eth0 02:00:00:00:01:01 n2 eth0 02:00:00:00:01:02
for i in 1 2; do
  ip -n n$i addr add 172.18.0.$i/16 dev eth0
  ip -n n$i link add flannel.1 address 02:00:00:00:0f:0$i type vxlan id 1 local 172.18.0.$i dev eth0 dstport 8472 nolearning l3miss l2miss
  ip -n n$i addr add 10.244.$i.0/16 dev flannel.1; ip -n n$i link set flannel.1 up; ip netns exec n$i sysctl -qw net.ipv4.neigh.flannel/1.app_solicit=3
done
ip -n n2 neigh add 10.244.1.0 lladdr 02:00:00:00:0f:01 dev flannel.1; bridge -n n2 fdb add 02:00:00:00:0f:01 dev flannel.1 dst 172.18.0.1
### probe
ip -n n1 -d link show flannel.1 | grep -o 'vxlan id.*ttl'; ip -n n1 route
heard=$(mktemp); ip netns exec n1 timeout 14 ip monitor neigh >$heard & sleep 0.3
p() { ip netns exec n1 ping -c1 -W1 10.244.2.0 | sed 's/time=.*//;/rtt/d;/^$/d'; }
ip netns exec n1 ping -c1 -W4.5 10.244.2.0 | sed 's/time=.*//;/rtt/d;/^$/d'; ip -n n1 neigh show dev flannel.1
ip -n n1 neigh replace 10.244.2.0 lladdr 02:00:00:00:0f:02 dev flannel.1 nud reachable; p
bridge -n n1 fdb append 02:00:00:00:0f:02 dev flannel.1 dst 172.18.0.2; p
bridge -n n1 fdb del 02:00:00:00:0f:02 dev flannel.1; p
ip -n n1 neigh show dev flannel.1; ip -n n2 neigh show dev flannel.1
wait; cat $heard
