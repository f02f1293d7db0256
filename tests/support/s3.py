"""A real S3 server for the tests: SeaweedFS, one for a test process, started when the first test needs it."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from ops.local import ports
from tests.support.waiting import eventually

KEY, SECRET = "artifacts", "a-secret-of-the-tests"
_PORTS = ("master", "volume", "filer", "s3", "admin")
_HOST = "127.0.0.1"


@dataclass(frozen=True)
class S3:
    """A running server."""

    url: str

    def settings(self, bucket: str) -> dict[str, str]:
        """The EUCORA_ variables of a bucket of this server."""
        return {
            "EUCORA_ARTIFACTS_URL": f"s3://{bucket}/artifacts",
            "EUCORA_ARTIFACTS_ENDPOINT": self.url,
            "EUCORA_ARTIFACTS_ACCESS_KEY": KEY,
            "EUCORA_ARTIFACTS_SECRET_KEY": SECRET,
        }


@contextmanager
def serving() -> Iterator[S3]:
    """Serve S3 on loopback with nothing stored; what was stored is gone afterwards."""
    free = (port for port in ports.FREE if ports.is_free(port, udp=False))
    chosen = {f"{name}.port{kind}": next(free) for name in _PORTS for kind in ("", ".grpc")}
    options = [f"-{name}={port}" for name, port in chosen.items()]
    with tempfile.TemporaryDirectory(prefix="s3-") as folder:
        config, log = Path(folder, "s3.json"), Path(folder, "log")
        keys = [{"accessKey": KEY, "secretKey": SECRET}]
        config.write_text(json.dumps({"identities": [{"name": "tests", "credentials": keys, "actions": ["Admin"]}]}))
        command = [str(Path(sys.executable).with_name("weed")), "-logtostderr=true", "mini", f"-dir={folder}"]
        quiet = ["-webdav=false", "-admin.ui=false", "-s3.port.iceberg=0", "-s3.port.lance=0"]
        quiet.append("-s3.autoCreateBucket=false")
        sockets = [f"-{name}={folder}/{name[:2]}.sock" for name in ("filer.localSocket", "s3.localSocket")]
        sockets.append(f"-s3.localFilerSocket={folder}/fi.sock")
        with log.open("wb") as stream:
            process = subprocess.Popen(
                [*command, f"-ip={_HOST}", f"-ip.bind={_HOST}", f"-s3.config={config}", *quiet, *sockets, *options],
                stdout=stream,
                stderr=stream,
            )
        url = f"http://{_HOST}:{chosen['s3.port']}"
        try:
            eventually(lambda: process.poll() is None and _is_ready(url), lambda: log.read_text()[-2000:])
            yield S3(url)
        finally:
            process.kill()  # stopping in order takes seconds, and nothing of it is needed
            process.wait()


def _is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz", timeout=2).status_code == 200
    except httpx.HTTPError:
        return False
