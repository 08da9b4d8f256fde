# -m socket: which packets would a socket of this host take; a wildcard socket counts only when asked for.
ip netns add a; ip netns add b
wire a ab 02:00:00:00:00:0a b ba 02:00:00:00:00:0b
ip -n a addr add 10.0.0.1/24 dev ab; ip -n b addr add 10.0.0.2/24 dev ba
ip -n a neigh add 10.0.0.2 lladdr 02:00:00:00:00:0b dev ab; ip -n b neigh add 10.0.0.1 lladdr 02:00:00:00:00:0a dev ba
for n in a b; do ip -n $n link set lo up; done
rule() { ip netns exec b iptables -t mangle -A PREROUTING "$@"; }
rule -p tcp -m socket -m comment --comment tcp-bound
rule -p tcp -m socket --nowildcard -m comment --comment tcp-any
rule -p tcp -m socket --transparent -m comment --comment tcp-transparent
rule -p udp -m socket -m comment --comment udp-bound
rule -p udp -m socket --nowildcard -m comment --comment udp-any
rule -p icmp -m socket --nowildcard -m comment --comment icmp-any
### probe
show() {
  ip netns exec b iptables -t mangle -vnxL PREROUTING | grep -o '^ *[0-9]* \|/. [a-z-]* ./' | tr -d '/* ' | paste -sd' '
  ip netns exec b iptables -t mangle -Z
}
echo "tcp, a wildcard listener"
ip netns exec b timeout 2 nc -l 80 >/dev/null & sleep .2
ip netns exec a sh -c 'echo hello | nc -N -p 5001 -w1 10.0.0.2 80'; sleep .5; show
echo "tcp, a bound listener"
ip netns exec b timeout 2 nc -l 10.0.0.2 80 >/dev/null & sleep .2
ip netns exec a sh -c 'echo hello | nc -N -p 5002 -w1 10.0.0.2 80'; sleep .5; show
echo "tcp, nobody"
ip netns exec a nc -p 5003 -w1 10.0.0.2 81; sleep .5; show
echo "udp, wildcard and bound"
ip netns exec b timeout 2 nc -u -l 53 >/dev/null & sleep .2
ip netns exec a sh -c 'echo x | nc -u -p 5005 -w1 10.0.0.2 53'; sleep 1.5; show
ip netns exec b timeout 2 nc -u -l 10.0.0.2 53 >/dev/null & sleep .2
ip netns exec a sh -c 'echo x | nc -u -p 5006 -w1 10.0.0.2 53'; sleep 1.5; show
echo "an error about what b sent"
ip netns exec b sh -c 'echo x | nc -u -p 5008 -w1 10.0.0.1 9'; sleep .5; show
