# Two gateways protect what their networks say to each other by ESP in tunnel mode: two pods on either side, frames and counters.
ns n1 n2 p1 p2
K=0x000102030405060708090a0b0c0d0e0f
wire n1 e0 02:00:00:00:00:01 n2 e0 02:00:00:00:00:02
for i in 1 2; do
  j=$((3 - i))
  ip -n n$i addr add 10.0.0.$i/24 dev e0; fwd n$i
  wire n$i c0 02:00:00:00:aa:0$i p$i eth0 02:00:00:00:bb:0$i
  ip -n n$i addr add 10.244.$i.1/24 dev c0; ip -n n$i route add default via 10.0.0.$j
  ip -n p$i addr add 10.244.$i.2/24 dev eth0; ip -n p$i route add default via 10.244.$i.1
  ip -n n$i xfrm state add src 10.0.0.1 dst 10.0.0.2 proto esp spi 0xc1 reqid 11 mode tunnel replay-window 32 aead 'rfc4106(gcm(aes))' ${K}01020304 128
  ip -n n$i xfrm state add src 10.0.0.2 dst 10.0.0.1 proto esp spi 0xc2 reqid 11 mode tunnel replay-window 32 auth-trunc 'hmac(sha256)' $K 128 enc 'cbc(aes)' $K
  ip -n n$i xfrm policy add src 10.244.$i.0/24 dst 10.244.$j.0/24 dir out tmpl src 10.0.0.$i dst 10.0.0.$j proto esp reqid 11 mode tunnel
  for d in in fwd; do ip -n n$i xfrm policy add src 10.244.$j.0/24 dst 10.244.$i.0/24 dir $d tmpl src 10.0.0.$j dst 10.0.0.$i proto esp reqid 11 mode tunnel; done
done
for d in n1/e0 n2/e0 n1/c0 n2/c0 p1/eth0 p2/eth0; do ip netns exec ${d%/*} sysctl -qw net.ipv4.neigh.${d#*/}.delay_first_probe_time=60; done
### probe
ip netns exec p1 ping -c2 -W1 10.244.2.2
ip netns exec p1 ping -c1 -W1 -M do -s 1472 10.244.2.2
ip netns exec p1 ping -c1 -W1 -M do -s 1418 10.244.2.2
ip netns exec p2 ping -c1 -W1 -M dont -s 1472 10.244.1.2
ip netns exec n1 ping -c1 -W1 10.244.2.2
ip netns exec n1 ping -c1 -W1 -I 10.244.1.1 10.244.2.1
ip netns exec n1 ping -c1 -W1 -I 10.244.1.1 -M do -s 1472 10.244.2.1
ip netns exec n2 ping -c1 -W1 -I 10.244.2.1 -s 4000 10.244.1.1
ip netns exec n1 ping -c1 -W1 -I 10.244.1.1 -s 1411 10.244.2.1
ip netns exec n1 ping -Q 0x28 -c1 -W1 -I 10.244.1.1 10.244.2.2
ip netns exec p1 bash -c 'echo anyone | nc -u -w1 -p 5000 10.244.2.1 80'
ip netns exec p1 traceroute -n -w1 -q1 10.244.2.2 | sed "s/[0-9.]* ms//"
for n in n1 n2; do
  ip -n $n -s xfrm state | grep -v 20..-
  ip netns exec $n grep -v '[[:space:]]0$' /proc/net/xfrm_stat
  ip -n $n -s link show e0
done
true
