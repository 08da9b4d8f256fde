# The CNI plugin ptp as commands: no bridge, the connected route replaced, the gateway's address on every host end.
ns n a b
fwd n
i=1; for p in a b; do i=$((i+1))
  wire $p eth0 02:00:00:00:01:0$i n veth$p 02:00:00:00:02:0$i
  ip -n $p addr add 10.9.0.$i/24 brd 10.9.0.255 dev eth0
  ip -n $p route add default via 10.9.0.1
  ip -n $p route del 10.9.0.0/24 dev eth0
  ip -n $p route add 10.9.0.1/32 dev eth0 scope link src 10.9.0.$i
  ip -n $p route add 10.9.0.0/24 via 10.9.0.1 dev eth0 src 10.9.0.$i
  ip -n n addr add 10.9.0.1/32 dev veth$p
  ip -n n route add 10.9.0.$i/32 dev veth$p scope host
done
for n in n a b; do for d in eth0 vetha vethb; do ip netns exec $n sysctl -qw net.ipv4.neigh.$d.delay_first_probe_time=60 2>/dev/null || true; done; done
### probe
ip -n a route; ip -n n route; ip -n n route get 10.9.0.3; ip -n n -4 -br addr
ip netns exec a ping -c1 -W1 10.9.0.3 | sed 's/time=.*//;/rtt/d'
ip netns exec b ping -c1 -W1 10.9.0.1 | sed 's/time=.*//;/rtt/d'
ip -n n neigh | sort; ip -n a neigh | sort
