# A port with bcast_flood off is spared the broadcasts of other ports, not those of the bridge itself.
ns r a b c
br r br0 02:00:00:00:50:01
for n in a:1 b:2 c:3; do i=${n#*:}; n=${n%:*}
  wire r v$n 02:00:00:00:b0:0$i $n eth0 02:00:00:00:aa:0$i; ip -n r link set v$n master br0
  ip -n $n addr add 10.1.0.1$i/24 dev eth0
done
ip -n r addr add 10.1.0.1/24 dev br0
bridge -n r link set dev vc bcast_flood off
### probe
ip netns exec r ping -c1 -W0.5 10.1.0.11
ip netns exec b ping -c1 -W0.5 10.1.0.11
ip netns exec a ping -c1 -W0.5 10.1.0.13
bridge -n r link set dev vc flood off
ip netns exec r ping -c1 -W0.5 10.1.0.13
