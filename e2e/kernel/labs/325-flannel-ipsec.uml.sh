# What flanneld (policies) and charon (states) of two nodes did with backend ipsec in the simulated cluster, in their order: the same
# commands on a kernel. Both charons initiated, so there are two states each way: the one added last carries.
ns n1 n2 p1 p2
wire n1 eth0 02:00:00:00:00:01 n2 eth0 02:00:00:00:00:02
for i in 1 2; do
  ip -n n$i addr add 172.18.0.$((i + 1))/16 dev eth0; ip -n n$i route add default via 172.18.0.$((4 - i)); fwd n$i
  wire n$i cni0 02:00:00:00:aa:0$i p$i eth0 02:00:00:00:bb:0$i; ip -n n$i addr add 10.244.$((i - 1)).1/24 dev cni0
  ip -n p$i link set eth0 mtu 1423; ip -n p$i addr add 10.244.$((i - 1)).2/24 dev eth0; ip -n p$i route add default via 10.244.$((i - 1)).1
  for d in n$i/eth0 n$i/cni0 p$i/eth0; do ip netns exec ${d%/*} sysctl -qw net.ipv4.neigh.${d#*/}.delay_first_probe_time=60; done
done
### probe
x() { ip -n n1 xfrm "$@"; }
x policy add src 10.244.0.0/24 dst 10.244.1.0/24 dir out tmpl src 172.18.0.2 dst 172.18.0.3 proto esp reqid 11 mode tunnel
x policy add src 10.244.1.0/24 dst 10.244.0.0/24 dir in tmpl src 172.18.0.3 dst 172.18.0.2 proto esp reqid 11 mode tunnel
x policy add src 10.244.1.0/24 dst 10.244.0.0/24 dir fwd tmpl src 172.18.0.3 dst 172.18.0.2 proto esp reqid 11 mode tunnel
x state allocspi src 172.18.0.3 dst 172.18.0.2 proto esp reqid 11 mode tunnel min 0xc272a8b1 max 0xc272a8b1
x state allocspi src 172.18.0.3 dst 172.18.0.2 proto esp reqid 11 mode tunnel min 0xc52c1950 max 0xc52c1950
x state update src 172.18.0.3 dst 172.18.0.2 proto esp spi 0xc52c1950 reqid 11 mode tunnel replay-window 32 flag af-unspec aead 'rfc4106(gcm(aes))' 0x862a9d43c5a99b70b6b24169a6579979214cde5e 128
x state add src 172.18.0.2 dst 172.18.0.3 proto esp spi 0xc8d5743d reqid 11 mode tunnel flag af-unspec aead 'rfc4106(gcm(aes))' 0x4cc3ff9197f935de11ad00b126f0b273c7bfa69f 128
x state update src 172.18.0.3 dst 172.18.0.2 proto esp spi 0xc272a8b1 reqid 11 mode tunnel replay-window 32 flag af-unspec aead 'rfc4106(gcm(aes))' 0x2bc7c9f9232c673e8a95859986464beecf9afc1e 128
x state add src 172.18.0.2 dst 172.18.0.3 proto esp spi 0xc035da68 reqid 11 mode tunnel flag af-unspec aead 'rfc4106(gcm(aes))' 0x8d7ef8b97c6ceca7063e0ee1263e1811b330f7fc 128
x() { ip -n n2 xfrm "$@"; }
x policy add src 10.244.1.0/24 dst 10.244.0.0/24 dir out tmpl src 172.18.0.3 dst 172.18.0.2 proto esp reqid 11 mode tunnel
x policy add src 10.244.0.0/24 dst 10.244.1.0/24 dir in tmpl src 172.18.0.2 dst 172.18.0.3 proto esp reqid 11 mode tunnel
x policy add src 10.244.0.0/24 dst 10.244.1.0/24 dir fwd tmpl src 172.18.0.2 dst 172.18.0.3 proto esp reqid 11 mode tunnel
x state allocspi src 172.18.0.2 dst 172.18.0.3 proto esp reqid 11 mode tunnel min 0xc8d5743d max 0xc8d5743d
x state allocspi src 172.18.0.2 dst 172.18.0.3 proto esp reqid 11 mode tunnel min 0xc035da68 max 0xc035da68
x state update src 172.18.0.2 dst 172.18.0.3 proto esp spi 0xc035da68 reqid 11 mode tunnel replay-window 32 flag af-unspec aead 'rfc4106(gcm(aes))' 0x8d7ef8b97c6ceca7063e0ee1263e1811b330f7fc 128
x state add src 172.18.0.3 dst 172.18.0.2 proto esp spi 0xc272a8b1 reqid 11 mode tunnel flag af-unspec aead 'rfc4106(gcm(aes))' 0x2bc7c9f9232c673e8a95859986464beecf9afc1e 128
x state update src 172.18.0.2 dst 172.18.0.3 proto esp spi 0xc8d5743d reqid 11 mode tunnel replay-window 32 flag af-unspec aead 'rfc4106(gcm(aes))' 0x4cc3ff9197f935de11ad00b126f0b273c7bfa69f 128
x state add src 172.18.0.3 dst 172.18.0.2 proto esp spi 0xc52c1950 reqid 11 mode tunnel flag af-unspec aead 'rfc4106(gcm(aes))' 0x862a9d43c5a99b70b6b24169a6579979214cde5e 128
for n in n1 n2; do ip -n $n xfrm state; ip -n $n xfrm policy; done
ip netns exec p1 ping -c2 -W1 10.244.1.2
ip netns exec p2 ping -c1 -W1 -M do -s 1395 10.244.0.2
ip netns exec n1 ping -c1 -W1 10.244.1.2
for n in n1 n2; do ip -n $n xfrm state; done
