# ip neigh: states none to permanent, what stays behind of a refused entry, references, proxies.
ns a b; wire a e1 02:00:00:00:01:01 b e1 02:00:00:00:02:01; ip -n a addr add 10.1.0.1/24 dev e1
### probe
x() { echo "$ $*"; "$@" 2>&1 || echo "exit $?"; }; n() { x ip -n a neigh "$@"; }; s() { ip -n a -s neigh show "$@" | sed 's,used [0-9/]*,used,' | sort; }; n add 10.1.0.9 dev e1 nud none
n add 10.1.0.9 lladdr 02:00:00:00:00:09 dev e1 nud none; n show; n show nud all; n show nud none; n add 10.1.0.10 lladdr 02:00:00:00:00:09 dev e1 nud reachable
n add 10.1.0.11 lladdr 02:00:00:00:00:09 dev e1 nud stale; n add 10.1.0.12 lladdr 02:00:00:00:00:09 dev e1 nud permanent; n add 10.1.0.13 lladdr 02:00:00:00:00:09 dev e1 nud noarp
n add 10.1.0.14 dev e1 nud incomplete; n add 10.1.0.15 dev e1 nud failed; n add 10.1.0.16 dev e1; n add 10.1.0.16 dev e1 lladdr 02:00:00:00:00:09
n replace 10.1.0.16 dev e1 lladdr 02:00:00:00:00:09; n add 10.1.0.17 lladdr 02:00:00:00:00:09 dev e1 nud nosuch; n change 10.1.0.12 dev e1 nud none
n change 10.1.0.12 lladdr 02:00:00:00:00:19 dev e1; n change 10.1.0.99 lladdr 02:00:00:00:00:19 dev e1; n replace 10.1.0.11 lladdr 02:00:00:00:00:29 dev e1 nud stale
n add 10.1.0.11 lladdr 02:00:00:00:00:29 dev e1 nud stale; n add 224.0.0.5 lladdr 02:00:00:00:00:29 dev e1 nud stale; n add 10.1.0.24 lladdr 02:00:00:00 dev e1; n add proxy 10.1.0.25 dev e1
n add proxy 10.1.0.25 dev e1; n show proxy; n del proxy 10.1.0.25 dev e1; n del proxy 10.1.0.25 dev e1; s; ip -n a -j neigh show 10.1.0.12
ip -n a -s -j neigh show 10.1.0.12 | sed 's/"used":[0-9]*,"confirmed":[0-9]*,"updated":[0-9]*/T/'; s nud all; n get 10.1.0.12 dev e1; n get 10.1.0.77 dev e1; n get 10.1.0.12
n show nud permanent | sort; n show nud noarp; n show dev nosuch; n del 10.1.0.12 dev e1; n del 10.1.0.12 dev e1; n del 10.1.0.13 dev e1; n flush
