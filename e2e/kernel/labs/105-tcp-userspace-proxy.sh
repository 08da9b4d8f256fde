# A proxy in user space between two nodes, as kube-proxy once was: two connections, the second from the node with a port of its own.
ns fabric n1 n2 p1 p2
br fabric sw 02:00:00:00:50:01
for i in 1 2; do
  wire n$i eth0 02:00:00:00:01:0$i fabric port$i 02:00:00:00:51:0$i; ip -n fabric link set port$i master sw
  ip -n n$i addr add 192.168.1.13$i/24 dev eth0; fwd n$i
  br n$i docker0 02:42:00:00:0c:0$i; ip -n n$i addr add 10.1.${i}0.1/24 dev docker0
  wire n$i veth0 02:00:00:00:b0:0$i p$i eth0 02:42:0a:01:aa:0$i; ip -n n$i link set veth0 master docker0
  ip -n p$i addr add 10.1.${i}0.4/24 dev eth0; ip -n p$i route add default via 10.1.${i}0.1
done
ip -n n1 route add 10.1.20.0/24 via 192.168.1.132; ip -n n2 route add 10.1.10.0/24 via 192.168.1.131
ip netns exec p2 nc -lk 80 >/dev/null 2>&1 &
ip netns exec n1 socat TCP-LISTEN:59528,fork,reuseaddr TCP:10.1.20.4:80,sourceport=40000,reuseaddr >/dev/null 2>&1 &
ip netns exec n1 socat TCP-LISTEN:59529,fork,reuseaddr TCP:10.1.20.4:81,sourceport=40001,reuseaddr >/dev/null 2>&1 &
sleep 0.3
### probe
echo hello | ip netns exec p1 nc -N -w1 -p 33333 10.1.10.1 59528; echo "exit $?"
# Nobody listens behind this one.
ip netns exec p1 nc -d -w1 -p 33334 10.1.10.1 59529; echo "exit $?"
