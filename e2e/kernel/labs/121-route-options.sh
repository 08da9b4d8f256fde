# Routes: scopes, gateways, sources, types, metrics, tables; what is refused and why; which one a lookup finds.
ns a b c; wire a e1 02:00:00:00:01:01 b e1 02:00:00:00:02:01; wire a e2 02:00:00:00:01:02 b e2 02:00:00:00:02:02
ip -n a addr add 10.1.0.1/24 dev e1; ip -n a addr add 10.2.0.1/24 dev e2;ip -n a addr add 10.2.0.7/24 dev e2; r() { x ip -n a route "$@"; }
### probe
x() { echo "$ $*"; "$@" 2>&1 || echo "exit $?"; }; r() { x ip -n a route "$@"; }; r add 10.9.0.0/16 via 10.1.0.2 scope link; r add 10.9.0.0/16 via 10.1.0.2 scope host
r add 10.9.0.0/16 via 10.1.0.2 scope site; r add 10.9.0.0/16 via 10.1.0.2 scope nowhere; r add 10.9.0.0/16 dev e1 scope host; r add 10.10.0.0/16 dev e1 scope nowhere
r add 10.11.0.0/16 dev e1 scope global; r add 10.12.0.0/16 dev e1 scope 100; r add 10.13.0.0/16 via 10.12.0.1; r add 10.14.0.0/16 via 10.10.0.1; r add 10.15.0.0/16 via 10.1.0.1
r add 10.15.0.0/16 via 10.1.0.255; r add 10.15.0.0/16 via 10.1.0.2 dev e2; r add 10.15.0.0/16 via 10.1.0.2 dev lo; r add 10.15.0.0/16 via 127.0.0.1
r add 10.15.0.0/16 via 224.0.0.1 dev e1 onlink; r add 10.15.0.0/16 via 10.1.0.1 dev e1 onlink; r add 10.15.0.0/16 via 10.1.0.255 dev e1 onlink; r add 10.15.0.0/16 via 10.1.0.2 onlink
r add 10.15.0.0/16 dev e1 onlink; r add 10.15.0.0/16 via 10.15.0.1; r add 10.15.0.0/16; r add 10.15.0.0/16 src 10.1.0.1; r add 10.15.0.0/16 dev e1 src 10.1.0.9
r add 10.15.0.0/16 dev e1 src 10.2.0.1; r add 10.15.0.0/16 dev e2 src 10.2.0.7 metric 3; r add blackhole 10.16.0.0/16 dev e1; r add blackhole 10.16.0.0/16 via 10.1.0.2
r add unreachable 10.16.0.0/16 src 10.1.0.1; r add prohibit 10.17.0.0/16 src 10.1.0.9; r add throw 10.18.0.0/16 metric 5 mtu 1300; r add local 10.19.0.0/16 dev lo
r add local 10.20.0.0/16 dev e1; r add local 10.21.0.0/16 via 10.1.0.2; r add broadcast 10.22.0.0/16 dev e1; r add broadcast 10.22.1.0/24 via 10.1.0.2; r add multicast 10.23.0.0/16 dev e1
r add 224.5.0.0/16 dev e1; r add 10.25.0.0/16 dev e1 mtu 1400; r add 10.26.0.0/16 dev e1 mtu lock 1400; r add 10.27.0.0/16 dev e1 mtu lock 1400 advmss 1200
r add 10.28.0.0/16 dev e1 mtu 70000; r add 10.28.0.0/16 dev e1 mtu 40; r add 10.29.0.0/16 dev e1 mtu 0; r add 10.30.0.0/16 dev e1 advmss 100000; r add 10.31.0.0/16 dev e1 tos 0x20
r add 10.31.0.0/16 dev e1 tos CS2; r add 10.31.0.0/16 dev e1 tos 0x10 metric 3; r add 10.31.0.0/16 dev e1 metric 3; r add 10.31.0.0/16 dev e1; r add 10.31.0.0/16 dev e1 tos 0x4
r show 10.31.0.0/16; r add 10.32.0.0/16 dev e1 proto bird; r add 10.32.0.0/16 dev e1 proto 250 metric 2; r add 10.33.0.1/16 dev e1; r add 10.33.0.0/16 dev nosuch
r add 10.33.0.0/16 table 0 dev e1; r add 10.33.0.0/16 table 5000000000 dev e1; r add 10.33.0.0/16 table 256 dev e1; r add 10.33.0.0/16 table 510 dev e1; r add 10.33.0.0/16 table 1 dev e1
r add 10.33.0.0/16 table default dev e1; r add 0.0.0.0/0 dev e1; r add default dev e1; r add default via 10.1.0.2 metric 10; r add 10.1.0.0/24 dev e1; r append 10.1.0.0/24 dev e1
r prepend 10.1.0.0/24 dev e2; r change 10.1.0.0/24 dev e2; r change 10.40.0.0/24 dev e2; r replace 10.40.0.0/24 dev e2; r replace 10.40.0.0/24 dev e1; r replace 10.40.0.0/24 dev e1
r replace 10.40.0.0/24 dev e1 metric 4; r; x ip -n a -d route; x ip -n a -j route; r show table all; r get 10.26.0.1; r get 10.25.0.1; r get 10.9.0.1 from 10.1.0.1
r get 10.9.0.1 from 10.5.0.1; r get 10.9.0.1 iif e2; r get 10.9.0.1 from 10.2.0.9 iif e2; r get 10.9.0.1 from 10.2.0.9 iif e2 oif e1; r get 10.9.0.1 oif e2; r get 10.16.0.1
r get 10.16.0.1 oif e2; r get 10.17.0.1; r get 10.18.0.1; r get 10.19.0.1; r get 10.20.0.1; r get 10.22.0.1; r get 10.1.0.255; r get 255.255.255.255; r get 255.255.255.255 oif e2
r get 224.0.0.1; r get 224.0.0.1 oif e2; r get 10.1.0.1; r get 10.1.0.1 from 10.1.0.1; r get 0.0.0.0; r get 127.0.0.1; r get 127.0.0.1 from 10.1.0.1; r get 10.1.0.2 from 127.0.0.1
r get 10.1.0.2 mark 5; r get 10.1.0.2 mark 5 tos 4; r get 10.1.0.2 tos 0x40; r get 10.1.0.2 tos 3; r get 10.31.0.1 tos 4; r get 10.1.0.2/24; r get; r get nosuch; r get 10.1.0.2 iif lo
r get 10.1.0.2 from 10.1.0.1 iif lo; r del 10.1.0.0/24 dev e1 proto boot; r del 10.1.0.0/24 dev e1 proto boot; r del 10.25.0.0/16 mtu 1300; r del 10.25.0.0/16 mtu 1400
r del 10.26.0.0/16 mtu 1400; r del 10.31.0.0/16; r del 10.31.0.0/16 tos 4; r del 10.31.0.0/16 metric 4; r del 10.31.0.0/16 src 10.1.0.1; r del 10.12.0.0/16 scope link
r del 10.12.0.0/16 scope 100; r del 10.19.0.0/16; r del local 10.19.0.0/16; r del 10.20.0.0/16 table local; r del blackhole 10.17.0.0/16; r del 10.17.0.0/16; r del 10.18.0.0/16 dev e1
r del 10.18.0.0/16 via 10.1.0.2; r del default; r del default; r del default; r del table 999 default; r
