#!/usr/bin/env python3
"""capture.py DIRECTORY: what `tcpdump -p -i DEVICE -Q in|out -w DIRECTORY/<netns>/<device>.<way>.pcap` of every device
of every netns would write, by one process with one packet socket per netns: the fuzzer plays many labs side by side.
Prints a line when it listens; on SIGINT it empties the rings, writes the files and ends."""
import ctypes, mmap, os, select, signal, socket, struct, sys

CLONE_NEWNET = 0x40000000
ETH_P_ALL = 3
SOL_PACKET, PACKET_RX_RING, PACKET_VERSION, TPACKET_V2 = 263, 5, 10, 1
TP_STATUS_USER = 1
PACKET_OUTGOING = 4
ARPHRD_TO_LINKTYPE = {1: 1, 772: 1, 768: 101, 769: 101, 778: 101, 776: 101, 65534: 101}
NO_LINK = 101
BLOCK, FRAME, FRAMES = 1 << 16, 1 << 11, 2048
ADDRESS = 32  # sockaddr_ll lies behind struct tpacket2_hdr
libc = ctypes.CDLL(None, use_errno=True)


class Ring:
    """A socket whose frames the kernel copies when they pass: later hops rewrite what a plain socket would still show."""

    def __init__(self, netns):
        with open(f"/run/netns/{netns}") as file:
            if libc.setns(file.fileno(), CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), "setns")
        self.devices = dict(socket.if_nameindex())
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self.socket.setsockopt(SOL_PACKET, PACKET_VERSION, TPACKET_V2)
        blocks = FRAME * FRAMES // BLOCK
        self.socket.setsockopt(SOL_PACKET, PACKET_RX_RING, struct.pack("IIII", BLOCK, blocks, FRAME, FRAMES))
        self.memory = mmap.mmap(self.socket.fileno(), FRAME * FRAMES)
        self.at = 0
        self.files = {}
        listen_to_all(self.socket)

    def empty(self):
        while True:
            base = self.at * FRAME
            status, length, kept, mac = struct.unpack_from("IIIH", self.memory, base)
            if not status & TP_STATUS_USER:
                return
            _, _, index, hardware, kind = struct.unpack_from("HHiHB", self.memory, base + ADDRESS)
            device = self.devices.get(index)
            if device is not None and device != "lo":
                way = "out" if kind == PACKET_OUTGOING else "in"
                link = ARPHRD_TO_LINKTYPE.get(hardware, NO_LINK)
                frames = self.files.setdefault((device, way), [link])
                frames.append((length, self.memory[base + mac : base + mac + kept]))
            struct.pack_into("I", self.memory, base, 0)
            self.at = (self.at + 1) % FRAMES

    def write(self, directory):
        for (device, way), (link, *frames) in self.files.items():
            os.makedirs(directory, exist_ok=True)
            with open(f"{directory}/{device}.{way}.pcap", "wb") as file:
                file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 1 << 18, link))
                for length, frame in frames:
                    file.write(struct.pack("<IIII", 0, 0, len(frame), length) + frame)


def listen_to_all(sock):
    """All devices: bind() of the socket module wants a name."""
    address = struct.pack("HHiHBB8x", socket.AF_PACKET, socket.htons(ETH_P_ALL), 0, 0, 0, 0)
    if libc.bind(sock.fileno(), address, len(address)) != 0:
        raise OSError(ctypes.get_errno(), "bind")


def main(directory):
    rings = {netns: Ring(netns) for netns in sorted(os.listdir("/run/netns"))}
    stopped, wake = os.pipe()
    signal.signal(signal.SIGINT, lambda *_: os.write(wake, b"."))
    poll = select.poll()
    poll.register(stopped, select.POLLIN)
    for ring in rings.values():
        poll.register(ring.socket, select.POLLIN)
    print("listening", flush=True)
    ending = False
    while not ending:
        ending = any(fd == stopped for fd, _ in poll.poll())
        for ring in rings.values():
            ring.empty()
    for netns, ring in rings.items():
        ring.write(f"{directory}/{netns}")


main(sys.argv[1])
