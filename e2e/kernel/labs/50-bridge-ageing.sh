# A bridge forgets: an entry goes after ageing_time without frames; a frame to a forgotten address is flooded.
ns sw a b c
br sw br0 02:00:00:00:50:01
for p in a b c; do wire sw to-$p 02:00:00:00:b0:0$p $p eth0 02:00:00:00:aa:0$p; ip -n sw link set to-$p master br0; done
ip -n a addr add 10.9.0.2/24 dev eth0; ip -n b addr add 10.9.0.3/24 dev eth0; ip -n c addr add 10.9.0.4/24 dev eth0
### probe
x() { "$@" 2>&1 || echo "exit $?"; }
ip -n sw link set br0 type bridge ageing_time 200
ip -n a neigh add 10.9.0.3 lladdr 02:00:00:00:aa:0b dev eth0; ip -n b neigh add 10.9.0.2 lladdr 02:00:00:00:aa:0a dev eth0
ip netns exec a ping -c1 -W1 -q 10.9.0.3
bridge -n sw fdb show br br0 dynamic | sort
sleep 1
bridge -n sw fdb show br br0 dynamic | sort
ip netns exec a ping -c1 -W1 -q 10.9.0.3
sleep 5
bridge -n sw fdb show br br0 dynamic | sort
ip netns exec a ping -c1 -W1 -q 10.9.0.3
bridge -n sw fdb show br br0 dynamic | sort
