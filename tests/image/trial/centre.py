"""What stands around machines on AWS, run within the centre's network: names, metadata, the load balancer, the API's way.

Takes orders as lines of JSON on standard input, `{"names": {...}, "ways": {"10.0.0.10:80": "10.0.2.10:8000"}, "tags":
{"10.0.2.20": {"terrace:release": "..."}}}` (what each machine reads of its own tags), each replacing what held before, and answers each with a line. Ends with its standard input.
"""

import asyncio
import json
import sys

ROLE = json.dumps(
    {"Code": "Success", "AccessKeyId": "AKIAROLE", "SecretAccessKey": "role-secret", "Token": "role-token", "Expiration": "2099-01-01T00:00:00Z"}
)
METADATA = {
    "/latest/meta-data/iam/security-credentials/": "the-role",
    "/latest/meta-data/iam/security-credentials/the-role": ROLE,
    "/latest/meta-data/placement/region": "us-east-1",
}


class Names(asyncio.DatagramProtocol):
    """A resolver: the names it was told, with five seconds to live; every other name does not exist."""

    def __init__(self):
        self.names = {}

    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, peer):
        labels, at = [], 12
        while data[at]:
            labels.append(data[at + 1 : at + 1 + data[at]].decode().lower())
            at += 1 + data[at]
        question = data[12 : at + 5]
        kind = int.from_bytes(data[at + 1 : at + 3], "big")
        address = self.names.get(".".join(labels))
        code = 0 if address else 3
        records = b""
        if address and kind == 1:
            records = b"\xc0\x0c\0\1\0\1" + (5).to_bytes(4, "big") + b"\0\4" + bytes(map(int, address.split(".")))
        head = data[:2] + bytes([0x81, 0x80 | code]) + b"\0\1" + (b"\0\1" if records else b"\0\0") + b"\0\0\0\0"
        self.transport.sendto(head + question + records, peer)


TAGS = {}


async def metadata(reader, writer):
    """IMDSv2: a token by PUT, and nothing without one."""
    tags = {f"/latest/meta-data/tags/instance/{key}": value for key, value in TAGS.get(writer.get_extra_info("peername")[0], {}).items()}
    try:
        while head := (await reader.readuntil(b"\r\n\r\n")).decode():
            method, path, _ = head.split("\r\n")[0].split()
            if method == "PUT" and path == "/latest/api/token":
                status, body = "200 OK", "the-token"
            elif "x-aws-ec2-metadata-token: the-token" not in head.lower():
                status, body = "401 Unauthorized", ""
            elif path in METADATA:
                status, body = "200 OK", METADATA[path]
            elif path in tags:
                status, body = "200 OK", tags[path]
            else:
                status, body = "404 Not Found", ""
            writer.write(f"HTTP/1.1 {status}\r\ncontent-length: {len(body)}\r\n\r\n{body}".encode())
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def pipe(reader, writer):
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()


class Ways:
    """Connections passed on from an address to another; closed when the way is."""

    def __init__(self):
        self.open = {}

    async def set(self, ways):
        for at in [at for at in self.open if at not in ways]:
            server, to, writers = self.open.pop(at)
            server.close()
            for writer in writers:
                writer.close()
        for at, to in ways.items():
            if at in self.open:
                continue
            writers = set()

            async def serve(reader, writer, to=to, writers=writers):
                host, port = to.split(":")
                try:
                    inner_reader, inner_writer = await asyncio.open_connection(host, int(port))
                except OSError:
                    writer.close()
                    return
                writers.update((writer, inner_writer))
                await asyncio.gather(pipe(reader, inner_writer), pipe(inner_reader, writer))
                writers.difference_update((writer, inner_writer))

            host, port = at.split(":")
            self.open[at] = (await asyncio.start_server(serve, host, int(port)), to, writers)


async def main():
    loop = asyncio.get_running_loop()
    _, names = await loop.create_datagram_endpoint(Names, local_addr=("169.254.169.253", 53))
    await asyncio.start_server(metadata, "169.254.169.254", 80)
    ways = Ways()
    orders = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    while line := await orders.readline():
        order = json.loads(line)
        names.names = order["names"]
        TAGS.clear()
        TAGS.update(order["tags"])
        await ways.set(order["ways"])
        print("ok", flush=True)


asyncio.run(main())
