#!/bin/bash
# machine.sh CAPTURES SETUP PROBE: play one lab on this kernel, as the only thing in a throw-away machine.
# To be started inside `unshare --mount --net --pid --fork --kill-child --mount-proc` (harness.ts does that).
# CAPTURES/<netns>/<device>.{in,out}.pcap then hold what every device saw while PROBE ran.
captures=$1 setup=$2 probe=$3
mount --make-rprivate / && mkdir -p /run/netns && mount -t tmpfs tmpfs /run/netns || exit 125
# Names: only those of /etc/hosts. A lab's frames must not depend on which name server this machine happens to ask.
mount --bind /dev/null /etc/resolv.conf || exit 125
ip link set lo up
bash "$setup" || exit
sleep 1.2 # let the chatter of links coming up pass
dumps=()
# One tcpdump per device and direction is the reference; fuzz/capture.py does the same with one process.
capture_with_tcpdump() {
  for netns in $(ip netns list | cut -d' ' -f1); do
    mkdir -p "$captures/$netns"
    for device in $(ip -n "$netns" -o link | cut -d' ' -f2 | sed 's/[@:].*//'); do
      for way in in out; do
        file=$captures/$netns/$device.$way
        ip netns exec "$netns" tcpdump -p -U --immediate-mode -nn -i "$device" -Q $way -w "$file.pcap" >/dev/null 2>"$file.log" &
        dumps+=($!)
      done
    done
  done
  # A capture that starts late would miss frames: wait until every tcpdump says that it listens, or that its device is
  # down and none of Ethernet's, which it refuses (ipip's tunl0 is in every netns).
  for log in "$captures"/*/*.log; do
    for _ in $(seq 200); do grep -qs -e 'listening on' -e 'is not up' "$log" && break; sleep 0.05; done
  done
  sleep 1
}
capture_with_python() {
  mkfifo "$captures/ready"
  /usr/bin/python3 "$(dirname "$0")/fuzz/capture.py" "$captures" >"$captures/ready" &
  dumps=($!)
  read -r <"$captures/ready" && rm "$captures/ready"
}
capture_with_${LAB_RECORDER:-tcpdump}
bash "$probe"
code=$?
sleep 0.6
if ((${#dumps[@]})); then kill -INT "${dumps[@]}"; wait "${dumps[@]}"; fi 2>/dev/null
exit $code
