# Calico's VXLAN between two nodes as Felix makes it: vxlan.calico, one neighbour and one forwarding entry a node, routes
# onlink with their MTU, a black hole for the node's own block, flows of VXLAN untracked, the node's own packets masqueraded.
ns h1 h2 p1 p2
node() { # NS ADDRESS MAC TUNNEL TUNNELMAC BLOCK OTHER OTHERTUNNEL OTHERMAC OTHERBLOCK
  ip -n $1 link add vxlan.calico address $5 mtu 1450 type vxlan id 4096 dev eth0 local $2 dstport 4789 nolearning
  ip -n $1 addr add $4/32 dev vxlan.calico; ip -n $1 link set vxlan.calico up
  ip -n $1 neigh replace $8 lladdr $9 dev vxlan.calico nud permanent
  bridge -n $1 fdb replace $9 dev vxlan.calico dst $7 self permanent
  ip -n $1 route add ${10} via $8 dev vxlan.calico onlink mtu 1450
  ip -n $1 route add blackhole $6 proto 80
  ip netns exec $1 ipset create cali40all-vxlan-net hash:net family inet maxelem 1048576
  ip netns exec $1 ipset add cali40all-vxlan-net $7
  ip netns exec $1 iptables -t raw -A PREROUTING -p udp --dport 4789 --jump NOTRACK
  ip netns exec $1 iptables -t raw -A OUTPUT -p udp --dport 4789 --jump NOTRACK
  ip netns exec $1 iptables -A INPUT -p 17 -m multiport --destination-ports 4789 -m set --match-set cali40all-vxlan-net src -m addrtype --dst-type LOCAL --jump ACCEPT
  ip netns exec $1 iptables -A INPUT -p 17 -m multiport --destination-ports 4789 -m addrtype --dst-type LOCAL --jump DROP
  ip netns exec $1 iptables -t nat -A POSTROUTING --out-interface vxlan.calico -m addrtype ! --src-type LOCAL --limit-iface-out -m addrtype --src-type LOCAL --jump MASQUERADE
}
pod() { # HOST NS ADDRESS MAC
  wire $1 cali$2 ee:ee:ee:ee:ee:ee $2 eth0 $4; ip netns exec $1 sysctl -qw net.ipv4.conf.cali$2.proxy_arp=1 net.ipv4.neigh.cali$2.proxy_delay=0
  ip -n $2 addr add $3/32 dev eth0; ip -n $2 route add 169.254.1.1 dev eth0; ip -n $2 route add default via 169.254.1.1
  ip -n $1 route add $3 dev cali$2
}
wire h1 eth0 02:00:00:00:01:01 h2 eth0 02:00:00:00:01:02
ip -n h1 addr add 172.18.0.3/16 dev eth0; ip -n h2 addr add 172.18.0.4/16 dev eth0
ip -n h1 route add default via 172.18.0.4; ip -n h2 route add default via 172.18.0.3; fwd h1 h2
node h1 172.18.0.3 x 10.244.0.0 66:1f:c0:00:00:01 10.244.0.0/26 172.18.0.4 10.244.1.0 66:1f:c0:00:00:02 10.244.1.0/26
node h2 172.18.0.4 x 10.244.1.0 66:1f:c0:00:00:02 10.244.1.0/26 172.18.0.3 10.244.0.0 66:1f:c0:00:00:01 10.244.0.0/26
pod h1 p1 10.244.0.5 02:00:00:00:00:05
pod h2 p2 10.244.1.6 02:00:00:00:00:06
### probe
ip netns exec p1 ping -c1 -W1 -n 10.244.1.6 | sed -n '2s/ time.*//p'
ip netns exec h1 ping -c1 -W1 -n 10.244.1.6 | sed -n '2s/ time.*//p'
ip netns exec h1 ping -c1 -W1 -n -I 172.18.0.3 10.244.1.6 | sed -n '2s/ time.*//p'
ip netns exec p1 ping -c1 -W1 -n -s 1450 -M do 10.244.1.6 2>&1 | sed -n '/error\|Frag\|packets/s/, time.*//p'
ip netns exec p1 ping -c1 -W1 -n 10.244.0.9 2>&1 | sed -n '/packets/s/, time.*//p'
ip netns exec p1 ping -c1 -W1 -n 10.244.1.9 2>&1 | sed -n '/packets/s/, time.*//p'
ip -n h2 addr add 172.18.0.5/16 dev eth0; ip -n h2 link set vxlan.calico down; ip -n h2 link set vxlan.calico type vxlan id 4096 local 172.18.0.5; ip -n h2 link set vxlan.calico up
ip -n h2 route add 10.244.0.0/26 via 10.244.0.0 dev vxlan.calico onlink mtu 1450; ip -n h2 neigh replace 10.244.0.0 lladdr 66:1f:c0:00:00:01 dev vxlan.calico nud permanent
ip netns exec p2 ping -c1 -W1 -n 10.244.0.5 | sed -n '/packets/s/, time.*//p'
ip -n h1 route; ip -n h1 neigh show dev vxlan.calico nud permanent; bridge -n h1 fdb show dev vxlan.calico
ip -n h1 -d link show vxlan.calico | sed 's/^[0-9]*: //;s/ numtxqueues.*//'
ip netns exec h1 iptables -nvL INPUT; ip netns exec h1 iptables -t nat -nvL POSTROUTING
ip netns exec h1 conntrack -L -p udp 2>/dev/null | wc -l
