#!/bin/sh
# Runs one program of this image: `carbon` or `web`.
set -eu
cd "$GRAPHITE_STORAGE_DIR"
mkdir -p whisper lists rrd log/webapp
case "$1" in
  carbon)
    exec carbon-cache.py --config="$GRAPHITE_CONF_DIR/carbon.conf" --pidfile=/tmp/carbon-cache.pid --nodaemon start ;;
  web) # its database has the marks of deployments
    python -m django migrate --run-syncdb --verbosity 0
    exec gunicorn graphite.wsgi:application --bind 0.0.0.0:8080 --workers "${GRAPHITE_WSGI_PROCESSES:-2}" \
      --threads "${GRAPHITE_WSGI_THREADS:-4}" --no-control-socket --worker-tmp-dir /tmp --log-level warning ;;
  *)
    echo "usage: carbon | web" >&2
    exit 2 ;;
esac
