"""Real swupdate processes: images for them, and devices that are one process each."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

PROGRAMS = ("swupdate", "cpio", "openssl")
MISSING = [name for name in PROGRAMS if shutil.which(name) is None]
HARDWARE = "gateway:1.0"
CONFIGURATION = """
globals : {{ public-key-file = "{certificate}"; postupdatecmd = "/bin/true"; }};
suricatta : {{ }};
"""
DESCRIPTION = """
software =
{{
    version = "{version}";
    hardware-compatibility: [ "1.0" ];
    scripts: ( {{ filename = "install.sh"; type = "shellscript"; sha256 = "{sha256}"; }} );
}}
"""


class Signer:
    """Someone whose images devices accept."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.key, self.certificate = folder / "key.pem", folder / "certificate.pem"
        subject = ("-subj", "/CN=eucora-test", "-days", "3650", "-nodes")
        usage = ("-addext", "extendedKeyUsage=emailProtection", "-addext", "keyUsage=digitalSignature")
        files = ("-keyout", str(self.key), "-out", str(self.certificate))
        _run(folder, "openssl", "req", "-x509", "-newkey", "rsa:2048", *subject, *usage, *files)


def image(folder: Path, version: str, script: str, signer: Signer) -> bytes:
    """An image whose installation is a shell script that devices run."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "install.sh").write_text(script)
    sha256 = hashlib.sha256(script.encode()).hexdigest()
    (folder / "sw-description").write_text(DESCRIPTION.format(version=version, sha256=sha256))
    files = ("-in", "sw-description", "-out", "sw-description.sig")
    identity = ("-signer", str(signer.certificate), "-inkey", str(signer.key))
    _run(folder, "openssl", "cms", "-sign", *files, *identity, "-outform", "DER", "-nosmimecap", "-binary")
    names = "sw-description\nsw-description.sig\ninstall.sh\n"
    packed = subprocess.run(
        ["cpio", "-o", "-H", "crc"], cwd=folder, input=names.encode(), capture_output=True, check=True
    )
    return packed.stdout


class Device:
    """One swupdate process, which polls until it is stopped."""

    def __init__(self, folder: Path, name: str, url: str, token: str, signer: Signer) -> None:
        self.name, self.folder = name, folder / name
        self.folder.mkdir(parents=True)
        self._url, self._token, self._signer = url, token, signer
        self.log = self.folder / "swupdate.log"
        self._process: subprocess.Popen[bytes] | None = None
        (self.folder / "swupdate.cfg").write_text(CONFIGURATION.format(certificate=signer.certificate))

    def start(self, *suricatta: str) -> None:
        """Start polling; `-c 2` says that the last update worked, as after a restart of the device."""
        agent = " ".join(("-t", "edge", "-u", self._url, "-i", self.name, "-g", self._token, "-p", "1", *suricatta))
        command = ["swupdate", "-v", "-f", str(self.folder / "swupdate.cfg"), "-k", str(self._signer.certificate)]
        environment = {**os.environ, "TMPDIR": str(self.folder), "DEVICE": str(self.folder)}
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*command, "-H", HARDWARE, "-u", agent], cwd=self.folder, env=environment, stdout=log, stderr=log
            )

    def stop(self) -> None:
        """End the process, as a device that is switched off."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None


def _run(folder: Path, *command: str) -> None:
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
