# TCP under IPsec: the MSS that is announced is the link's, that of what is sent leaves room for ESP.
ns a b
K=0x000102030405060708090a0b0c0d0e0f
wire a e0 02:00:00:00:00:01 b e0 02:00:00:00:00:02
ip -n a addr add 10.0.0.1/24 dev e0; ip -n b addr add 10.0.0.2/24 dev e0
ip -n a addr add 10.1.0.1/24 dev lo; ip -n b addr add 10.2.0.1/24 dev lo
ip -n a route add 10.2.0.0/24 via 10.0.0.2 src 10.1.0.1; ip -n b route add 10.1.0.0/24 via 10.0.0.1 src 10.2.0.1
for n in a b; do
  ip netns exec $n sysctl -qw net.ipv4.neigh.e0.delay_first_probe_time=60
  ip -n $n xfrm state add src 10.0.0.1 dst 10.0.0.2 proto esp spi 0x101 reqid 1 mode tunnel aead 'rfc4106(gcm(aes))' ${K}01020304 128
  ip -n $n xfrm state add src 10.0.0.2 dst 10.0.0.1 proto esp spi 0x102 reqid 1 mode tunnel enc 'cbc(aes)' $K auth 'hmac(sha256)' $K
done
ip -n a xfrm policy add src 10.1.0.0/24 dst 10.2.0.0/24 proto tcp dport 80 dir out tmpl src 10.0.0.1 dst 10.0.0.2 proto esp reqid 1 mode tunnel
ip -n b xfrm policy add src 10.1.0.0/24 dst 10.2.0.0/24 proto tcp dport 80 dir in tmpl src 10.0.0.1 dst 10.0.0.2 proto esp reqid 1 mode tunnel
ip -n b xfrm policy add src 10.2.0.0/24 dst 10.1.0.0/24 proto tcp sport 80 dir out tmpl src 10.0.0.2 dst 10.0.0.1 proto esp reqid 1 mode tunnel
ip -n a xfrm policy add src 10.2.0.0/24 dst 10.1.0.0/24 proto tcp sport 80 dir in tmpl src 10.0.0.2 dst 10.0.0.1 proto esp reqid 1 mode tunnel
### probe
seen() { timeout 5 ip netns exec $1 tcpdump -nntli e0 "$2" 2>/dev/null | grep -oE 'mss [0-9]+|length [0-9]+' | sort -n | uniq -c; }
seen b 'tcp and (tcp[13] & 2 != 0 or len > 200)' > /tmp/at-b.$$ & seen a 'tcp and (tcp[13] & 2 != 0 or len > 200)' > /tmp/at-a.$$ &
sleep 1
ip netns exec b timeout 4 nc -l 10.2.0.1 80 >/dev/null & sleep 0.3
(sleep 0.3; head -c 1394 /dev/zero; sleep 0.5; head -c 1395 /dev/zero; sleep 0.5) | timeout 3 ip netns exec a nc -N -p 5000 10.2.0.1 80
wait; echo "at b"; cat /tmp/at-b.$$; echo "at a"; cat /tmp/at-a.$$; rm /tmp/at-?.$$
for n in a b; do ip netns exec $n grep -v '[[:space:]]0$' /proc/net/xfrm_stat; done; true
