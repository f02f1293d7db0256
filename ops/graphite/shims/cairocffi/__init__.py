"""A stub for cairo. graphite-web imports it at start, but calls it only to draw PNG and SVG, which we do not use."""


class _Anything:
    """Every attribute and every call result is again such a stub."""

    def __getattr__(self, name):
        return _Anything()

    def __call__(self, *args, **kwargs):
        return _Anything()


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    return _Anything()
