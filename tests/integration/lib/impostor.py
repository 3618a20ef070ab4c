"""A server that is not the parent, for attacks.sh: it has the certificate of a file, and with the seed
of a foreign key it forges what a parent says. For each connection it prints what came, then ends.

    impostor.py PEM CONNECTIONS [SEED_FILE]     first line: the port
"""
import pathlib
import socket
import ssl
import sys
import time

import hostile


def forged(path, body, key):
    """What the parent would say if it lacked all and then had taken all."""
    at = 93 if body[0] == 1 else 95 + int.from_bytes(body[93:95], "big")
    head = hostile.uncbor(body[at + 3:at + 3 + int.from_bytes(body[at:at + 3], "big")])
    now = int(time.time() * 1000)
    if path == "/s/open":
        said = [False, now, 1, "0.1.0"]
    elif path == "/s/differ":
        said = [[[unit, channel, 1] for unit, channel, _ in head[0]], []]
    elif path == "/s/push":
        points = [[unit * 2 + channel, all_[i:i + 12], int.from_bytes(all_[i + 12:i + 16], "big"), all_[i + 16:i + 24]]
                  for unit, channel, all_ in head[1] for i in range(0, len(all_), 24)]
        receipt = hostile.cbor(["lalanh receipt 1", bytes(16), now, points])
        said = [[0] * len(head[0]), receipt + key.sign(receipt)]
    else:
        said = [[], []]
    said = hostile.cbor(said)
    return b"\x01" + len(said).to_bytes(3, "big") + said


def serve(link, key):
    """The paths that were asked for, until the client goes."""
    paths, stream = [], link.makefile("rb")
    while line := stream.readline():
        length = 0
        while (field := stream.readline()) not in (b"\r\n", b""):
            if field.lower().startswith(b"content-length:"):
                length = int(field[15:])
        body = stream.read(length)
        paths.append(line.decode().split()[1])
        reply = forged(paths[-1], body, key) if key else b"{}"
        link.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(reply) + reply)
    return paths


def main():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[1])
    key = hostile.Key(pathlib.Path(sys.argv[3]).read_bytes()) if len(sys.argv) > 3 else None
    listening = socket.create_server(("127.0.0.1", 0))
    listening.settimeout(60)
    print(listening.getsockname()[1], flush=True)
    for _ in range(int(sys.argv[2])):
        link, _ = listening.accept()
        link.settimeout(20)
        try:
            paths = serve(context.wrap_socket(link, server_side=True), key)
        except (ssl.SSLError, ConnectionError):
            paths = []
        print(f"heard {' '.join(paths)}".strip(), flush=True)


if __name__ == "__main__":
    main()
