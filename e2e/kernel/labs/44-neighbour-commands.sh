# Entries by hand: add, change, replace, del, flush and show, and how each refuses.
ns a b
wire a eth0 02:00:00:00:01:01 b eth0 02:00:00:00:01:02
ip -n a addr add 10.1.0.1/24 dev eth0; ip -n b addr add 10.1.0.2/24 dev eth0
### probe
x() { "$@" 2>&1 || echo "exit $?"; }
n() { x ip -n a neigh "$@"; }
n add 10.1.0.50 lladdr 02:00:00:00:00:50 dev eth0
n add 10.1.0.50 lladdr 02:00:00:00:00:51 dev eth0
n add 10.1.0.52 lladdr 02:00:00:00:00:52 dev eth0 nud reachable
n add 10.1.0.53 lladdr 02:00:00:00:00:53 dev eth0 nud stale
n add 10.1.0.54 lladdr 02:00:00:00:00:54 dev eth0 nud noarp
n add 10.1.0.55 dev eth0
n add 10.1.0.55 dev nosuch lladdr 02:00:00:00:00:55
n add 10.1.0.55 lladdr 02:00:00:00:00:55
n add 10.1.0.55 lladdr zz dev eth0
n add 10.1.0.55 lladdr 02:00:00:00:00:55 dev eth0 nud frob
n change 10.1.0.99 lladdr 02:00:00:00:00:99 dev eth0
n change 10.1.0.50 lladdr 02:00:00:00:00:5a dev eth0
n replace 10.1.0.56 lladdr 02:00:00:00:00:56 dev eth0
n del 10.1.0.57 dev eth0
n del 10.1.0.57
n | sort
n show nud permanent | sort
n show nud noarp
n show 10.1.0.53; n show 10.1.0.59
n get 10.1.0.59 dev eth0
x ip netns exec a arp -n | sort
x ip netns exec a arp -d 10.1.0.59
n del 10.1.0.53 dev eth0
n flush dev eth0; n | sort
n flush dev eth0 nud permanent; n
n flush
