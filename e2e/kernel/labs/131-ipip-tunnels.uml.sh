# What ip tunnel and ip link say of IPIP tunnels: tunl0 in every namespace, named ones, both ways of making and changing them.
ns a
ip -n a link add e0 address 02:00:00:00:00:01 type veth peer name e1 address 02:00:00:00:00:02
ip -n a tunnel add t1 mode ipip local 10.0.0.1 remote 10.0.0.2 ttl 64 dev e0 tos 0x10
ip -n a tunnel add t2 mode ipip remote 10.0.0.3 tos inherit/0x10
ip -n a tunnel add t3 mode ipip local 10.0.0.1
### probe
ip -n a tunnel show
ip -n a tunnel show t1; ip -n a tunnel show remote 10.0.0.3; ip -n a tunnel show dev e0
ip -n a link show t1 | sed 's/^[0-9]*: //'; ip -n a -br link show t3
ip -n a -d link show t2 | grep -o 'ipip .*pmtudisc\|link/.*'; ip -n a -d link show tunl0 | grep -o 'ipip .*pmtudisc\|link/.*'
ip -n a -j tunnel show t1
ip -n a tunnel add t4 mode ipip local 10.0.0.1 2>&1; echo "exit $?"
ip -n a tunnel add t4 mode ipip remote 10.0.0.4 nopmtudisc; ip -n a tunnel show t4
ip -n a link add t5 type ipip remote 10.0.0.5 local 10.0.0.1; ip -n a tunnel show t5; ip -n a -d link show t5 | grep -o 'ipip .*pmtudisc'
ip -n a tunnel change t5 remote 10.0.0.6 ttl 9; ip -n a tunnel show t5
ip -n a tunnel change t5 ttl inherit; ip -n a tunnel show t5
ip -n a link set t5 type ipip remote 10.0.0.7; ip -n a tunnel show t5
ip -n a tunnel del tunl0; echo "exit $?"; ip -n a link del tunl0; ip -n a -br link show tunl0
ip -n a tunnel del t5; ip -n a tunnel del t5 2>&1; echo "exit $?"
for words in 't9' 't9 mode foo' 't9 mode ipip remote foo' 't9 mode ipip ttl 256' 't9 mode ipip tos foo' 't9 mode ipip key 5' 't9 mode ipip ttl 5 nopmtudisc' 't9 mode ipip bar' 'mode ipip' 't9 mode ipip remote 224.0.0.1' 't9 mode ipip dev nope'; do
  echo "# $words"; ip -n a tunnel add $words 2>&1; echo "exit $?"
done
ip -n a tunnel foo 2>&1; echo "exit $?"
ip -n a link set t3 mtu 65516 2>&1; ip -n a link set t3 mtu 67 2>&1; ip -n a link set tunl0 mtu 65516 2>&1; ip -n a link set t3 mtu 1400; ip -n a -br link show t3
ip -n a link set t3 up; ip -n a addr add 10.1.1.1/32 dev t3; ip -n a addr show t3 | sed 's/^[0-9]*: //'
