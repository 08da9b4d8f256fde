# flannel's backend ipip as commands: one tunnel without a far end, whose outer header goes to the gateway of the route; MTU 1480.
ns n1 n2 p1 p2 sw
br sw br0 02:00:00:00:00:ff
for i in 1 2; do o=$((3-i))
  wire n$i eth0 02:00:00:00:01:0$i sw e$i 02:00:00:00:02:0$i; ip -n sw link set e$i master br0
  ip -n n$i addr add 172.18.0.$i/16 dev eth0; fwd n$i
  br n$i cni0 02:00:00:00:03:0$i; ip -n n$i link set cni0 mtu 1480; ip -n n$i addr add 10.244.$i.1/24 dev cni0
  wire p$i eth0 02:00:00:00:04:0$i n$i veth$i 02:00:00:00:05:0$i; ip -n n$i link set veth$i mtu 1480 master cni0; ip -n p$i link set eth0 mtu 1480
  ip -n p$i addr add 10.244.$i.2/24 dev eth0; ip -n p$i route add default via 10.244.$i.1; ip -n p$i route add 10.244.0.0/16 via 10.244.$i.1
  ip -n n$i link add flannel.ipip type ipip local 172.18.0.$i nopmtudisc; ip -n n$i link set flannel.ipip txqueuelen 0 mtu 1480
  ip -n n$i addr add 10.244.$i.0/32 dev flannel.ipip; ip -n n$i link set flannel.ipip up
  ip -n n$i route add 10.244.$o.0/24 via 172.18.0.$o dev flannel.ipip onlink
done
for n in n1 n2 p1 p2; do for d in eth0 cni0; do ip netns exec $n sysctl -qw net.ipv4.neigh.$d.delay_first_probe_time=60 2>/dev/null || true; done; done
### probe
ip -n n1 -d link show flannel.ipip | sed 's/^[0-9]*: //; s/ addrgenmode.*//'; ip -n n1 addr show flannel.ipip | sed 's/^[0-9]*: //'
ip -n n1 route; ip -n n1 route get 10.244.2.2
ip netns exec p1 ping -c1 -W1 10.244.2.2 | sed 's/time=.*//;/rtt/d'
ip netns exec p1 ping -c1 -W1 -M do -s 1452 10.244.2.2 | sed 's/time=.*//;/rtt/d'
ip netns exec p1 ping -c1 -W1 -M do -s 1453 10.244.2.2 2>&1 | sed 's/time=.*//;/rtt/d'
ip netns exec n1 ping -c1 -W1 10.244.2.2 | sed 's/time=.*//;/rtt/d'
ip -n n1 route replace 10.244.2.0/24 via 172.18.0.2 dev eth0 onlink; ip -n n1 route
ip netns exec p1 ping -c1 -W1 10.244.2.2 | sed 's/time=.*//;/rtt/d'
