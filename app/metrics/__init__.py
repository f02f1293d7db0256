"""Metrics: declared in `catalogue`, derived from events in `projection`, sent by `emitter`, read back in `reading`."""
