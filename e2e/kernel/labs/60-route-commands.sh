# ip route add, append, replace, change, del, flush: the order of the table and how each refuses.
ns a b
wire a eth0 02:00:00:00:01:01 b eth0 02:00:00:00:01:02
ip -n a addr add 10.1.0.1/24 dev eth0; ip -n b addr add 10.1.0.2/24 dev eth0
### probe
x() { "$@" 2>&1 || echo "exit $?"; }
r() { x ip -n a route "$@"; }
r add default via 10.1.0.2; r add default via 10.1.0.2; r add default via 10.1.0.9 metric 50
r add 10.5.0.0/16 via 10.9.9.9; r add 10.5.0.0/16 via 10.1.0.2 dev nosuch; r add 10.5.0.1/16 via 10.1.0.2
r add 10.5.0.0/33 via 10.1.0.2; r add 10.5.0.0/16 via foo; r add foo via 10.1.0.2; r add 10.5.0.0/16
r add 10.6.0.0/16 via 10.1.0.2; r append 10.6.0.0/16 via 10.1.0.9; r add 10.6.0.0/16 via 10.1.0.8 metric 5; r add 10.6.0.0/16 via 10.1.0.7
r change 10.7.0.0/16 via 10.1.0.2; r replace 10.7.0.0/16 via 10.1.0.2; r change 10.7.0.0/16 via 10.1.0.8
r add 10.8.0.0/16 via 10.1.0.2 src 10.77.0.1; r add 10.8.0.0/16 via 10.1.0.2 src 10.1.0.1; r add 10.8.4.0/24 via 10.1.0.2 proto static
r
r del 10.99.0.0/16; r del 10.7.0.0/16 via 10.1.0.55; r del 10.7.0.0/16 via 10.1.0.8; r del 10.6.0.0/16; r del default metric 50
r show root 10.0.0.0/8; r show match 10.8.4.1; r show exact 10.8.0.0/16; r show proto kernel; r show via 10.1.0.2; r show default; r show dev eth0
r list 10.8.4.0/24; r show table 77; r show table local type broadcast; r get; r frob
r flush 10.8.4.0/24; r flush; r flush dev eth0; r
