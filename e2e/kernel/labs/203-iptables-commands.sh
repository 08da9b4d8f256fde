# What the commands of iptables say, and with which exit status.
ns a
### probe
t() { ip netns exec a iptables "$@" 2>&1 || echo "exit $?"; }
t -V; ip netns exec a iptables-save; t -S
t -N one; t -N one; t -N ACCEPT; t -X nosuch; t -F nosuch; t -L nosuch; t -Z nosuch
t -A INPUT -j one; t -A one -s 10.0.0.1,10.0.0.2 -j DROP; t -A nosuch -j one; t -A INPUT -j nosuch
t -E one two; t -S; t -X two; t -F two; t -X two
t -I INPUT 1 -p tcp --dport 22 -j ACCEPT; t -I INPUT 9 -j DROP; t -R INPUT 9 -j DROP; t -D INPUT 9; t -D INPUT 0
t -R INPUT 1 -p tcp --dport 23 -j ACCEPT; t -C INPUT -p tcp -m tcp --dport 23 -j ACCEPT; t -C INPUT -j DROP; t -D INPUT -j DROP
t -S INPUT 1; t -S INPUT 5; t -L INPUT 1 -n; t -v -I INPUT ! -i eth0 -j REJECT; t -v -D INPUT ! -i eth0 -j REJECT
t -P INPUT DROP; t -P INPUT REJECT; t -P two DROP; t -P INPUT ACCEPT
t -v -F INPUT; t -v -Z INPUT; t -F; t -X two; t -v -X; t -S
t -t nosuch -L; t -A INPUT --nosuch; t -A INPUT -p tcp --dport 99999; t -A INPUT -s 10.0.0.0/33; t -A INPUT -j ACCEPT -j DROP
t -A INPUT nosuch; t -A INPUT -o eth0; t -A INPUT -j MASQUERADE; t -t nat -A OUTPUT -j DROP; t -L -F; t
t -A INPUT -m nosuch; t -A INPUT -m set --match-set nosuch src; t -A INPUT -p tcp -m multiport; t -A INPUT -j REJECT --reject-with x
t -A INPUT -c 5 600 -j ACCEPT; t -nvL INPUT; t -Z INPUT 1; t -v -S INPUT; t -L -Z -v -n
