#!/bin/bash
# uml.sh CAPTURES SETUP PROBE: machine.sh under User-Mode Linux (Debian's user-mode-linux), for what the kernel at hand
# lacks. Its root is this machine's root directory; what it mounts, only it sees. Needs root, cc and kmod.
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d) || exit 125
trap 'rm -rf "$work"' EXIT
cc -O2 -shared -fPIC -o "$work/xstate.so" "$here/xstate.c" || exit 125
mkdir -p "$work/root/lib" && ln -s /usr/lib/uml/modules "$work/root/lib/modules"
cat >"$work/modprobe" <<I
#!/bin/bash
exec /usr/sbin/modprobe -d $work/root "\$@"
I
cat >"$work/init" <<I
#!/bin/bash
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t tmpfs tmpfs /run; mount -t devpts devpts /dev/pts
echo $work/modprobe >/proc/sys/kernel/modprobe # the kernel and ipvsadm load modules with it
$work/modprobe -a af_packet ipv6 br_netfilter # what nothing asks for by name
# UML's nf_tables knows no IPv4: iptables speaks to ip_tables here, which prints the same but for lists of rules.
mount --bind /usr/sbin/xtables-legacy-multi /usr/sbin/xtables-nft-multi
bash $here/../machine.sh $(printf '%q ' "$@") >$work/out 2>$work/err
echo \$? >$work/code
sync
echo o >/proc/sysrq-trigger
sleep 9
I
chmod +x "$work/init" "$work/modprobe"
LD_PRELOAD=$work/xstate.so timeout 170 linux.uml mem=768M rootfstype=hostfs rootflags=/ rw init="$work/init" \
  con=null con0=null quiet </dev/null >"$work/console" 2>&1
cat "$work/out"
cat "$work/err" >&2
exit "$(cat "$work/code" 2>/dev/null || { cat "$work/console" >&2; echo 125; })"
