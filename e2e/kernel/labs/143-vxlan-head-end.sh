# vxlan with a default remote, learning, and several default destinations: floods go to each, answers teach.
ns s n1 n2 n3
br s sw 02:00:00:00:05:00
for i in 1 2 3; do
  wire n$i eth0 02:00:00:00:01:0$i s p$i 02:00:00:00:05:0$i; ip -n s link set p$i master sw; ip -n n$i addr add 10.0.0.$i/24 dev eth0
  r=; [ $i = 1 ] || r='remote 10.0.0.1'
  ip -n n$i link add vx address 02:00:00:00:0f:0$i type vxlan id 7 dstport 4789 local 10.0.0.$i dev eth0 $r ageing 60; ip -n n$i addr add 10.9.0.$i/24 dev vx; ip -n n$i link set vx up
done
bridge -n n1 fdb append 00:00:00:00:00:00 dev vx dst 10.0.0.2
bridge -n n1 fdb append 00:00:00:00:00:00 dev vx dst 10.0.0.3
for n in n1 n2 n3; do for d in eth0 vx; do ip netns exec $n sysctl -qw net.ipv4.neigh.$d.delay_first_probe_time=60; done; done
### probe
bridge -n n2 fdb show dev vx; bridge -n n1 fdb show dev vx | sort
ip netns exec n1 ping -c1 -W1 10.9.0.3
ip netns exec n2 ping -c1 -W1 10.9.0.1
bridge -n n1 fdb show dev vx | sort; bridge -n n2 fdb show dev vx | sort
ip netns exec n2 ping -c1 -W1 10.9.0.3; echo "exit $?"; sleep 3.5
bridge -n n1 fdb append 00:00:00:00:00:00 dev vx dst 10.0.0.3 2>&1; echo "exit $?"
bridge -n n1 fdb del 00:00:00:00:00:00 dev vx dst 10.0.0.2; bridge -n n1 fdb show dev vx | grep 00:00:00:00:00:00
ip -n n1 link set vx down; bridge -n n1 fdb show dev vx | sort
ip -n n2 -d link show vx | grep -o 'vxlan id.*ageing 60'
ip -n n2 link set eth0 mtu 1400; ip -n n2 link show vx | grep -o 'mtu [0-9]*'
ip -n n2 link del eth0; ip -n n2 -br link
