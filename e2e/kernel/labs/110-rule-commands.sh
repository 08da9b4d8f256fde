# ip rule: what it lists, takes and refuses; priorities; detached devices; goto.
ns a b; wire a eth0 02:00:00:00:01:01 b eth0 02:00:00:00:02:01; ip -n a addr add 10.1.0.1/24 dev eth0
### probe
x() { "$@" 2>&1 || echo "exit $?"; }; r() { echo "$ $*"; x ip -n a rule "$@"; }
r; r add from 10.0.0.0/8 table 100; r add from 10.0.0.0/8 table 100; r add to 10.2.0.0/16 lookup 200 pref 5; r add fwmark 0x1/0xff table 102 pref 7
r add fwmark 0/0xff table 102 pref 7; r add fwmark 3 table 102 pref 7; r add iif eth0 table main pref 8; r add oif nosuch table 7 pref 8; r add iif lo table 8 pref 8
r add tos 0x10 table 9 pref 9; r add dsfield CS1 table 9 pref 9; r add tos 3 table 9; r add not from 1.2.3.4 table 10 pref 9; r add from 1.2.3.4/24 table 10 pref 9
r add from 1.2.3.4 blackhole pref 10; r add from 1.2.3.5 unreach pref 10; r add type prohibit from 1.2.3.6 pref 10; r add prohibit pref 10; r add nop pref 11
r add goto 12 pref 11; r add goto 40000 pref 12; r add from 1.1.1.1 goto 5 pref 12; r add pref 12 goto 13 oif eth0; r add ipproto tcp sport 80 table 11 pref 13
r add ipproto 89 dport 100-200 table 11 pref 13; r add ipproto nosuch table 11; r add dport 200-100 table 11; r add sport 0 table 11; r add sport foo table 11
r add table main suppress_prefixlength 0 pref 14; r add table main sup_pl 8 sup_group 5 pref 14; r add table main protocol static pref 14; r add table 4294967295 pref 15
r add pref 16 table 9 from 9.9.9.9 to 8.0.0.0/8 tos 8 fwmark 1/2 iif x oif y ipproto udp sport 1 dport 2 suppress_prefixlength 3 protocol 77
r list; x ip -n a -d rule; x ip -n a -N rule; x ip -n a -j rule; x ip -n a -j -p rule list pref 16; r add; r add table; r add nosuch; r add from nosuch table 1
r add from 10.0.0.0/33 table 1; r add pref nosuch table 1; r add fwmark nosuch table 1; r add fwmark 1/x table 1; r add tos nosuch table 1; r add table nosuch
r add goto nosuch; r add suppress_prefixlength x table 1; r add iif thisnameistoolong table 1; r add protocol nosuch table 1; r replace table 9; r list table 11
r list from 1.2.3.5; r list to 10.2.0.0/16; r list fwmark 1; r list fwmark 1/2; r list iif eth0; r list oif y; r list pref 9; r list not; r list ipproto tcp
r list sport 80; r list dport 100-200; r list tos 0x10; r list table nosuch; r list nosuch; r list pref x; r del; r del pref 9999; r del table 11 sport 80; r del table 11
r del table 11; r del from 1.2.3.5; r del not from 1.2.3.4; r del fwmark 3; r del fwmark 1/0xf; r del fwmark 1/0xff; r del iif eth0; r del goto 13; r del to 10.0.0.0/9
r del to 10.2.0.0/16; r add pref 40000 from all nop; r list; r flush protocol static; r flush table 9; r list; ip -n a link set eth0 down; ip -n a link set eth0 name eth9
r add iif eth9 table 5 pref 20; r list; r del pref 0; r flush; r list; r add table main; r list; r add table main; r add from 1.2.3.4 table 0; r list
