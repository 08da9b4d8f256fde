# ip monitor neigh tells of forwarding entries too: learnt, typed in, local ones, those of a VXLAN; with -4 only of neighbours.
ns n a b
br n br0 02:00:00:00:0c:01
wire n v1 02:00:00:00:0b:01 a eth0 02:00:00:00:0a:01; wire n v2 02:00:00:00:0b:02 b eth0 02:00:00:00:0a:02
ip -n a addr add 10.0.0.1/24 dev eth0; ip -n b addr add 10.0.0.2/24 dev eth0
### probe
heard=$(mktemp); heard4=$(mktemp); ip netns exec n timeout 8 ip monitor neigh >$heard & ip netns exec n timeout 8 ip -4 monitor neigh >$heard4 & sleep 0.3
ip -n n link set v1 master br0; ip -n n link set v2 master br0
f() { bridge -n n fdb "$@" 2>&1; }
ip netns exec a ping -c1 -W1 10.0.0.2 | grep -c from
f add 02:00:00:00:0a:09 dev v1 master static; f replace 02:00:00:00:0a:01 dev v2 master static; f del 02:00:00:00:0a:09 dev v1 master
f add 02:00:00:00:0a:0a dev br0 self local; f del 02:00:00:00:0a:0a dev br0 self
ip -n n link add vx address 02:00:00:00:0f:01 type vxlan id 1 dstport 8472 local 10.9.0.1 remote 10.9.0.9; ip -n n link set vx up
f append 02:00:00:00:0f:02 dev vx dst 10.9.0.2; f append 02:00:00:00:0f:02 dev vx dst 10.9.0.3; f replace 02:00:00:00:0f:02 dev vx dst 10.9.0.4
f append 00:00:00:00:00:00 dev vx dst 10.9.0.6; f replace 00:00:00:00:00:00 dev vx dst 10.9.0.7; echo "exit $?"
f append 01:00:5e:00:00:09 dev vx dst 10.9.0.2; f append 01:00:5e:00:00:09 dev vx dst 10.9.0.3; f replace 01:00:5e:00:00:09 dev vx dst 10.9.0.4; echo "exit $?"
f show dev vx | sort; f del 02:00:00:00:0f:02 dev vx; f del 00:00:00:00:00:00 dev vx dst 10.9.0.9
ip -n n link set v2 down; sleep 0.2
ip -n n addr add 10.7.0.1/24 dev v1; ip -n n neigh add 10.7.0.2 lladdr 02:00:00:00:00:07 dev v1; ip -n n neigh del 10.7.0.2 dev v1
ip -n n link del vx; ip -n n link set v1 nomaster; wait; cat $heard; echo; cat $heard4
