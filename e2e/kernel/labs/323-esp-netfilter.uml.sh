# Where netfilter meets protected packets: twice on the way out, twice on the way in; -m policy tells before from after.
ns a b c
K=0x000102030405060708090a0b0c0d0e0f
wire a e0 02:00:00:00:00:01 b e0 02:00:00:00:00:02; wire a e1 02:00:00:00:00:0a c e0 02:00:00:00:00:03; fwd a
ip -n a addr add 10.0.0.1/24 dev e0; ip -n b addr add 10.0.0.2/24 dev e0
ip -n a addr add 10.3.0.1/24 dev e1; ip -n c addr add 10.3.0.2/24 dev e0; ip -n c route add default via 10.3.0.1
ip -n b addr add 10.2.0.1/24 dev lo; ip -n a route add 10.2.0.0/24 via 10.0.0.2; ip -n b route add 10.3.0.0/24 via 10.0.0.1 src 10.2.0.1
for n in a b; do
  ip -n $n xfrm state add src 10.0.0.1 dst 10.0.0.2 proto esp spi 0x101 reqid 1 mode tunnel enc cipher_null '' auth sha256 $K
  ip -n $n xfrm state add src 10.0.0.2 dst 10.0.0.1 proto esp spi 0x102 reqid 1 mode tunnel enc cipher_null '' auth sha256 $K
  ip -n $n xfrm state add src 10.0.0.1 dst 10.0.0.2 proto esp spi 0x201 reqid 2 mode transport enc cipher_null '' auth sha256 $K
done
ip -n a xfrm policy add src 10.3.0.0/24 dst 10.2.0.0/24 dir out tmpl src 10.0.0.1 dst 10.0.0.2 proto esp reqid 1 mode tunnel
ip -n b xfrm policy add src 10.3.0.0/24 dst 10.2.0.0/24 dir in tmpl src 10.0.0.1 dst 10.0.0.2 proto esp reqid 1 mode tunnel
ip -n b xfrm policy add src 10.2.0.0/24 dst 10.3.0.0/24 dir out tmpl src 10.0.0.2 dst 10.0.0.1 proto esp reqid 1 mode tunnel
for d in in fwd; do ip -n a xfrm policy add src 10.2.0.0/24 dst 10.3.0.0/24 dir $d tmpl src 10.0.0.2 dst 10.0.0.1 proto esp reqid 1 mode tunnel; done
ip -n a xfrm policy add src 10.0.0.1 dst 10.0.0.2 proto icmp dir out tmpl proto esp reqid 2 mode transport
for d in a/e0 b/e0 a/e1 c/e0; do ip netns exec ${d%/*} sysctl -qw net.ipv4.neigh.${d#*/}.delay_first_probe_time=60; done
### probe
I=iptables; [[ $(uname -r) == 6.1.* ]] && I=iptables-legacy # User-Mode Linux lacks nf_tables of IPv4
t() { n=$1; shift; ip netns exec $n $I -t mangle "$@"; }
for n in a b; do
  for h in PREROUTING INPUT FORWARD OUTPUT POSTROUTING; do
    dir=in; [[ $h == *OUT* ]] && dir=out; [[ $h == PREROUTING ]] && dir=in
    t $n -A $h -m policy --dir $dir --pol ipsec; t $n -A $h -m policy --dir $dir --pol none; t $n -A $h -p esp; t $n -A $h -p icmp; t $n -A $h
  done
  t $n -A FORWARD -m policy --dir out --pol ipsec --mode tunnel --proto esp --reqid 1 --tunnel-dst 10.0.0.0/24
  t $n -A FORWARD -m policy --dir out --pol ipsec --reqid 2
  t $n -A INPUT -m policy --dir in --pol ipsec --strict --mode transport
  t $n -A INPUT -m policy --dir in --pol ipsec ! --spi 0x101
done
ip netns exec c ping -c2 -W1 10.2.0.1
ip netns exec a ping -c1 -W1 10.0.0.2
for n in a b; do for h in PREROUTING INPUT FORWARD OUTPUT POSTROUTING; do t $n -S $h -v | grep -e -A; done; done
t a -A FORWARD -m policy --dir in --pol none -o e1 -j DROP
t a -A OUTPUT -p esp -j DROP
ip netns exec c ping -c1 -W1 10.2.0.1
ip netns exec a ping -c1 -W1 10.0.0.2
true
