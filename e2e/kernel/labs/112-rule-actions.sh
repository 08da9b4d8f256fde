# Rules that refuse, skip, jump and suppress, at a router and at the sender itself.
ns a r b; wire a eth0 02:00:00:00:01:01 r lan 02:00:00:00:02:01; wire r wan 02:00:00:00:02:02 b eth0 02:00:00:00:03:01; fwd r
ip -n a addr add 10.1.0.2/24 dev eth0; ip -n r addr add 10.1.0.1/24 dev lan; ip -n r addr add 10.2.0.1/24 dev wan; ip -n b addr add 10.2.0.2/24 dev eth0
ip -n a route add default via 10.1.0.1; ip -n b route add default via 10.2.0.1; ip -n b addr add 10.4.0.1/32 dev lo; ip -n r route add default via 10.2.0.2
for n in a r b; do for d in $(ip netns exec $n ls /proc/sys/net/ipv4/neigh); do ip netns exec $n sysctl -qw net.ipv4.neigh.$d.delay_first_probe_time=60; done; done
### probe
x() { "$@" 2>&1 || echo "exit $?"; }
rule() { ip -n r rule add pref 10 "$@"; echo "== $*"; x ip netns exec a ping -c1 -W0.5 10.4.0.1 | sed -n '/transm/p;/From/p'; x ip netns exec r ping -c1 -W0.5 10.4.0.1 | sed -n '/transm/p;/From/p;/ping:/p'
x ip -n r route get 10.4.0.1; x ip -n r route get 10.4.0.1 from 10.1.0.2 iif lan; ip -n r rule del pref 10; sleep 1; }
rule to 10.4.0.0/16 unreachable; rule to 10.4.0.0/16 prohibit; rule to 10.4.0.0/16 blackhole; rule to 10.4.0.0/16 nop; rule iif lan goto 32767; rule iif lo goto 32767
rule not to 10.4.0.0/16 prohibit; rule not from 10.1.0.0/24 prohibit
ip -n r rule add pref 20 prohibit; rule table main suppress_prefixlength 0; rule table main suppress_prefixlength 24; ip -n r route add 10.4.0.0/16 via 10.2.0.2
rule table main suppress_prefixlength 0; ip -n r rule del pref 20; ip -n r route add throw 10.4.0.0/24 table 5; rule table 5; ip -n r route add unreachable default table 5 metric 9; rule table 5
ip -n r route del throw 10.4.0.0/24 table 5; rule table 5; rule table 5 suppress_prefixlength 0; rule table 99; rule iif wan prohibit; rule oif wan prohibit; rule iif lan table 5
