# A dummy device: NOARP, state UNKNOWN, swallows what it is sent, keeps addresses for the host.
ns a b
wire a eth0 02:00:00:00:aa:01 b eth0 02:00:00:00:aa:02
ip -n a addr add 10.0.0.1/24 dev eth0; ip -n b addr add 10.0.0.2/24 dev eth0
ip -n a link add kube0 address 02:00:00:00:d0:01 type dummy
ip -n a link add d1 address 02:00:00:00:d0:02 mtu 9000 type dummy; ip -n a link set d1 up
ip -n a addr add 10.96.0.1/32 dev kube0; ip -n a addr add 10.97.0.1/24 dev d1
ip -n b route add 10.96.0.0/12 via 10.0.0.1
for n in a b; do for d in eth0; do ip netns exec $n sysctl -qw net.ipv4.neigh.$d.delay_first_probe_time=60 2>/dev/null || true; done; done
### probe
ip netns exec b ping -c1 -W1 10.96.0.1
ip netns exec b ping -c1 -W1 10.97.0.1
ip netns exec a ping -c2 -W1 10.97.0.9; echo "exit $?"
ip -n a -br link | grep -v lo
ip -n a -s link show d1
ip -n a route
ip -n a link show type dummy | grep -o 'kube0.*\|d1: .*'
ip -n a -d link show kube0 | grep -o '    dummy'
ip -n a link set d1 mtu 100000; echo "exit $?"; ip -n a link set d1 mtu 20; echo "exit $?"
ip -n a link set d1 arp on; ip -n a -br link show d1
ip -n a link del kube0; ip -n a -br link | grep -c kube0
ip netns exec b ping -c1 -W1 10.96.0.1; echo "exit $?"
