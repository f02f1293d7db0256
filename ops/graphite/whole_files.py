"""A finder for graphite-web that skips incomplete whisper files.

carbon creates a file in several writes. If a glob matches a file between two of them, graphite-web 1.1.10 responds with
500 for all matched series. This finder treats such a file as not existing yet: its points are in carbon's cache and
appear with the next query. A file that a crash left incomplete hides only itself.

graphite-web imports this file with its own Python; the control plane never does.
"""

import os

from graphite.finders.standard import StandardFinder
from graphite.logger import log
from whisper import CorruptWhisperFile


class WholeFiles(StandardFinder):
    """graphite-web's standard finder without the files that cannot be read."""

    def find_nodes(self, query):
        return (node for node in StandardFinder.find_nodes(self, query) if not node.is_leaf or _is_whole(node.reader))


def _is_whole(reader):
    try:
        info = reader.info()  # the reader caches it and needs it anyway
        size = os.path.getsize(reader.fs_path)
    except (OSError, CorruptWhisperFile) as problem:
        log.info(f"skipped an unreadable file: {problem}")
        return False
    # The last byte of a sparse file is written last.
    return info is not None and size >= max(archive["offset"] + archive["size"] for archive in info["archives"])
