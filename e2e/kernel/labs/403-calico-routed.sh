# Calico without encapsulation as commands: pods of one node and of two are joined by routes alone; two equal neighbours share a block's traffic,
# a borrowed address has a route of its own within another node's block.
ns n1 n2 p1 p2 q1 sw
br sw br0 02:00:00:00:00:ff
for i in 1 2; do wire n$i eth0 02:00:00:00:01:0$i sw e$i 02:00:00:00:02:0$i; ip -n sw link set e$i master br0; ip -n n$i addr add 172.18.0.$i/16 dev eth0; ip -n n$i route add default via 172.18.0.9; fwd n$i; done
pod() { # pod NETNS NODE ADDRESS MAC
  ip -n $1 link add eth0 address $4 type veth peer name cali$1 netns $2
  ip -n $2 link set cali$1 address ee:ee:ee:ee:ee:ee
  ip netns exec $2 sysctl -qw net.ipv4.conf.cali$1.route_localnet=1 net.ipv4.neigh.cali$1.proxy_delay=0 net.ipv4.conf.cali$1.proxy_arp=1 net.ipv4.conf.cali$1.forwarding=1
  ip -n $2 link set cali$1 up; ip -n $1 link set eth0 up
  ip -n $1 route add 169.254.1.1 dev eth0 scope link; ip -n $1 route add default via 169.254.1.1 dev eth0
  ip -n $1 addr add $3/32 dev eth0; ip netns exec $1 sysctl -qw net.ipv4.ip_forward=0
  ip -n $2 route add $3 dev cali$1 scope link
}
pod p1 n1 10.244.1.5 02:00:00:00:04:01; pod q1 n1 10.244.2.7 02:00:00:00:04:03; pod p2 n2 10.244.2.5 02:00:00:00:04:02
ip -n n1 route replace blackhole 10.244.1.0/26 proto bird; ip -n n2 route replace blackhole 10.244.2.0/26 proto bird
ip -n n1 route replace 10.244.2.0/26 via 172.18.0.2 dev eth0 proto bird; ip -n n2 route replace 10.244.1.0/26 via 172.18.0.1 dev eth0 proto bird
ip -n n2 route replace 10.244.2.7 via 172.18.0.1 dev eth0 proto bird
ip -n n1 route replace 10.244.8.0/26 proto bird nexthop via 172.18.0.2 dev eth0 weight 1 nexthop via 172.18.0.3 dev eth0 weight 1
for n in n1 n2 p1 p2 q1; do for d in eth0 calip1 calip2 caliq1; do ip netns exec $n sysctl -qw net.ipv4.neigh.$d.delay_first_probe_time=60 2>/dev/null || true; done; done
sleep 1
### probe
ip -n n1 route; ip -n n2 route
ip netns exec p1 ping -c1 -W1 10.244.2.5 | sed 's/time=.*//;/rtt/d'
ip netns exec p1 ping -c1 -W1 10.244.2.7 | sed 's/time=.*//;/rtt/d'
ip netns exec p2 ping -c1 -W1 10.244.2.7 | sed 's/time=.*//;/rtt/d'
ip netns exec p2 ping -c1 -W1 10.244.1.9 2>&1 | sed 's/time=.*//;/rtt/d'
ip -n n2 route del 10.244.2.7 proto bird; ip netns exec p2 ping -c1 -W1 10.244.2.7 2>&1 | sed 's/time=.*//;/rtt/d'
