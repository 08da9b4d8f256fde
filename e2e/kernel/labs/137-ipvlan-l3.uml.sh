# ipvlan in mode l3: the lower device's namespace routes for them; no ARP, no broadcast; then l3s.
ns h far a b
wire h eth0 02:00:00:00:01:01 far eth0 02:00:00:00:01:02
ip -n h addr add 10.0.0.1/24 dev eth0; ip -n far addr add 10.0.0.2/24 dev eth0; fwd h
n=0; for ns in a b; do n=$((n+1))
  ip -n h link add i$n link eth0 type ipvlan mode l3; ip -n h link set i$n netns $ns name eth0; ip -n $ns link set eth0 up
  ip -n $ns addr add 10.1.0.1$n/24 dev eth0; ip -n $ns route add default dev eth0
done
ip -n far route add 10.1.0.0/24 via 10.0.0.1
for n in h far a b; do for d in eth0; do ip netns exec $n sysctl -qw net.ipv4.neigh.$d.delay_first_probe_time=60 2>/dev/null || true; done; done
### probe
ip netns exec a ping -c1 -W1 10.0.0.2
ip netns exec a ping -c1 -W1 10.1.0.12
ip netns exec far ping -c1 -W1 10.1.0.12
ip netns exec a ping -c1 -W1 10.9.9.9; echo "exit $?"
ip -n a link show eth0; ip -n a neigh; ip -n a -d -j link show eth0 | grep -o '"info_data":{[^}]*}'
ip -n a link set eth0 type ipvlan mode l3s; ip -n b -d link show eth0 | grep -o 'ipvlan .*bridge'
ip netns exec a ping -c1 -W1 10.0.0.2
ip netns exec a ping -c1 -W1 10.1.0.12
ip netns exec far ping -c1 -W1 10.1.0.12
ip -n a -s link show eth0 | tail -4
