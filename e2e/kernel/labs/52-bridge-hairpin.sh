# Hairpin: a frame goes back out of the port it came in by only if that port allows it.
ns up mid a b
br up br0 02:00:00:00:50:01; br mid br1 02:00:00:00:50:02
wire up port 02:00:00:00:b0:01 mid uplink 02:00:00:00:b0:02; ip -n up link set port master br0; ip -n mid link set uplink master br1
for p in a b; do wire mid to-$p 02:00:00:00:b0:0$p $p eth0 02:00:00:00:aa:0$p; ip -n mid link set to-$p master br1; bridge -n mid link set dev to-$p isolated on learning off; done; bridge -n mid link set dev uplink learning off
ip -n a addr add 10.9.0.2/24 dev eth0; ip -n b addr add 10.9.0.3/24 dev eth0; ip -n up addr add 10.9.0.1/24 dev br0
### probe
x() { "$@" 2>&1 || echo "exit $?"; }
x ip netns exec a ping -c1 -W1 10.9.0.3; sleep 2.5
ip -n up link set port type bridge_slave hairpin on
bridge -n up -d link show dev port; bridge -n mid -d link show dev to-a | tail -1
x ip netns exec a ping -c1 -W1 10.9.0.3
bridge -n up fdb show br br0 dynamic | sort
ip -n up link set port type bridge_slave hairpin off; sleep 0.5
x ip netns exec a ping -c1 -W1 10.9.0.3
x ip netns exec a ping -c1 -W1 10.9.0.1
