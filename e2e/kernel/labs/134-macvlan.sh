# macvlan in bridge and private mode on one wire: siblings, the wire, and the host below that cannot be reached.
ns h far a b c
wire h eth0 02:00:00:00:01:01 far eth0 02:00:00:00:01:02
ip -n h addr add 10.0.0.1/24 dev eth0; ip -n far addr add 10.0.0.2/24 dev eth0
n=0; for m in bridge:a bridge:b private:c; do n=$((n+1)); ns=${m#*:}
  ip -n h link add m$n link eth0 address 02:00:00:00:0a:0$n type macvlan mode ${m%:*}
  ip -n h link set m$n netns $ns name eth0; ip -n $ns link set eth0 up; ip -n $ns addr add 10.0.0.1$n/24 dev eth0
done
for n in h far a b c; do for d in eth0; do ip netns exec $n sysctl -qw net.ipv4.neigh.$d.delay_first_probe_time=60 2>/dev/null || true; done; done
### probe
ip netns exec a ping -c1 -W1 10.0.0.2
ip netns exec a ping -c1 -W1 10.0.0.12
ip netns exec c ping -c1 -W1 10.0.0.2
ip netns exec c ping -c1 -W1 10.0.0.11; echo "exit $?"; sleep 3.5
ip netns exec a ping -c1 -W1 10.0.0.1; echo "exit $?"; sleep 3.5
ip -n a link show eth0; ip -n a -d link show eth0 | grep -o 'macvlan.*usedbcqueuelen 1000'
ip -n h -d link show eth0 | grep -o 'promiscuity [0-9]'
bridge -n h fdb show dev eth0 | grep 0a | sort
ip -n h link set eth0 mtu 1400; ip -n a link show eth0 | grep -o 'mtu [0-9]*'; ip -n a link set eth0 mtu 1500 2>&1; echo "exit $?"
ip -n a link set eth0 address 02:00:00:00:0a:02 2>&1; echo "exit $?"
ip -n h link set eth0 down; ip -n a -br link show eth0
ip netns exec a ping -c1 -W1 10.0.0.12; echo "exit $?"
sleep 3.5; ip -n h link set eth0 up; sleep 1.5; ip -n a -br link show eth0
ip -n h link del eth0; ip -n a -br link; ip -n c link show eth0 2>&1; echo "exit $?"
