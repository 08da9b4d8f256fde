# What IPsec drops, and where it counts it: no state, a wrong key, what came twice, what came in the clear or without a policy, a block.
ns a b
wire a e0 02:00:00:00:00:01 b e0 02:00:00:00:00:02
ip -n a addr add 10.0.0.1/24 dev e0; ip -n b addr add 10.0.0.2/24 dev e0
ip -n a addr add 10.1.0.1/24 dev lo; ip -n b addr add 10.2.0.1/24 dev lo
ip -n a route add 10.2.0.0/24 via 10.0.0.2 src 10.1.0.1; ip -n b route add 10.1.0.0/24 via 10.0.0.1 src 10.2.0.1
for n in a b; do ip netns exec $n sysctl -qw net.ipv4.neigh.e0.delay_first_probe_time=60; done
### probe
K=0x000102030405060708090a0b0c0d0e0f
state() { ip -n $1 xfrm state add src 10.0.0.$2 dst 10.0.0.$3 proto esp spi $4 reqid 1 mode tunnel enc cipher_null '' auth-trunc 'hmac(sha256)' $5 128 ${@:6}; }
policy() { ip -n $1 xfrm policy add src 10.$2.0.0/24 dst 10.$3.0.0/24 dir $4 tmpl src 10.0.0.$2 dst 10.0.0.$3 proto esp reqid 1 mode tunnel; }
try() { echo "== $1"; ip netns exec a ping -c1 -W1 -I 10.1.0.1 10.2.0.1 2>&1 | grep -v '^$'; for n in a b; do ip netns exec $n grep -v '[[:space:]]0$' /proc/net/xfrm_stat; done; }
policy a 1 2 out
try "nobody has a state"
state a 1 2 0x101 $K; ip -n b xfrm state flush
try "the receiver has none"
state b 1 2 0x101 ${K}ff
try "the receiver has another key"
ip -n b xfrm state flush; state b 1 2 0x101 $K replay-window 8
try "the receiver has no policy"
policy b 1 2 in
try "the answer goes in the clear"
policy a 2 1 in
try "the answer may not come in the clear"
ip -n b xfrm policy add src 10.2.0.0/24 dst 10.1.0.0/24 dir out action block
try "the answer is forbidden"
ip -n b xfrm policy delete src 10.2.0.0/24 dst 10.1.0.0/24 dir out
ip -n b xfrm policy add src 10.2.0.0/24 dst 10.1.0.0/24 dir out tmpl src 10.0.0.2 dst 10.0.0.1 proto esp reqid 1 mode tunnel level use 2>&1
policy b 2 1 out
try "the answer lacks a state"
state b 2 1 0x102 $K; state a 2 1 0x102 $K
try "both ways"
ip -n a xfrm state delete src 10.0.0.1 dst 10.0.0.2 proto esp spi 0x101; state a 1 2 0x101 $K
try "a number that was seen"
ip -n a xfrm state delete src 10.0.0.1 dst 10.0.0.2 proto esp spi 0x101; state a 1 2 0x101 $K replay-oseq 40 limit packet-hard 2
try "one packet more"; try "two more"; try "three more"; sleep 1.5; ip -n a xfrm state list spi 0x101
ip -n a xfrm policy update src 10.1.0.0/24 dst 10.2.0.0/24 dir out action block
try "nothing may leave"; ip netns exec a ping -c1 -W1 10.2.0.1; ip -n a route get 10.2.0.1 | head -1
ip -n b xfrm state; ip -n b -s xfrm state | grep -A1 stats:
