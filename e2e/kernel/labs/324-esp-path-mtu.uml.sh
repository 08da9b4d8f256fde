# Between two gateways a link carries less than their own: the router's ICMP errors are about ESP, and the sender of what is inside is told in turn.
ns g1 r g2 c
K=0x000102030405060708090a0b0c0d0e0f
wire g1 e0 02:00:00:00:00:01 r e1 02:00:00:00:00:11; wire r e2 02:00:00:00:00:12 g2 e0 02:00:00:00:00:02; wire c e0 02:00:00:00:00:0c g1 e1 02:00:00:00:00:1c; fwd g1 r g2
ip -n g1 addr add 10.0.1.1/24 dev e0; ip -n r addr add 10.0.1.254/24 dev e1; ip -n r addr add 10.0.2.254/24 dev e2; ip -n g2 addr add 10.0.2.1/24 dev e0
ip -n g1 route add default via 10.0.1.254; ip -n g2 route add default via 10.0.2.254
ip -n c addr add 10.1.0.2/24 dev e0; ip -n g1 addr add 10.1.0.1/24 dev e1; ip -n c route add default via 10.1.0.1; ip -n g2 addr add 10.2.0.1/24 dev lo
ip -n r link set e2 mtu 1300; ip -n g2 link set e0 mtu 1300
for n in g1 g2; do
  ip -n $n xfrm state add src 10.0.1.1 dst 10.0.2.1 proto esp spi 0x101 reqid 1 mode tunnel aead 'rfc4106(gcm(aes))' ${K}01020304 128
  ip -n $n xfrm state add src 10.0.2.1 dst 10.0.1.1 proto esp spi 0x102 reqid 1 mode tunnel aead 'rfc4106(gcm(aes))' ${K}01020304 128
done
ip -n g1 xfrm policy add src 10.1.0.0/24 dst 10.2.0.0/24 dir out tmpl src 10.0.1.1 dst 10.0.2.1 proto esp reqid 1 mode tunnel
ip -n g2 xfrm policy add src 10.2.0.0/24 dst 10.1.0.0/24 dir out tmpl src 10.0.2.1 dst 10.0.1.1 proto esp reqid 1 mode tunnel
ip -n g2 xfrm policy add src 10.1.0.0/24 dst 10.2.0.0/24 dir in tmpl src 10.0.1.1 dst 10.0.2.1 proto esp reqid 1 mode tunnel
for d in in fwd; do ip -n g1 xfrm policy add src 10.2.0.0/24 dst 10.1.0.0/24 dir $d tmpl src 10.0.2.1 dst 10.0.1.1 proto esp reqid 1 mode tunnel; done
for d in g1/e0 r/e1 r/e2 g2/e0 c/e0 g1/e1; do ip netns exec ${d%/*} sysctl -qw net.ipv4.neigh.${d#*/}.delay_first_probe_time=60; done
### probe
for i in 1 2 3; do ip netns exec c ping -c1 -W1 -M do -s 1400 10.2.0.1; done
ip -n g1 route get 10.0.2.1 | sed 's/expires [0-9]*sec/expires soon/'
ip netns exec c ping -c1 -W1 -M do -s 1218 10.2.0.1
ip netns exec c ping -c1 -W1 -M do -s 1219 10.2.0.1
ip netns exec g1 ping -c1 -W1 -I 10.1.0.1 -M do -s 1219 10.2.0.1
ip netns exec g1 ping -c1 -W1 -I 10.1.0.1 -s 1219 10.2.0.1
true
