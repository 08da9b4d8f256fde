# Policy routing: who sends, where to, and by which device it came in choose the table; what the tables do not know falls through to main.
ns a r b c
wire a eth0 02:00:00:00:01:01 r lan 02:00:00:00:02:01; wire r one 02:00:00:00:02:02 b eth0 02:00:00:00:03:01; wire r two 02:00:00:00:02:03 c eth0 02:00:00:00:04:01
fwd r b c; ip -n a addr add 10.1.0.2/24 dev eth0; ip -n a addr add 10.1.0.3/24 dev eth0; ip -n r addr add 10.1.0.1/24 dev lan
ip -n r addr add 10.2.0.1/24 dev one; ip -n b addr add 10.2.0.2/24 dev eth0; ip -n r addr add 10.3.0.1/24 dev two; ip -n c addr add 10.3.0.2/24 dev eth0
for n in b c; do ip -n $n addr add 10.9.0.1/32 dev lo; ip -n $n addr add 10.8.0.1/32 dev lo; done
ip -n a route add default via 10.1.0.1; ip -n b route add default via 10.2.0.1; ip -n c route add default via 10.3.0.1
ip -n r route add 10.8.0.0/15 via 10.2.0.2; ip -n r route add 10.9.0.0/16 via 10.3.0.2 table 100; ip -n r route add 10.8.0.0/16 via 10.3.0.2 table 7
ip -n r rule add from 10.1.0.3 table 100; ip -n r rule add to 10.8.0.0/16 iif lan from 10.1.0.3 table 7; ip -n r rule add iif lo to 10.8.0.0/16 table 7 pref 50
### probe
x() { "$@" 2>&1 || echo "exit $?"; }
p() { x ip netns exec $1 ping -c1 -W1 -q ${3:+-I $3} $2 | sed -n '/transmitted/p'; }
x ip -n r rule; x ip -n r route show table 100; x ip -n r route show table 7; x ip -n r route show table 8; x ip -n r route show table all type unicast
p a 10.9.0.1; p a 10.9.0.1 10.1.0.3; p a 10.8.0.1; p a 10.8.0.1 10.1.0.3; p r 10.8.0.1; p r 10.9.0.1; p r 10.9.0.1 10.1.0.1
for d in 10.8.0.1 10.9.0.1; do x ip -n r route get $d; x ip -n r route get $d from 10.1.0.3 iif lan; x ip -n r route get $d from 10.1.0.2 iif lan; done
x ip -n r route get 10.9.0.1 fibmatch; x ip -n r route get 10.9.0.1 from 10.1.0.3 iif lan fibmatch; x ip -n r route flush table 7; p r 10.8.0.1; x ip -n r route show table 7
ip -n r rule add pref 90 from all unreachable iif lan to 10.9.0.0/16; p a 10.9.0.1; x ip -n r route get 10.9.0.1 from 10.1.0.2 iif lan
