# Two hosts protect ICMP and UDP by ESP in transport mode; without encryption every byte is the same on every machine.
ns a b
K=0x000102030405060708090a0b0c0d0e0f
wire a e0 02:00:00:00:00:01 b e0 02:00:00:00:00:02
ip -n a addr add 10.0.0.1/24 dev e0; ip -n b addr add 10.0.0.2/24 dev e0
for n in a b; do
  ip -n $n xfrm state add src 10.0.0.1 dst 10.0.0.2 proto esp spi 0x201 reqid 2 mode transport enc 'ecb(cipher_null)' '' auth 'hmac(sha1)' $K replay-window 4
  ip -n $n xfrm state add src 10.0.0.2 dst 10.0.0.1 proto esp spi 0x202 reqid 2 mode transport enc 'cbc(aes)' $K auth 'hmac(md5)' $K flag nopmtudisc
done
ip -n a xfrm policy add src 10.0.0.1 dst 10.0.0.2 proto icmp dir out tmpl proto esp reqid 2 mode transport
ip -n b xfrm policy add src 10.0.0.2 dst 10.0.0.1 proto icmp type 0 dir out tmpl proto esp reqid 2 mode transport
ip -n a xfrm policy add src 10.0.0.1 dst 10.0.0.2 proto udp dport 99 dir out priority 7 tmpl proto esp reqid 2 mode transport
ip -n b xfrm policy add src 10.0.0.1 dst 10.0.0.2 proto udp dport 99 dir in tmpl proto esp reqid 2 mode transport
for n in a b; do ip netns exec $n sysctl -qw net.ipv4.neigh.e0.delay_first_probe_time=60; done
### probe
ip netns exec a ping -c2 -W1 10.0.0.2
ip netns exec b ping -c1 -W1 -s 3 10.0.0.1
ip netns exec a ping -c1 -W1 -s 4000 10.0.0.2
ip netns exec a ping -c1 -W1 -M do -s 1472 10.0.0.2
ip netns exec a ping -c1 -W1 -M do -s 1450 10.0.0.2
ip netns exec b timeout 2 nc -u -l 99 & sleep 0.3
echo protected | ip netns exec a nc -u -q0 -w1 -p 5000 10.0.0.2 99; wait
ip -n a xfrm policy flush
echo plain | ip netns exec a nc -u -q0 -w1 -p 5000 10.0.0.2 99
for n in a b; do ip -n $n xfrm state; ip netns exec $n grep -v '[[:space:]]0$' /proc/net/xfrm_stat; done
true
