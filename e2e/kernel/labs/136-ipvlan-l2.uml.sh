# ipvlan in mode l2: devices that share the lower device's address and are told apart by their IP addresses.
ns h far a b
wire h eth0 02:00:00:00:01:01 far eth0 02:00:00:00:01:02
ip -n h addr add 10.0.0.1/24 dev eth0; ip -n far addr add 10.0.0.2/24 dev eth0
n=0; for ns in a b; do n=$((n+1))
  ip -n h link add i$n link eth0 type ipvlan mode l2; ip -n h link set i$n netns $ns name eth0; ip -n $ns link set eth0 up; ip -n $ns addr add 10.0.0.1$n/24 dev eth0
done
for n in h far a b; do for d in eth0; do ip netns exec $n sysctl -qw net.ipv4.neigh.$d.delay_first_probe_time=60 2>/dev/null || true; done; done
### probe
ip netns exec a ping -c1 -W1 10.0.0.2
ip netns exec far ping -c1 -W1 10.0.0.12
ip netns exec a ping -c1 -W1 10.0.0.12
ip netns exec a ping -c1 -W1 10.0.0.1; echo "exit $?"; sleep 3.5
ip -n a link show eth0; ip -n a -d link show eth0 | grep -o 'ipvlan .*bridge'
ip -n far neigh | sort
ip -n b addr add 10.0.0.11/24 dev eth0 2>&1; echo "exit $?"
ip -n h link set eth0 mtu 1400; ip -n a -br link show eth0; ip -n a link show eth0 | grep -o 'mtu [0-9]*'
ip -n a link set eth0 address 02:00:00:00:0a:02 2>&1; echo "exit $?"
ip -n h link add m0 link eth0 type macvlan 2>&1; echo "exit $?"
ip -n h link add i3 link eth0 type ipvlan mode foo 2>&1; echo "exit $?"
ip -n h link add i3 type ipvlan 2>&1; echo "exit $?"
ip -n h link add i3 link eth0 type ipvlan mode l2 private
ip netns exec a ping -c1 -W1 10.0.0.12; echo "exit $?"
ip -n a -d link show eth0 | grep -o 'ipvlan .*private'
ip -n h link del eth0; ip -n a -br link
