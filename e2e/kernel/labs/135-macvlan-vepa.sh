# macvlan in vepa mode: siblings meet only through a switch that sends frames back (hairpin); passthru is alone.
ns h sw a b
wire h eth0 02:00:00:00:01:01 sw p1 02:00:00:00:01:02
br sw br0 02:00:00:00:05:01; ip -n sw link set p1 master br0; ip -n sw addr add 10.0.0.2/24 dev br0
n=0; for ns in a b; do n=$((n+1))
  ip -n h link add m$n link eth0 address 02:00:00:00:0a:0$n type macvlan mode vepa
  ip -n h link set m$n netns $ns name eth0; ip -n $ns link set eth0 up; ip -n $ns addr add 10.0.0.1$n/24 dev eth0
done
for n in h sw a b; do for d in eth0 br0; do ip netns exec $n sysctl -qw net.ipv4.neigh.$d.delay_first_probe_time=60 2>/dev/null || true; done; done
### probe
ip netns exec a ping -c1 -W1 10.0.0.2
ip netns exec a ping -c1 -W1 10.0.0.12; echo "exit $?"; sleep 3.5
ip -n sw link set p1 type bridge_slave hairpin on
ip netns exec a ping -c1 -W1 10.0.0.12
ip -n h link add m3 link eth0 type macvlan mode passthru 2>&1; echo "exit $?"
ip -n h link add m3 link eth0 mtu 2000 type macvlan 2>&1; echo "exit $?"
ip -n h link add m3 type macvlan 2>&1; echo "exit $?"
ip -n h link add m3 link lo type macvlan 2>&1; echo "exit $?"
ip -n h link add m3 link eth0 type macvlan mode foo 2>&1; echo "exit $?"
ip -n a link set eth0 type macvlan mode bridge; ip -n b link set eth0 type macvlan mode bridge; ip -n sw link set p1 type bridge_slave hairpin off
ip netns exec a ping -c1 -W1 10.0.0.12
ip -n a -d -j link show eth0 | grep -o '"info_data":{[^}]*}'
