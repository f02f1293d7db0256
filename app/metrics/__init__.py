"""Metrics: declared in `catalogue`, born of events in `projection`, sent by `emitter`, read back by `graphite`."""
