# What iptables-restore says about a wrong rule set, and that it then leaves everything as it was.
ns a
h="ip netns exec a"
$h iptables -A INPUT -s 10.0.0.1 -j ACCEPT
### probe
h="ip netns exec a"
r() { echo "--- $*"; printf '%s\n' "$@" | $h iptables-restore 2>&1 || echo "exit $?"; }
r '*filter' '-A INPUT -j DROP' '-A nosuch -j DROP' 'COMMIT'
r '*filter' '-A INPUT -j nosuch' 'COMMIT'
r '*filter' '-A INPUT --nosuch' 'COMMIT'
r '*filter' '-A INPUT -j DROP' '-A INPUT -m nosuch' 'COMMIT'
r '*filter' '-A INPUT -j DROP'
r '*nosuch' 'COMMIT'
r 'hello'
r '*filter' 'hello' 'COMMIT'
r '*filter' ':INPUT' 'COMMIT'
r '*filter' ':INPUT REJECT [0:0]' 'COMMIT'
r '*filter' '-A INPUT -t nat -j DROP' 'COMMIT'
r '*filter' '-A INPUT -j DROP' '-A INPUT -j MASQUERADE' '-A INPUT -j SNAT --to-source 1.2.3.4' 'COMMIT'
r '*filter' ':one - [0:0]' ':two - [0:0]' '-A INPUT -j one' '-A one -j two' '-A two -j one' 'COMMIT'
r '*filter' '[1:2 -A INPUT -j DROP' 'COMMIT'
$h iptables -S
r '*filter' '-A INPUT -j DROP' 'COMMIT' '*nat' '-A PREROUTING --nosuch' 'COMMIT'
$h iptables -S
$h iptables-restore /nonexistent 2>&1 || echo "exit $?"
