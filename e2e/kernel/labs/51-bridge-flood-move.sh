# Unknown addresses are flooded to every other port, or to none with flood off; a station that moves is found at its new port.
ns sw a b c
br sw br0 02:00:00:00:50:01
for p in a b c; do wire sw to-$p 02:00:00:00:b0:0$p $p eth0 02:00:00:00:aa:0$p; ip -n sw link set to-$p master br0; done
ip -n a addr add 10.9.0.2/24 dev eth0; ip -n b addr add 10.9.0.3/24 dev eth0; ip -n c addr add 10.9.0.4/24 dev eth0
### probe
x() { "$@" 2>&1 || echo "exit $?"; }
ip -n a neigh add 10.9.0.77 lladdr 02:00:00:00:aa:77 dev eth0
x ip netns exec a ping -c1 -W1 10.9.0.77
bridge -n sw link set dev to-c flood off
x ip netns exec a ping -c1 -W1 10.9.0.77
bridge -n sw -d link show dev to-c
bridge -n sw link set dev to-b learning off
ip netns exec b ping -c1 -W1 -q 10.9.0.2
bridge -n sw fdb show br br0 dynamic | sort
bridge -n sw link set dev to-b learning on
ip -n c link set eth0 down; ip -n b link set eth0 address 02:00:00:00:aa:0c; sleep 1.5
ip netns exec b ping -c1 -W1 -q 10.9.0.2
bridge -n sw fdb show br br0 dynamic | sort
ip -n b link set eth0 down; ip -n b link set eth0 address 02:00:00:00:aa:0b; ip -n c link set eth0 up; sleep 1.5
ip netns exec c ping -c1 -W1 -q 10.9.0.2
bridge -n sw fdb show br br0 dynamic | sort
