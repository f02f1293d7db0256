"""A client process that sends requests at a steady pace. Standard library only, so that it starts at once.

`python -m bench.client PORT PACE [WRITER]` says `ready`, reads a token, a start time and a number of seconds from its
input, and prints how many requests were answered and when the last one was. A writer registers devices, named after it.
"""

from __future__ import annotations

import http.client
import json
import sys
import time


def main(port: int, pace: float, writer: str = "") -> None:
    """Send `pace` requests a second over one connection, catching up when late."""
    print("ready", flush=True)
    token, start, seconds = json.loads(sys.stdin.readline())
    connection, sent = http.client.HTTPConnection("127.0.0.1", port, timeout=30), 0
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    time.sleep(max(start - time.time(), 0))
    while (now := time.time()) < start + seconds:
        if sent >= (now - start) * pace:
            time.sleep((sent + 1) / pace - (now - start))
            continue
        if writer:
            device = {"external_id": f"{writer}-{sent}", "platform": "macos", "connector": "simulated"}
            connection.request("POST", "/api/v1/devices", json.dumps([device]), headers)
        else:
            connection.request("GET", "/healthz")
        answer = connection.getresponse()
        content = answer.read()
        if answer.status != 200:
            raise SystemExit(f"{answer.status} {content[:300]!r}")
        sent += 1
    print(json.dumps([sent, time.time()]))


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]), *sys.argv[3:])
