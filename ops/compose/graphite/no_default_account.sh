#!/bin/sh
# Replaces the image's django_admin_init.sh, which creates the account root with the password root in graphite-web.
exit 0
