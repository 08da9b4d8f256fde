# A VXLAN mesh by hand as flannel has it, then everything wrong with it, and listings of each.
ns sw n1 n2 n3
br sw br0 02:00:00:00:00:01; for i in 1 2 3; do wire n$i eth0 02:00:00:00:0a:0$i sw p$i 02:00:00:00:0b:0$i; ip -n sw link set p$i master br0; ip -n n$i addr add 192.168.7.1$i/24 dev eth0
ip -n n$i link add flannel.1 address 02:00:00:00:0f:0$i type vxlan id 1 local 192.168.7.1$i dev eth0 dstport 8472 nolearning; ip -n n$i addr add 10.244.$i.0/32 dev flannel.1; ip -n n$i link set flannel.1 up
br n$i cni0 02:00:00:00:0c:0$i; ip -n n$i addr add 10.244.$i.1/24 dev cni0; fwd n$i
ip netns add p$i; wire p$i eth0 02:00:00:00:0d:0$i n$i veth0 02:00:00:00:0e:0$i; ip -n n$i link set veth0 master cni0; ip -n p$i addr add 10.244.$i.2/24 dev eth0; ip -n p$i link set lo up; ip -n p$i route add default via 10.244.$i.1; ip netns exec p$i sysctl -qw net.ipv6.conf.all.disable_ipv6=1; done
for i in 1 2 3; do for j in 1 2 3; do [ $i = $j ] && continue; ip -n n$i neigh add 192.168.7.1$j lladdr 02:00:00:00:0a:0$j dev eth0; ip -n n$i neigh add 10.244.$j.0 lladdr 02:00:00:00:0f:0$j dev flannel.1 nud permanent; bridge -n n$i fdb add 02:00:00:00:0f:0$j dev flannel.1 dst 192.168.7.1$j; ip -n n$i route add 10.244.$j.0/24 via 10.244.$j.0 dev flannel.1 onlink; done; done
### probe
P() { ip netns exec p1 ping -c1 -W1 -q $1 | grep transmitted; }
P 10.244.2.2; P 10.244.3.2
ip -n n1 route; ip -n n1 neigh show dev flannel.1 | sort; bridge -n n1 fdb show dev flannel.1 | sort
ip -n n1 -d link show flannel.1 | sed 's/ifindex [0-9]*//'
bridge -n n1 fdb del 02:00:00:00:0f:02 dev flannel.1 dst 192.168.7.12; P 10.244.2.2
bridge -n n1 fdb replace 02:00:00:00:0f:02 dev flannel.1 dst 192.168.7.13; P 10.244.2.2; ip -s -n n3 link show flannel.1 | sed -n '3,6p'
bridge -n n1 fdb replace 02:00:00:00:0f:02 dev flannel.1 dst 192.168.7.12 port 4789 vni 7; bridge -n n1 fdb show dev flannel.1 | sort; P 10.244.2.2
bridge -n n1 fdb replace 02:00:00:00:0f:02 dev flannel.1 dst 192.168.7.12; bridge -n n1 fdb show dev flannel.1 | sort;  P 10.244.2.2
ip -n n1 neigh del 10.244.2.0 dev flannel.1; P 10.244.2.2; sleep 3; ip -n n1 neigh show dev flannel.1 | sort
ip -n n1 link set flannel.1 mtu 1400; ip netns exec p1 ping -c2 -W1 -M do -s 1400 10.244.3.2 | sed 's/time [0-9]*ms//'; ip -n n1 link set flannel.1 mtu 1500; ip netns exec p1 ping -c1 -W1 -s 1472 10.244.3.2
ip -n n3 link set flannel.1 down; P 10.244.3.2; ip -n n3 route | grep flannel; ip -n n3 link set flannel.1 up; P 10.244.3.2; ip -n n3 route | grep flannel
ip netns exec n1 ss -lun | sed 's/ *$//'; ip netns exec n1 iptables -A INPUT -p udp --dport 8472 -j DROP; P 10.244.3.2; ip netns exec n1 iptables -nvL INPUT
