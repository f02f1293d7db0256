"""A stand-in for cairo, which graphite-web imports at start but calls only for PNG and SVG, which we do not use."""


class _Anything:
    """Every attribute, call and item is again a stand-in."""

    def __getattr__(self, name):
        return _Anything()

    def __call__(self, *args, **kwargs):
        return _Anything()


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    return _Anything()
