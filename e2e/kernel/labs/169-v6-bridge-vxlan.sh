# IPv6 between two pods on two nodes, through bridges and a VXLAN over IPv4: neighbour discovery is flooded like ARP.
six() { for n in "$@"; do ip netns add $n; ip netns exec $n sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.default.router_solicitations=0 net.ipv6.icmp.ratelimit=0 net.ipv4.icmp_ratelimit=0; ip -n $n link set lo up; done; }
six p1 n1 n2 p2
wire n1 eth0 02:00:00:00:00:01 n2 eth0 02:00:00:00:00:02
ip -n n1 addr add 192.168.5.1/24 dev eth0; ip -n n2 addr add 192.168.5.2/24 dev eth0
ip -n n1 neigh add 192.168.5.2 lladdr 02:00:00:00:00:02 dev eth0; ip -n n2 neigh add 192.168.5.1 lladdr 02:00:00:00:00:01 dev eth0
for n in 1 2; do br n$n cni0 02:00:00:00:0c:0$n; ip -n n$n link add vx address 02:00:00:00:aa:0$n mtu 1450 type vxlan id 7 dstport 8472 local 192.168.5.$n dev eth0 nolearning; ip -n n$n link set vx master cni0 up; bridge -n n$n fdb append 00:00:00:00:00:00 dev vx dst 192.168.5.$((3-n)); done
wire n1 v1 02:00:00:00:01:01 p1 eth0 02:00:00:00:01:0a; wire n2 v2 02:00:00:00:02:01 p2 eth0 02:00:00:00:02:0b
ip -n n1 link set v1 master cni0; ip -n n2 link set v2 master cni0
ip -n p1 link set eth0 mtu 1450; ip -n p2 link set eth0 mtu 1450
ip -n p1 addr add fd00::a/64 dev eth0; ip -n p2 addr add fd00::b/64 dev eth0
### probe
x() { "$@" 2>&1 || echo "exit $?"; }
x ip netns exec p1 ping -c2 -i0.3 fd00::b
x ip -n p1 -6 neigh; x ip -n p2 -6 neigh
x ip netns exec p1 ping -c1 -s 1402 fd00::b
x ip netns exec p1 ping -c1 -s 1403 -M do fd00::b
