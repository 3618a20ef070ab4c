"""Clients that hold a server's threads, for attacks.sh, all at once. Prints a line for each: its name, the
seconds until the server let it go, and the status that it read, if any.

    slow.py PORT
"""
import os
import socket
import ssl
import sys
import threading
import time

import hostile

HELLO = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"  # begins a handshake


def drip(link, first, piece):
    """Sends a little and then a piece three times a second, until a reply or the end comes."""
    link.sendall(first)
    link.settimeout(0.3)
    while True:
        try:
            return link.recv(4096).split(b" ")[1].decode()
        except (TimeoutError, ssl.SSLWantReadError):
            link.sendall(piece)


ATTACKS = {
    "half_open": (12, lambda port: drip(socket.create_connection(("127.0.0.1", port)), HELLO, b"")),
    "silent": (1, lambda port: drip(hostile.link_to(port), b"", b"")),
    "head": (1, lambda port: drip(hostile.link_to(port), b"GET /health HTTP/1.1\r\nX: ", b"x")),
    "body": (1, lambda port: drip(
        hostile.link_to(port), b"POST /s/push HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n", b"x")),
}


def run(name, attack, port):
    began = time.monotonic()
    try:
        status = attack(port)
    except (OSError, IndexError):
        status = "closed"
    os.write(1, f"{name} {time.monotonic() - began:.0f} {status}\n".encode())  # whole, among threads


def main():
    port = int(sys.argv[1])
    for name, (count, attack) in ATTACKS.items():
        for _ in range(count):
            threading.Thread(target=run, args=(name, attack, port), daemon=True).start()
    limit = time.monotonic() + 60
    while threading.active_count() > 1 and time.monotonic() < limit:
        time.sleep(0.2)


if __name__ == "__main__":
    main()
