# wget and bash's /dev/tcp: to standard output, quietly, errors and their exit codes, tries. One ephemeral port only, so that it is known.
ns a b
wire a eth0 02:00:00:00:01:01 b eth0 02:00:00:00:01:02
ip -n a addr add 10.1.0.1/24 dev eth0; ip -n b addr add 10.1.0.2/24 dev eth0
ip netns exec a sysctl -qw net.ipv4.ip_local_port_range="41000 41000"
mkdir -p /tmp/lab107/dir; echo hi > /tmp/lab107/index.html; echo index > /tmp/lab107/dir/index.html
ip netns exec b python3 -m http.server -d /tmp/lab107 80 >/dev/null 2>&1 &
sleep 1.5
### probe
w() { ip netns exec a wget "$@" 2>&1 | sed -E 's/[0-9]{4}-[0-9-]+ [0-9:]+/TIME/; s/\([0-9.]+ .?B\/s\)/(SPEED)/; s/100%.*/100% SPEED/'; echo "exit ${PIPESTATUS[0]}"; }
w -qO- http://10.1.0.2/; sleep 0.2
w -O- http://10.1.0.2/dir/ ; sleep 0.2
w -nv -O /dev/null http://10.1.0.2/; sleep 0.2
w --spider http://10.1.0.2/; sleep 0.2
w -O- http://10.1.0.2:81/; w -qO- -T 1 -t 1 http://10.1.0.99/; sleep 2.5
w -O- -t 1 http://10.9.0.1/; w -qO- -t 1 http://nosuchhost.invalid/; w; w --foo
# bash connects by itself.
ip netns exec a bash -c 'exec 3<>/dev/tcp/10.1.0.2/80; printf "GET / HTTP/1.0\r\n\r\n" >&3; tail -1 <&3'; echo "exit $?"; sleep 0.2
ip netns exec a bash -c '</dev/tcp/10.1.0.2/81' 2>&1; echo "exit $?"
ip netns exec a bash -c 'echo x >/dev/tcp/10.1.0.2/foo' 2>&1; echo "exit $?"
rm -r /tmp/lab107
