#!/usr/bin/env python3
"""capture.py DIRECTORY: what `tcpdump -p -i DEVICE -Q in|out -w DIRECTORY/<netns>/<device>.<way>.pcap` of every device
of every netns would write, by one process with one packet socket per netns: the fuzzer plays many labs side by side.
Prints a line when it listens; on SIGINT it drains the sockets, writes the files and ends."""
import ctypes, os, select, signal, socket, struct, sys

CLONE_NEWNET = 0x40000000
ETH_P_ALL = 3
PACKET_OUTGOING = 4
ARPHRD_TO_LINKTYPE = {1: 1, 772: 1, 768: 101, 769: 101, 778: 101, 776: 101, 65534: 101}
NO_LINK = 101
SO_RCVBUFFORCE = 33
libc = ctypes.CDLL(None, use_errno=True)


def listen(netns):
    with open(f"/run/netns/{netns}") as file:
        if libc.setns(file.fileno(), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "setns")
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 24)
    sock.setblocking(False)
    return sock, {name for _, name in socket.if_nameindex()}


def drain(netns, sock, devices, files):
    while True:
        try:
            frame, (device, _, kind, hardware, _) = sock.recvfrom(1 << 17)
        except BlockingIOError:
            return
        except OSError:  # a device went down: reported once, then the socket goes on
            continue
        if device not in devices or device == "lo":
            continue
        way = "out" if kind == PACKET_OUTGOING else "in"
        frames = files.setdefault((netns, device, way), [ARPHRD_TO_LINKTYPE.get(hardware, NO_LINK)])
        frames.append(frame)


def write(directory, files):
    for (netns, device, way), (link, *frames) in files.items():
        os.makedirs(f"{directory}/{netns}", exist_ok=True)
        with open(f"{directory}/{netns}/{device}.{way}.pcap", "wb") as file:
            file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 1 << 18, link))
            for frame in frames:
                file.write(struct.pack("<IIII", 0, 0, len(frame), len(frame)) + frame)


def main(directory):
    sockets = {netns: listen(netns) for netns in sorted(os.listdir("/run/netns"))}
    stopped, wake = os.pipe()
    signal.signal(signal.SIGINT, lambda *_: os.write(wake, b"."))
    files = {}
    poll = select.poll()
    poll.register(stopped, select.POLLIN)
    for sock, _ in sockets.values():
        poll.register(sock, select.POLLIN)
    print("listening", flush=True)
    ending = False
    while not ending:
        ending = any(fd == stopped for fd, _ in poll.poll())
        for netns, (sock, devices) in sockets.items():
            drain(netns, sock, devices, files)
    write(directory, files)


main(sys.argv[1])
