"""graphite-web's settings, the same file on one machine and in containers; places come from the environment.

It is imported by graphite-web under its own Python, never by the control plane.
"""

import os

GRAPHITE_ROOT = os.environ.get("GRAPHITE_ROOT", "/opt/graphite")
CONF_DIR = os.environ.get("GRAPHITE_CONF_DIR", os.path.join(GRAPHITE_ROOT, "conf"))
STORAGE_DIR = os.environ.get("GRAPHITE_STORAGE_DIR", os.path.join(GRAPHITE_ROOT, "storage"))
WHISPER_DIR = os.path.join(STORAGE_DIR, "whisper")
LOG_DIR = os.path.join(STORAGE_DIR, "log", "webapp")
INDEX_FILE = os.path.join(STORAGE_DIR, "index")
LOG_ROTATION = False
LOG_INFO_PERFORMANCE = False
# Standard error, which the supervisor writes to one file and rotates.
LOG_FILE_INFO = "-"
LOG_FILE_EXCEPTION = "-"
LOG_FILE_CACHE = "-"
LOG_FILE_RENDERING = "-"

SECRET_KEY = os.environ.get("GRAPHITE_SECRET_KEY") or os.urandom(32).hex()
TIME_ZONE = "UTC"
# Grafana reaches it by a container's name; it listens on 127.0.0.1 or inside the compose network only.
ALLOWED_HOSTS = ["*"]

CARBONLINK_HOSTS = ["127.0.0.1:" + os.environ.get("EUCORA_CARBON_QUERY_PORT", "7002")]
CARBONLINK_TIMEOUT = 1.0

STORAGE_FINDERS = ("whole_files.WholeFiles",)

# Sums over a month read many files; a busy machine needs more for them than the 3 and 6 s after which it answers 500.
FIND_TIMEOUT = 30.0
FETCH_TIMEOUT = 30.0

# graphite-web's own caches keep answers for 60 and 300 seconds: new points would show late.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
FIND_CACHE_DURATION = 0
DEFAULT_CACHE_DURATION = 0

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.environ.get("GRAPHITE_DATABASE", os.path.join(STORAGE_DIR, "graphite.db")),
    }
}
