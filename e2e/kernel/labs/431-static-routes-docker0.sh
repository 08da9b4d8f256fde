# A flat network of three docker0 bridges by static routes, as net-tools types them; no address changes on the way, and a host in between shows in traceroute.
ns n1 n2 n3 p1 p2 p3 sw
br sw br0 02:00:00:00:00:ff
for i in 1 2 3; do
  wire n$i eth0 02:00:00:00:01:0$i sw e$i 02:00:00:00:02:0$i; ip -n sw link set e$i master br0
  ip -n n$i addr add 192.168.1.$((128+i))/24 dev eth0; fwd n$i
  br n$i docker0 02:00:00:00:03:0$i; ip -n n$i addr add 10.1.${i}0.1/24 dev docker0
  wire p$i eth0 02:00:00:00:04:0$i n$i veth$i 02:00:00:00:05:0$i; ip -n n$i link set veth$i master docker0
  ip -n p$i addr add 10.1.${i}0.2/24 dev eth0; ip -n p$i route add default via 10.1.${i}0.1
done
for i in 1 2 3; do for o in 1 2 3; do
  [ $i = $o ] || ip netns exec n$i route add -net 10.1.${o}0.0 netmask 255.255.255.0 gw 192.168.1.$((128+o))
done; done
### probe
ip netns exec n1 route -n; ip -n n1 route
for o in 2 3; do ip netns exec p1 ping -c1 -W1 10.1.${o}0.2 | sed 's/time=.*//;/rtt/d'; done
ip netns exec p1 traceroute -n -N1 -q1 -w1 10.1.30.2 | sed 's/  [0-9.]* ms.*//'
ip -n n1 neigh show dev eth0 | sed 's/ [A-Z]* $//' | sort
ip netns exec n1 iptables -t nat -A POSTROUTING -s 10.1.10.0/24 ! -o docker0 -j MASQUERADE
ip netns exec p1 ping -c1 -W1 10.1.30.2 | sed 's/time=.*//;/rtt/d'
ip netns exec n1 route del -net 10.1.30.0 netmask 255.255.255.0
ip netns exec p1 ping -c1 -W1 10.1.30.2 | sed 's/time=.*//;/rtt/d'
