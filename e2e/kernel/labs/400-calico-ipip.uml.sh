# Calico with IPIP Always as commands: a pod has an address alone, ARP answered by its host for a gateway that nobody has; the blocks of other
# nodes lie behind tunl0, the own block is a blackhole but for the pods in it.
ns n1 n2 p1 p2 sw; ip link add ipip0 type ipip remote 127.0.0.1 local 127.0.0.1; ip link del ipip0
br sw br0 02:00:00:00:00:ff
for i in 1 2; do o=$((3-i))
  wire n$i eth0 02:00:00:00:01:0$i sw e$i 02:00:00:00:02:0$i; ip -n sw link set e$i master br0
  ip -n n$i addr add 172.18.0.$i/16 dev eth0; ip -n n$i route add default via 172.18.0.9; fwd n$i
  ip -n n$i addr add 10.244.$i.0/32 dev tunl0; ip -n n$i link set tunl0 mtu 1480 up
  ip -n p$i link add eth0 mtu 1480 address 02:00:00:00:04:0$i type veth peer name cali$i netns n$i mtu 1480
  ip -n n$i link set cali$i address ee:ee:ee:ee:ee:ee
  ip netns exec n$i sysctl -qw net.ipv4.conf.cali$i.route_localnet=1 net.ipv4.neigh.cali$i.proxy_delay=0 net.ipv4.conf.cali$i.proxy_arp=1 net.ipv4.conf.cali$i.forwarding=1
  ip -n n$i link set cali$i up; ip -n p$i link set eth0 up
  ip -n p$i route add 169.254.1.1 dev eth0 scope link; ip -n p$i route add default via 169.254.1.1 dev eth0
  ip -n p$i addr add 10.244.$i.5/32 dev eth0
  ip -n n$i route add 10.244.$i.5 dev cali$i scope link
  ip -n n$i route replace blackhole 10.244.$i.0/26 proto bird
  ip -n n$i route replace 10.244.$o.0/26 via 172.18.0.$o dev tunl0 proto bird onlink
done
for n in n1 n2 p1 p2; do for d in eth0 cali1 cali2; do ip netns exec $n sysctl -qw net.ipv4.neigh.$d.delay_first_probe_time=60 2>/dev/null || true; done; done
sleep 1
### probe
ip -n p1 route; ip -n n1 route; ip -n p1 addr show dev eth0 | grep inet
ip netns exec p1 ping -c1 -W1 10.244.2.5 | sed 's/time=.*//;/rtt/d'
ip -n p1 neigh | sed 's/ REACHABLE//'
ip netns exec p1 ping -c1 -W1 -M do -s 1452 10.244.2.5 | sed 's/time=.*//;/rtt/d'
ip netns exec p1 ping -c1 -W1 -M do -s 1453 10.244.2.5 2>&1 | sed 's/time=.*//;/rtt/d'
ip netns exec p1 ping -c1 -W1 10.244.2.9 | sed 's/time=.*//;/rtt/d'
ip netns exec n1 ping -c1 -W1 10.244.2.5 | sed 's/time=.*//;/rtt/d'
ip netns exec n1 ip route get 10.244.2.5 from 10.244.1.5 iif cali1 | sed "s,expires [0-9]*sec,expires,"
