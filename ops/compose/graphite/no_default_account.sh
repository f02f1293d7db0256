#!/bin/sh
# In place of the image's django_admin_init.sh, which gives graphite-web the account root with the password root.
exit 0
