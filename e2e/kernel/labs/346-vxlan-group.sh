# VXLAN over a multicast group: unknown and broadcast frames go to the group, answers teach the unicast way; leaving the group by going down
ns sw n1 n2 n3 x
br sw br0 02:00:00:00:00:01; for i in 1 2 3; do wire n$i eth0 02:00:00:00:0a:0$i sw p$i 02:00:00:00:0b:0$i; ip -n sw link set p$i master br0; ip -n n$i addr add 192.168.1.$i/24 dev eth0
ip -n n$i link add vxlan42 address 02:00:00:00:0f:0$i type vxlan id 42 group 239.1.1.1 dev eth0 dstport 4789; ip -n n$i addr add 10.0.0.$i/24 dev vxlan42; ip -n n$i link set vxlan42 up; done
wire x eth0 02:00:00:00:0a:04 sw p4 02:00:00:00:0b:04; ip -n sw link set p4 master br0; ip -n x addr add 192.168.1.4/24 dev eth0
### probe
x() { "$@" 2>&1 || echo "exit $?"; }
P() { ip netns exec n1 ping -c1 -W1 $1 | grep -E 'from|From|trans'; sleep 0.5; }
ip -n n1 -d link show vxlan42 | sed 's/^[0-9]*: //'; bridge -n n1 fdb show dev vxlan42; ip netns exec n1 ss -lun | sed 's/ *$//'
P 10.0.0.2; bridge -n n1 fdb show dev vxlan42 | sort; bridge -n n2 fdb show dev vxlan42 | sort; bridge -n n3 fdb show dev vxlan42 | sort; P 10.0.0.3; bridge -n n1 fdb show dev vxlan42 | sort
P 10.0.0.9; ip -n n1 neigh show dev vxlan42 | sort; ip -n n1 route get 239.1.1.1; ip -n n1 route get 10.0.0.2
ip -n n3 link set vxlan42 down; sleep 0.5; ip -n n1 neigh flush dev vxlan42; P 10.0.0.2; ip -n n3 link set vxlan42 up; ip -n n3 addr; P 10.0.0.3
x ip -n n1 link add v2 type vxlan id 43 group 239.1.1.1; x ip -n n1 link add v3 type vxlan id 44 group 10.1.1.1 dev eth0; x ip -n n1 link add v4 type vxlan id 45 remote 239.1.1.1 dev eth0 dstport 4789; x ip -n n1 link add v5 address 02:00:00:00:0e:01 type vxlan id 46 group 239.1.1.2 dev eth0 ttl 5 dstport 4789; ip -n n1 link set v5 up; ip -n n1 addr add 10.5.0.1/24 dev v5
ip netns exec n1 ping -c1 -W1 10.5.0.2 > /dev/null; ip -n n1 -br link
bridge -n n1 fdb del 00:00:00:00:00:00 dev vxlan42; bridge -n n1 fdb show dev vxlan42 | sort; ip -n n1 neigh flush dev vxlan42; P 10.0.0.2; bridge -n n1 fdb append 00:00:00:00:00:00 dev vxlan42 dst 239.1.1.1 via eth0; bridge -n n1 fdb show dev vxlan42 | sort;  P 10.0.0.2
bridge -n n1 fdb append 00:00:00:00:00:00 dev vxlan42 dst 192.168.1.3; ip -n n1 neigh flush dev vxlan42; P 10.0.0.3
ip netns exec n1 ping -c1 -W1 -I eth0 239.1.1.1; ip netns exec x ping -c1 -W1 -I eth0 239.1.1.1; ip netns exec x ping -c1 -W1 -I eth0 224.0.0.1
