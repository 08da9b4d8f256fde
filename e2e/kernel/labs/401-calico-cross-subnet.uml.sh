# Calico with IPIP CrossSubnet as commands: a node of the same subnet is reached as it is, one behind a router through tunl0. A route that
# prefers the tunnel's device lies onlink: the router never hears of pods.
ns n1 n2 n3 p1 p2 p3 r sw; ip link add ipip0 type ipip remote 127.0.0.1 local 127.0.0.1; ip link del ipip0
br sw br0 02:00:00:00:00:ff
wire r eth1 02:00:00:00:07:01 sw e9 02:00:00:00:02:09; ip -n sw link set e9 master br0; ip -n r addr add 172.18.0.254/24 dev eth1
wire r eth2 02:00:00:00:07:02 n3 eth0 02:00:00:00:01:03; ip -n r addr add 172.19.0.254/24 dev eth2; fwd r
for i in 1 2; do wire n$i eth0 02:00:00:00:01:0$i sw e$i 02:00:00:00:02:0$i; ip -n sw link set e$i master br0
  ip -n n$i addr add 172.18.0.$i/24 dev eth0; ip -n n$i route add default via 172.18.0.254; done
ip -n n3 addr add 172.19.0.3/24 dev eth0; ip -n n3 route add default via 172.19.0.254
for i in 1 2 3; do fwd n$i
  ip -n n$i addr add 10.244.$i.0/32 dev tunl0; ip -n n$i link set tunl0 mtu 1480 up
  ip -n p$i link add eth0 mtu 1480 address 02:00:00:00:04:0$i type veth peer name cali$i netns n$i mtu 1480
  ip -n n$i link set cali$i address ee:ee:ee:ee:ee:ee
  ip netns exec n$i sysctl -qw net.ipv4.neigh.cali$i.proxy_delay=0 net.ipv4.conf.cali$i.proxy_arp=1 net.ipv4.conf.cali$i.forwarding=1
  ip -n n$i link set cali$i up; ip -n p$i link set eth0 up
  ip -n p$i route add 169.254.1.1 dev eth0 scope link; ip -n p$i route add default via 169.254.1.1 dev eth0; ip -n p$i addr add 10.244.$i.5/32 dev eth0
  ip -n n$i route add 10.244.$i.5 dev cali$i scope link; ip -n n$i route replace blackhole 10.244.$i.0/26 proto bird
done
ip -n n1 route replace 10.244.2.0/26 via 172.18.0.2 dev eth0 proto bird; ip -n n2 route replace 10.244.1.0/26 via 172.18.0.1 dev eth0 proto bird
for i in 1 2; do ip -n n$i route replace 10.244.3.0/26 via 172.19.0.3 dev tunl0 proto bird onlink; ip -n n3 route replace 10.244.$i.0/26 via 172.18.0.$i dev tunl0 proto bird onlink; done
sleep 1
### probe
ip -n n1 route; ip -n n3 route
for i in 2 3; do ip netns exec p1 ping -c1 -W1 10.244.$i.5 | sed 's/time=.*//;/rtt/d'; done
ip netns exec p3 ping -c1 -W1 10.244.2.5 | sed 's/time=.*//;/rtt/d'
ip -n r route
