"""The API with metrics off, for comparison: `gunicorn -c gunicorn.conf.py bench.unmeasured:app`.

Nothing is collected, projected or sent; everything else is as in `wsgi.py`, whose place this module takes.
"""

from __future__ import annotations

import sys
from types import TracebackType

from app import instrumentation
from app.factory import create_app
from app.metrics import emitter


class NoBatch:
    """Takes the place of a request's batch."""

    def __enter__(self) -> NoBatch:
        return self

    def __exit__(
        self, type: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def time(self, path: str, milliseconds: float) -> None:
        """Keep nothing."""


def _nothing(*_: object) -> None: ...


setattr(emitter, "batch", NoBatch)  # noqa: B010  # as the type checker would refuse an assignment
for _name in ("emit", "emit_time", "emit_peak", "install"):
    setattr(emitter, _name, _nothing)
for _name in ("_measure_sql", "_project", "_measure_connector"):
    setattr(instrumentation, _name, _nothing)
# The configuration of gunicorn imports the app of `wsgi` in each worker.
sys.modules["wsgi"] = sys.modules[__name__]
app = create_app()
