"""A device that breaks the rules, for attacks.sh: it has a real laptop's key and certificate, and says
with them what our own client never would. By FORMATS.md and PROTOCOL.md, with the standard library alone.

    hostile.py FOLDER PORT ATTACK [ARGUMENT...]

What came back is printed as JSON; what an attack means is said where it is defined.
"""
import hashlib
import json
import os
import pathlib
import socket
import ssl
import sys

# --- Ed25519, as in RFC 8032 ------------------------------------------------------------------
P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
BASE_Y = 4 * pow(5, P - 2, P) % P


def base_point():
    square = (BASE_Y * BASE_Y - 1) * pow(D * BASE_Y * BASE_Y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    x = P - x if x & 1 else x
    return x, BASE_Y, 1, x * BASE_Y % P


def add(p, q):
    a = (p[1] - p[0]) * (q[1] - q[0]) % P
    b = (p[1] + p[0]) * (q[1] + q[0]) % P
    c = 2 * p[3] * q[3] * D % P
    d = 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(n):
    out, power = (0, 1, 1, 0), base_point()
    while n:
        if n & 1:
            out = add(out, power)
        power, n = add(power, power), n >> 1
    inverse = pow(out[2], P - 2, P)
    x, y = out[0] * inverse % P, out[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


class Key:
    def __init__(self, seed):
        digest = hashlib.sha512(seed).digest()
        self.scalar = int.from_bytes(digest[:32], "little") & ~7 & (1 << 254) - 1 | 1 << 254
        self.prefix = digest[32:]
        self.public = times(self.scalar)

    def sign(self, text):
        r = int.from_bytes(hashlib.sha512(self.prefix + text).digest(), "little") % ORDER
        point = times(r)
        k = int.from_bytes(hashlib.sha512(point + self.public + text).digest(), "little")
        return point + ((r + k * self.scalar) % ORDER).to_bytes(32, "little")


# --- bytes ------------------------------------------------------------------------------------
def blake(*parts):
    return hashlib.blake2b(b"".join(parts), digest_size=32).digest()


def varint(n):
    out = b""
    while n > 127:
        out, n = out + bytes([n & 127 | 128]), n >> 7
    return out + bytes([n])


def zigzag(n):
    return varint(n << 1 if n >= 0 else -2 * n - 1)


def cbor(value):
    def head(kind, n):
        for extra, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
            if n < 24:
                return bytes([kind << 5 | n])
            if n < 256**size:
                return bytes([kind << 5 | extra]) + n.to_bytes(size, "big")
        raise ValueError(n)

    if value is None or isinstance(value, bool):
        return {None: b"\xf6", False: b"\xf4", True: b"\xf5"}[value]
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    return head(4, len(value)) + b"".join(map(cbor, value))


def uncbor(data):
    def one(at):
        kind, n = data[at] >> 5, data[at] & 31
        at += 1
        if n > 23 and kind != 7:
            size = 1 << n - 24
            n, at = int.from_bytes(data[at:at + size], "big"), at + size
        if kind == 7:
            return {20: False, 21: True, 22: None}[n], at
        if kind < 2:
            return (n, -1 - n)[kind], at
        if kind < 4:
            return (data[at:at + n] if kind == 2 else data[at:at + n].decode()), at + n
        out = []
        for _ in range(n):
            item, at = one(at)
            out.append(item)
        return out, at

    return one(0)[0]


# --- a device ---------------------------------------------------------------------------------
class Device:
    def __init__(self, folder):
        folder = pathlib.Path(folder)
        self.key = Key((folder / "device.key").read_bytes())
        self.certificate = (folder / "device.cert").read_bytes()
        settings = json.loads((folder / "settings.json").read_text())
        self.unit = settings["unit"]
        self.parent = bytes.fromhex(settings["parent_key"])

    def request(self, path, head, tail=b"", certificate=None, attach=False):
        certificate = certificate or self.certificate
        known, nonce = blake(certificate)[:16], os.urandom(12)
        signed = b"lalanh request 1" + self.parent + known + nonce + blake(head) + b"POST " + path.encode()
        out = bytes([2 if attach else 1]) + known + nonce + self.key.sign(signed)
        if attach:
            out += len(certificate).to_bytes(2, "big") + certificate
        return out + len(head).to_bytes(3, "big") + head + tail


def link_to(port):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context.wrap_socket(socket.create_connection(("127.0.0.1", port), 30))


def post(port, path, body):
    """Status or the error's name, and the body of the reply."""
    with link_to(port) as link:
        link.sendall(f"POST {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
                     f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
        reply = b""
        while True:
            try:
                piece = link.recv(65536)
            except (ssl.SSLError, ConnectionError):
                break
            if not piece:
                break
            reply += piece
    head, _, body = reply.partition(b"\r\n\r\n")
    for line in head.decode().split("\r\n"):
        if line.startswith("Lalanh-Error: "):
            return line[14:], body
    return int(head.split()[1]) if head else 0, body


def head_of(reply):
    return uncbor(reply[4:4 + int.from_bytes(reply[1:4], "big")])


def tail_of(reply):
    return reply[4 + int.from_bytes(reply[1:4], "big"):]


# --- segments ---------------------------------------------------------------------------------
def frame(blocks):
    """A zstd frame without magic number, of blocks that are raw bytes or (byte, times)."""
    out = b"\x00\x38"
    for i, block in enumerate(blocks):
        rle = isinstance(block, tuple)
        size = block[1] if rle else len(block)
        head = (i == len(blocks) - 1) | (2 if rle else 0) | size << 3
        out += head.to_bytes(3, "little") + (bytes([block[0]]) if rle else block)
    return out


def segment(key, certificate, unit, channel, fields, actor="Kẻ Gian, Trưởng thôn", columns=None):
    """One household of these fields, the first event of a new stream, signed with `key`."""
    now, epoch, scope = 1_700_000_000_000, os.urandom(8), unit.to_bytes(4, "big") + bytes([channel])
    zero = blake(b"lalanh stream 1", scope, blake(certificate), epoch, b"\x00")
    ops = [[0, "household", None, []]] + [[1, name, text, []] for name, text in fields]
    last = blake(zero, cbor([now, 0, 1, actor, "record", None, ops]))
    text = lambda one: one.encode() + b"\x00"
    if columns is None:
        forms = b"\x00\x00" + text("household")
        for name, _ in fields:
            forms += b"\x0b\x00" + text(name)
        raw = b"\x00" + varint(2) + text(actor) + text("record") + varint(1 + len(fields)) + forms
        raw += b"\x00" + zigzag(now) + b"\x04" + b"\x00" + zigzag(1) + b"\x00\x01\x01\x01\x00"
        raw += varint(1 + len(fields)) + b"".join(map(varint, range(1 + len(fields))))
        raw += b"".join(b"\x00" + text(value) for _, value in fields) + b"\x00"
        columns = [raw]
    size = sum(block[1] if isinstance(block, tuple) else len(block) for block in columns)
    out = b"\x51" + varint(unit * 2 + channel) + zero[:12] + varint(1) + epoch
    out += varint(len(certificate)) + certificate
    out += key.sign(b"lalanh segment 1" + scope + zero[:12] + (1).to_bytes(4, "big") + last)
    return out + varint(0) + varint(size) + varint(0) + frame(columns)


def push(device, port, segments, wanted=()):
    entries = [[blake(each)[:16], len(each), 0] for each in segments]
    body = device.request("/s/push", cbor([entries, list(wanted)]), b"".join(segments))
    status, reply = post(port, "/s/push", body)
    return status if status != 200 else head_of(reply)[0]


# --- attacks ----------------------------------------------------------------------------------
OPEN = cbor([bytes(32), 1, "0.1.0", None])


def replayed(device, port):
    """One request twice, byte for byte."""
    body = device.request("/s/open", OPEN)
    return [post(port, "/s/open", body)[0] for _ in range(2)]


def altered(device, port):
    """A byte of nonce, signature, head; then the request at another path than it was signed for."""
    out = []
    for at in (20, 40, -1):
        body = bytearray(device.request("/s/open", OPEN))
        body[at] ^= 1
        out.append(post(port, "/s/open", bytes(body))[0])
    return out + [post(port, "/s/pull", device.request("/s/open", OPEN))[0]]


def opened(device, port):
    """A request as it should be, perhaps at a server that it is not for."""
    return post(port, "/s/open", device.request("/s/open", OPEN))[0]


def attached(device, port):
    """The same with the certificate beside it, which a server that never met the device asks for."""
    return post(port, "/s/open", device.request("/s/open", OPEN, attach=True))[0]


def borrowed(device, port, folder):
    """Another device's certificate with the own key; then a certificate of an own root key."""
    other = (pathlib.Path(folder) / "device.cert").read_bytes()
    out = [post(port, "/s/open", device.request("/s/open", OPEN, certificate=other))[0]]
    link = [999, device.key.public, device.unit, 4, 31]
    signed = b"lalanh certificate 1" + blake(cbor([])) + cbor(link)
    made = cbor([link + [Key(os.urandom(32)).sign(signed)]])
    return out + [post(port, "/s/open", device.request("/s/open", OPEN, certificate=made, attach=True))[0]]


def asked(device, port, *units):
    """All that there is of units' records: what `differ` and `pull` say, and bytes that came."""
    units = [int(unit) for unit in units]
    head = cbor([[[unit, 0, bytes(16)] for unit in units]])
    states = head_of(post(port, "/s/differ", device.request("/s/differ", head))[1])[0]
    head = cbor([2**32 - 1, 0, False, [[unit, 0, True, b"", b""] for unit in units], []])
    reply = post(port, "/s/pull", device.request("/s/pull", head))[1]
    told = {unit: state for unit, channel, state in states if channel == 0}
    return [[told.get(unit) for unit in units], [one[:2] for one in head_of(reply)[1]], tail_of(reply)]


def receipts(device, port, unit, points):
    """A receipt for another's points, and what the tiers above have of them."""
    wanted = [[int(unit), 0, bytes.fromhex(points)]]
    reply = post(port, "/s/push", device.request("/s/push", cbor([[], wanted])))[1]
    above = post(port, "/s/above", device.request("/s/above", cbor([wanted])))[1]
    return [head_of(reply)[1], head_of(above)[0]]


def deep(device, port):
    """Heads under a good signature: arrays in arrays, counts that lie, a length beyond the bytes."""
    heads = [b"\x81" * 900_000, b"\x84\x9b" + b"\xff" * 8, b"\x84\x5b" + b"\xff" * 8, b"\x9f", b"\xfb" * 9]
    return [post(port, "/s/open", device.request("/s/open", head))[0] for head in heads]


def bomb(device, port):
    """A segment of a few hundred bytes that unfolds to 4 MiB, and one that would to 64 MiB."""
    made = []
    for blocks in (32, 512):
        made.append(segment(device.key, device.certificate, device.unit, 0, [], columns=[(0, 2**17)] * blocks))
    return push(device, port, made)


def forged(device, port, folder):
    """In the own scope: under another's certificate, in the reference channel, with a changed byte."""
    other = (pathlib.Path(folder) / "device.cert").read_bytes()
    fields = [("head", "Giả Mạo")]
    whole = segment(device.key, device.certificate, device.unit, 0, fields)
    return push(device, port, [
        segment(device.key, other, device.unit, 0, fields),
        segment(device.key, device.certificate, device.unit, 1, fields),
        whole.replace("Mạo".encode(), "Mẹo".encode()),
    ])


def written(device, port, unit, folder, *fields):
    """Sends one household of UNIT, signed as the device of FOLDER, with fields NAME=VALUE."""
    author = Device(folder)
    pairs = [tuple(field.split("=", 1)) for field in fields]
    return push(device, port, [segment(author.key, author.certificate, int(unit), 0, pairs)])


def main():
    device, port = Device(sys.argv[1]), int(sys.argv[2])
    print(json.dumps(globals()[sys.argv[3]](device, port, *sys.argv[4:]),
                     default=lambda value: value.hex()))


if __name__ == "__main__":
    main()
