# nft by numbers: -n, -y, -p, -S; what `reject with tcp reset` puts before a rule; a prefix that is too long.
ns n
### probe
exec 2>&1
nft() { ip netns exec n nft "$@"; }
nft -f - <<'N'
table inet t {
  chain c {
    type filter hook input priority 0
    ct state new,established accept
    ct state != invalid accept
    tcp flags syn / syn,ack accept
    ip protocol { tcp, udp } accept
    meta l4proto tcp accept
    fib daddr type local accept
    meta pkttype broadcast accept
    ether type ip accept
    reject with icmp type host-unreachable
    reject with icmpx type admin-prohibited
    ip dscp cs1 accept
    ct direction original accept
    ct status dnat accept
    icmpv6 type nd-neighbor-solicit accept
    meta nfproto ipv4 accept
    tcp dport ssh accept
    ct mark 0x10 accept
    ct state vmap { new : accept, established : drop }
    counter log prefix "x" reject with tcp reset
  }
  chain d { type nat hook prerouting priority dstnat - 5; policy accept; }
  set s { type ipv4_addr . inet_proto . inet_service; elements = { 1.1.1.1 . tcp . 80 } }
}
N
nft -n list ruleset
nft -y list chains; nft -p list set inet t s; nft -S list chain inet t c | grep ssh
nft list chain inet t c | tail -4
nft add rule inet t c ip daddr 10.0.0.0/33 accept
nft add rule inet t c ip6 daddr fd00::/129 accept
nft add element inet t s '{ 10.0.0.0/33 . tcp . 1 }'
