#!/usr/bin/env python3
"""Floods a service with connections and says whether the others are served meanwhile.

flood.py PORT idle COUNT      opens COUNT connections, asks once on each in any order, and keeps them
flood.py PORT slow COUNT      slowloris: COUNT connections that send a byte of a request every now and then, until all are cut

Exits with 1 when a connection or a request fails that should not. Needs `ulimit -n` above COUNT, here and at the service.
"""

import http.client
import random
import resource
import selectors
import socket
import sys
import time

port, kind, count = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
if count > hard - 50:
    sys.exit(f"error: {hard} files may be open here; raise it with ulimit -n")
troubles = 0


def opened(number):
    # An address gets half of the connections at most: 2,000 a time come from each of 127.0.0.2, .3, ….
    own = (f"127.0.0.{2 + number // 2_000}", 0)
    return socket.create_connection(("127.0.0.1", port), timeout=30, source_address=own)


def ask():
    """Milliseconds until a query of the service's own is answered on a new connection."""
    begin = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", "/readyz")
    status = connection.getresponse().status
    connection.close()
    if status != 200:
        sys.exit(f"/readyz answers {status}")
    return 1000 * (time.perf_counter() - begin)


def middle(times):
    return f"/readyz p50 {sorted(times)[len(times) // 2]:.1f} ms, most {max(times):.1f} ms"


def idle():
    global troubles
    print("alone:", middle([ask() for _ in range(50)]))
    begin = time.perf_counter()
    sockets = [opened(number) for number in range(count)]
    print(f"{count} connections opened in {time.perf_counter() - begin:.1f} s")
    random.shuffle(sockets)
    begin = time.perf_counter()
    for start in range(0, count, 200):
        some = sockets[start:start + 200]
        for one in some:
            one.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        for one in some:
            if b" 200 " not in one.recv(4096):
                troubles += 1
    print(f"a request on each: {time.perf_counter() - begin:.1f} s, {troubles} failed")
    print("beside them:", middle([ask() for _ in range(50)]))
    for one in sockets:
        one.close()


def slow():
    global troubles
    begin = time.perf_counter()
    head = b"POST /api/v1/recognition/recognize HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n"
    selector = selectors.DefaultSelector()
    for number in range(count):
        one = opened(number)
        one.setblocking(False)
        selector.register(one, selectors.EVENT_READ, number)
    times, last = [], 0
    while selector.get_map():
        times.append(ask())
        for key, _ in selector.select(0):
            try:
                gone = not key.fileobj.recv(4096)
            except OSError:
                gone = True
            if gone:
                selector.unregister(key.fileobj)
                key.fileobj.close()
        for key in list(selector.get_map().values()):
            # A third never finishes the request line, a third the headers, a third the body.
            text = [head[:20], head, head + b"\r\n" + b"x" * 1000][key.data % 3]
            try:
                key.fileobj.send(text[:1] if key.data % 3 == 0 else text[last % len(text):][:1])
            except OSError:
                pass
        last += 1
        if time.perf_counter() - begin > 300:
            troubles += len(selector.get_map())
            break
        time.sleep(0.5)
    print(f"{count} slow connections: {troubles} still there after {time.perf_counter() - begin:.0f} s; {middle(times)}")


{"idle": idle, "slow": slow}[kind]()
sys.exit(1 if troubles else 0)
