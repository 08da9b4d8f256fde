# What nft says when what a command names is not there, and of circles of jumps.
ns n
### probe
exec 2>&1
nft() { ip netns exec n nft "$@"; }
nft add element ip fw blocked '{ 10.0.1.2 timeout 10s }'
nft list chain ip fw forward
nft -a list chain ip fw nat
nft delete element ip fw blocked '{ 10.0.1.2 }'
nft list set ip fw blocked
nft insert rule ip fw forward index 2 meta l4proto icmp counter accept
nft flush chain ip fw forward
nft delete table ip fw
nft delete chain ip fw c
nft delete rule ip fw c handle 3
nft flush set ip fw s
nft add chain ip fw c
nft add set ip fw s '{ type ipv4_addr; }'
nft rename chain ip fw a b
nft list table ip fw
nft flush table ip fw
nft list map ip fw m
nft list counters
nft list ruleset ip
nft flush ruleset ip
nft add table ip fw
nft add chain ip fw c
nft list chain ip fw x
nft list set ip fw x
nft add element ip fw x '{ 1.1.1.1 }'
nft delete chain ip fw x
nft add rule ip fw c jump nowhere
nft delete rule ip fw c handle 99
nft insert rule ip fw c index 5 accept
nft replace rule ip fw c handle 9 drop
nft add rule ip fw c goto c
nft add rule ip fw c ip saddr @nope drop
nft add set ip fw s '{ type ipv4_addr; }'
nft add element ip fw s '{ 1.1.1.1, 1.1.1.1 }'
nft create element ip fw s '{ 1.1.1.1 }'
nft delete element ip fw s '{ 2.2.2.2 }'
nft create table ip fw
nft create chain ip fw c
nft create set ip fw s '{ type ipv4_addr; }'
nft get element ip fw s '{ 3.3.3.3 }'
nft delete set ip fw q
nft list ruleset
nft flush ruleset
nft add table ip t
nft add chain ip t a; nft add chain ip t b
nft add rule ip t a jump a; echo self $?
nft add rule ip t a jump b; nft add rule ip t b jump a; echo ring $?
nft add chain ip t in '{ type filter hook input priority 0; }'
nft add rule ip t in jump a; echo base $?
nft flush chain ip t a; nft add rule ip t in jump a; echo $?; nft add rule ip t a goto b; echo $?
nft add rule ip t nope accept
nft list ruleset
nft flush ruleset
nft add table ip t; nft add table inet u; nft add set ip t s '{ type ipv4_addr; }'; nft add set inet u s '{ type ipv4_addr; }'; nft add counter ip t k; nft add chain inet u c
nft list sets; nft list sets ip; nft list sets table ip t; nft list sets table inet u; nft list sets table ip nope
nft list counters table ip t; nft list maps; nft list chains inet; nft list chains; nft list tables inet
