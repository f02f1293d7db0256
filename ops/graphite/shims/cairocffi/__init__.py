"""A stand-in for cairo: graphite-web imports it at start, but only its PNG and SVG output, which we do not use, calls it."""


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
