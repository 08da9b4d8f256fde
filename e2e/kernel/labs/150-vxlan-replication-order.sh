# A flooded frame goes to the first destination of the all-zero entry last: the others get copies before it.
ns a b c d sw
br sw br0 02:00:00:00:50:01
for n in a:1 b:2 c:3 d:4; do i=${n#*:}; n=${n%:*}
  wire $n eth0 02:00:00:00:01:0$i sw port$i 02:00:00:00:51:0$i; ip -n sw link set port$i master br0
  ip -n $n addr add 10.0.0.$i/24 dev eth0
  ip -n $n link add vx0 address 02:00:00:00:0f:0$i type vxlan id 9 dstport 4789 local 10.0.0.$i dev eth0
  ip -n $n addr add 10.9.0.$i/24 dev vx0; ip -n $n link set vx0 up
  for o in 1 2 3 4; do [ $o = $i ] || bridge -n $n fdb append 00:00:00:00:00:00 dev vx0 dst 10.0.0.$o; done
done
### probe
ip netns exec a ping -c1 -W1 10.9.0.3
sleep 0.5
ip netns exec d ping -c1 -W1 10.9.0.2
bridge -n a fdb show dev vx0
bridge -n b fdb show dev vx0
