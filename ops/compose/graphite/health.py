"""Health check of a graphite-statsd container, run by its own Python: carbon, graphite-web and StatsD respond.

With the argument `store`, the container has no StatsD.
"""

import socket
import sys
import urllib.request

SECONDS = 4

socket.create_connection(("127.0.0.1", 2003), SECONDS).close()
urllib.request.urlopen(
    "http://127.0.0.1:8080/render?target=constantLine(1)&format=json&from=-1min", timeout=SECONDS
).close()
if sys.argv[1:] != ["store"]:
    with socket.create_connection(("127.0.0.1", 8126), SECONDS) as admin:
        admin.sendall(b"health\n")
        if not admin.recv(64).startswith(b"health: up"):
            raise SystemExit("StatsD does not report that it is up")
