# flannel's backend host-gw as commands: the other node is the gateway; one behind a router is refused.
ns n1 n2 p1 p2 sw
br sw br0 02:00:00:00:00:ff
for i in 1 2; do o=$((3-i))
  wire n$i eth0 02:00:00:00:01:0$i sw e$i 02:00:00:00:02:0$i; ip -n sw link set e$i master br0
  ip -n n$i addr add 172.18.0.$i/16 dev eth0; ip -n n$i route add default via 172.18.0.9; fwd n$i
  br n$i cni0 02:00:00:00:03:0$i; ip -n n$i addr add 10.244.$i.1/24 dev cni0
  wire p$i eth0 02:00:00:00:04:0$i n$i veth$i 02:00:00:00:05:0$i; ip -n n$i link set veth$i master cni0
  ip -n p$i addr add 10.244.$i.2/24 dev eth0; ip -n p$i route add default via 10.244.$i.1
  ip -n n$i route add 10.244.$o.0/24 via 172.18.0.$o dev eth0
done
for n in n1 n2 p1 p2; do for d in eth0 cni0; do ip netns exec $n sysctl -qw net.ipv4.neigh.$d.delay_first_probe_time=60 2>/dev/null || true; done; done
### probe
ip -n n1 route
ip netns exec p1 ping -c1 -W1 10.244.2.2 | sed 's/time=.*//;/rtt/d'
ip netns exec p1 ping -c1 -W1 -M do -s 1472 10.244.2.2 | sed 's/time=.*//;/rtt/d'
ip -n n1 route add 10.244.3.0/24 via 192.168.7.4 dev eth0 2>&1; echo "exit $?"
ip -n n1 route add 10.244.2.0/24 via 172.18.0.2 dev eth0 2>&1; echo "exit $?"
ip -n n1 route del 10.244.2.0/24; ip netns exec p1 ping -c1 -W1 10.244.2.2 | sed 's/time=.*//;/rtt/d'
