from __future__ import annotations

from tests.http.support import client as client
