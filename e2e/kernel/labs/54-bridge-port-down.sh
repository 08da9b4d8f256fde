# A port that is down, a port taken out, the bridge itself down: who still reaches whom.
ns sw a b c
br sw br0 02:00:00:00:50:01
for p in a b c; do wire sw to-$p 02:00:00:00:b0:0$p $p eth0 02:00:00:00:aa:0$p; ip -n sw link set to-$p master br0; done
ip -n a addr add 10.9.0.2/24 dev eth0; ip -n b addr add 10.9.0.3/24 dev eth0; ip -n c addr add 10.9.0.4/24 dev eth0
### probe
x() { "$@" 2>&1 || echo "exit $?"; }
ip -n sw addr add 10.9.0.1/24 dev br0
ip netns exec a ping -c1 -W1 -q 10.9.0.3
ip -n sw link set to-b down; sleep 1.5
bridge -n sw link show; bridge -n sw fdb show br br0 dynamic | sort
x ip netns exec b ping -c1 -W1 10.9.0.2
ip -n sw link set to-b up; sleep 1.5
x ip netns exec b ping -c1 -W1 10.9.0.2
ip -n sw link set br0 down; sleep 1.5
bridge -n sw link show; ip -n sw route; ip -n sw -br link
x ip netns exec a ping -c1 -W1 -q 10.9.0.3
ip -n sw link set br0 up; sleep 1.5; ip -n sw route
x ip netns exec a ping -c1 -W1 -q 10.9.0.3
for p in a b c; do ip -n sw link set to-$p nomaster; done; sleep 1.5; ip -n sw link show br0
x ip -n sw link set to-a master nosuch
x ip -n sw link set to-a master to-b
x ip -n sw link set to-a type bridge_slave hairpin on
x bridge -n sw link set dev to-a hairpin on
ip -n sw link del br0; ip -n sw -br link
