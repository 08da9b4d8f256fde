# ESP in UDP: what leaves, its MTU, and a receiver whose port 4500 nobody opened for it.
ns a b
wire a e0 02:00:00:00:00:01 b e0 02:00:00:00:00:02
ip -n a addr add 10.0.0.1/24 dev e0; ip -n b addr add 10.0.0.2/24 dev e0
ip -n a addr add 10.1.0.1/24 dev lo; ip -n b addr add 10.2.0.1/24 dev lo
ip -n a route add 10.2.0.0/24 via 10.0.0.2 src 10.1.0.1; ip -n b route add 10.1.0.0/24 via 10.0.0.1 src 10.2.0.1
for n in a b; do ip netns exec $n sysctl -qw net.ipv4.neigh.e0.delay_first_probe_time=60; done
### probe
K=0x000102030405060708090a0b0c0d0e0f
for n in a b; do ip -n $n xfrm state add src 10.0.0.1 dst 10.0.0.2 proto esp spi 0x101 reqid 1 mode tunnel aead 'rfc4106(gcm(aes))' ${K}01020304 128 encap espinudp 4501 4500 0.0.0.0; done
ip -n b xfrm state add src 10.0.0.2 dst 10.0.0.1 proto esp spi 0x102 reqid 1 mode tunnel enc cipher_null '' auth sha256 $K
ip -n a xfrm state add src 10.0.0.2 dst 10.0.0.1 proto esp spi 0x102 reqid 1 mode tunnel enc cipher_null '' auth sha256 $K encap espinudp 4500 4500 0.0.0.0
ip -n a xfrm policy add src 10.1.0.0/24 dst 10.2.0.0/24 dir out tmpl src 10.0.0.1 dst 10.0.0.2 proto esp reqid 1 mode tunnel
ip -n b xfrm policy add src 10.2.0.0/24 dst 10.1.0.0/24 dir out tmpl src 10.0.0.2 dst 10.0.0.1 proto esp reqid 1 mode tunnel
ip netns exec a ping -c1 -W1 -I 10.1.0.1 10.2.0.1
ip netns exec a ping -c1 -W1 -I 10.1.0.1 -M do -s 1472 10.2.0.1 2>&1
ip netns exec a ping -c1 -W1 -I 10.1.0.1 -M do -s 1410 10.2.0.1
ip netns exec a ping -c1 -W1 -I 10.1.0.1 -s 3000 10.2.0.1
# Plain ESP for a state that wants UDP.
ip netns exec b ping -c1 -W1 -I 10.2.0.1 10.1.0.1
for n in a b; do ip netns exec $n grep -v '[[:space:]]0$' /proc/net/xfrm_stat; done
ip -n a xfrm state
