"""A real OpenID Connect server in a process of its own (`oidc-provider` on node), and a person with a browser."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx
from joserfc.jwk import RSAKey

from ops.local.paths import HOME
from ops.local.ports import Ports
from tests.support.waiting import PATIENCE, eventually

INSTALLED = HOME / "identity-provider"
SCRIPT = Path(__file__).parents[1] / "identity" / "provider" / "provider.mjs"
CLIENT_ID, CLIENT_SECRET = "eucora", "of-the-tests-only"
PUBLIC_CLIENT = f"{CLIENT_ID}-public"
_ACTION = re.compile(r'action="([^"]+)"')


@dataclass
class IdentityProvider:
    """The server, whose accounts may change while it runs."""

    folder: Path
    callback: str
    port: int = field(default_factory=lambda: Ports.free().api)
    _process: subprocess.Popen[bytes] | None = None

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def know(self, **accounts: Mapping[str, Any]) -> None:
        """Have these accounts with these claims, and no others."""
        (self.folder / "accounts.json").write_text(json.dumps(accounts))

    def start(self, key: str = "first") -> None:
        """Start with a new signing key of that name."""
        client: dict[str, Any] = {
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "redirect_uris": [self.callback],
            "post_logout_redirect_uris": [self.callback],
        }
        public = {**client, "client_id": PUBLIC_CLIENT, "token_endpoint_auth_method": "none"}
        del public["client_secret"]
        signing = RSAKey.generate_key(2048, {"kid": key, "use": "sig", "alg": "RS256"})
        configuration = {
            "port": self.port,
            "clients": [client, public],
            "jwks": {"keys": [signing.as_dict(private=True)]},
            "accounts": str(self.folder / "accounts.json"),
        }
        file, log = self.folder / "provider.json", self.folder / "provider.log"
        file.write_text(json.dumps(configuration))
        with log.open("wb") as stream:
            command = [str(HOME / "bin" / "node"), str(SCRIPT), str(INSTALLED), str(file)]
            self._process = subprocess.Popen(command, stdout=stream, stderr=stream)
        eventually(self._is_up, log.read_text)

    def stop(self) -> None:
        """End the process, if it runs."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(PATIENCE)
            self._process = None

    def _is_up(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, (self.folder / "provider.log").read_text()
        try:
            return httpx.get(f"{self.issuer}/.well-known/openid-configuration", timeout=5).status_code == 200
        except httpx.HTTPError:
            return False


def authorize(url: str, account: str) -> str:
    """Log in at the provider as a person does in a browser; the address that it sends the browser back to."""
    with httpx.Client(timeout=30) as browser:
        answer = browser.get(url)
        while True:
            if answer.is_redirect:
                target = urljoin(str(answer.url), answer.headers["location"])
                if "/login/callback" in target:
                    return target
                answer = browser.get(target)
                continue
            action = _ACTION.search(answer.text)
            assert action is not None, f"no way back from the identity provider: {answer.text}"
            prompt = "login" if 'name="login"' in answer.text else "consent"
            answer = browser.post(action[1], data={"prompt": prompt, "login": account, "password": "x"})
