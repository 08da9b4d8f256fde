# A client stays with its server for a while; TCP through masquerading; what the node itself asks its own virtual address.
ns c n s1 s2
wire c eth0 02:00:00:00:01:01 n e0 02:00:00:00:01:02
ip -n c addr add 10.0.0.2/24 dev eth0; ip -n n addr add 10.0.0.1/24 dev e0; ip -n c route add default via 10.0.0.1
for i in 1 2; do wire n v$i 02:00:00:00:b0:0$i s$i eth0 02:00:00:00:aa:0$i; ip -n n addr add 10.$i.0.1/24 dev v$i
  ip -n s$i addr add 10.$i.0.2/24 dev eth0; ip -n s$i route add default via 10.$i.0.1; done
fwd n
ip -n n link add kube-ipvs0 type dummy; ip -n n addr add 10.96.0.1/32 dev kube-ipvs0
L="ip netns exec n ipvsadm"
$L -A -t 10.96.0.1:80 -s rr -p 60; for i in 1 2; do $L -a -t 10.96.0.1:80 -r 10.$i.0.2:8080 -m; done
$L -A -t 10.96.0.1:81 -s rr; for i in 1 2; do $L -a -t 10.96.0.1:81 -r 10.$i.0.2:8080 -m; done
for i in 1 2; do ip netns exec s$i nc -lk 8080 >/dev/null & done
sleep 0.5
### probe
for p in 6001 6002; do ip netns exec c nc -z -w1 -p $p 10.96.0.1 80 || echo "exit $?"; done
for p in 6003 6004; do ip netns exec c nc -z -w1 -p $p 10.96.0.1 81 || echo "exit $?"; done
ip netns exec n nc -z -w1 -p 6005 10.96.0.1 81 || echo "exit $?"
ip netns exec c nc -z -w1 -p 6006 10.96.0.1 82 || echo "exit $?"
ip netns exec n ipvsadm -Ln
ip netns exec n ipvsadm -Lnc | sed 's/[0-9][0-9]:[0-9][0-9]/MM:SS/' | sort
ip netns exec n ipvsadm -Ln --persistent-conn
