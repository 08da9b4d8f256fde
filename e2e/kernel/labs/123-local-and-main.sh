# Until somebody touches the rules, the tables local and main are looked through as one: the longest prefix of both wins.
ns a b; wire a e1 02:00:00:00:01:01 b e1 02:00:00:00:02:01; ip -n a addr add 10.1.0.1/24 dev e1; ip -n b addr add 10.1.0.2/24 dev e1; ip -n a route add 127.1.0.0/24 via 10.1.0.2
ip -n a route add 10.1.0.1/32 via 10.1.0.2 metric 1; ip -n a route add local 10.8.0.0/16 dev lo; ip -n a route add 10.8.1.0/24 via 10.1.0.2; ip -n a route add blackhole 10.9.0.0/16
ip -n a route add 10.9.0.0/16 via 10.1.0.2 table default; ip -n a route add throw 10.10.0.0/16; ip -n a route add 10.10.0.0/16 via 10.1.0.2 table 253
### probe
x() { "$@" 2>&1 || echo "exit $?"; }; g() { for d in 127.0.0.1 127.1.0.1 10.1.0.1 10.8.0.1 10.8.1.1 10.9.0.1 10.10.0.1 10.11.0.1; do x ip -n a route get $d; done; }; g
ip -n a rule add pref 100 from 1.2.3.4 table 5; g; ip -n a rule del pref 100; g; ip -n a rule del pref 0; g; x ip -n a route get 10.1.0.1
x ip netns exec a ping -c1 -W1 -q 10.1.0.1 | sed -n '/transm/p'; x ip netns exec b ping -c1 -W1 -q 10.1.0.1 | sed -n '/transm/p'; ip -n a rule add pref 500 table local; g
x ip netns exec b ping -c1 -W1 -q 10.1.0.1 | sed -n '/transm/p'
