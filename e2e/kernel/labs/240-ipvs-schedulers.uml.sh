# Weighted round robin and least connection among three servers; weight 0 gets nobody new; a service without servers refuses.
ns c n s1 s2 s3
wire c eth0 02:00:00:00:01:01 n e0 02:00:00:00:01:02
ip -n c addr add 10.0.0.2/24 dev eth0; ip -n n addr add 10.0.0.1/24 dev e0; ip -n c route add default via 10.0.0.1
for i in 1 2 3; do wire n v$i 02:00:00:00:b0:0$i s$i eth0 02:00:00:00:aa:0$i; ip -n n addr add 10.$i.0.1/24 dev v$i
  ip -n s$i addr add 10.$i.0.2/24 dev eth0; ip -n s$i route add default via 10.$i.0.1; done
fwd n
ip -n n link add kube-ipvs0 type dummy; ip -n n addr add 10.96.0.1/32 dev kube-ipvs0
L="ip netns exec n ipvsadm"
$L -A -u 10.96.0.1:53 -s wrr; for i in 1 2 3; do $L -a -u 10.96.0.1:53 -r 10.$i.0.2:53 -m -w $i; done
$L -A -u 10.96.0.1:54 -s lc; for i in 1 2; do $L -a -u 10.96.0.1:54 -r 10.$i.0.2:54 -m; done
$L -A -u 10.96.0.1:55 -s rr
for i in 1 2 3; do for p in 53 54; do ip netns exec s$i nc -luk $p >/dev/null & done; done
sleep 0.5
### probe
for p in 5001 5002 5003 5004 5005 5006 5007; do echo q | ip netns exec c nc -u -w1 -p $p 10.96.0.1 53; done
for p in 6001 6002 6003; do echo q | ip netns exec c nc -u -w1 -p $p 10.96.0.1 54; done
echo q | ip netns exec c nc -u -w1 -p 7001 10.96.0.1 55 || echo "exit $?"
ip netns exec n ipvsadm -e -u 10.96.0.1:53 -r 10.3.0.2:53 -m -w 0
for p in 5011 5012 5013; do echo q | ip netns exec c nc -u -w1 -p $p 10.96.0.1 53; done
echo q | ip netns exec c nc -u -w1 -p 5003 10.96.0.1 53
sleep 2
ip netns exec n ipvsadm -Ln
ip netns exec n ipvsadm -Lnc | sed 's/[0-9][0-9]:[0-9][0-9]/MM:SS/' | sort
ip netns exec n ipvsadm -Ln --stats
ip netns exec c ping -c1 -W1 10.96.0.1
