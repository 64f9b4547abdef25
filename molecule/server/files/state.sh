#!/bin/sh
# The state of everything that the roles and modules write, to compare before and after. What Dovecot changes by itself is
# left out: its indexes, and the store's file as such, into which it moves the log when it closes it.
set -eu
places='/etc /var/lib/mailautoreply /var/vmail /run/mailaccounts'
# shellcheck disable=SC2086  # several words are meant
find $places -type f -not -path '/var/vmail/*/dovecot*' -exec stat --format '%n %a %U %Y %s' {} + \
    -exec sha256sum {} + | sort
# shellcheck disable=SC2086
find $places -type d -exec stat --format '%n %a %U' {} + | sort
python3 -c 'import sqlite3; print(*sqlite3.connect("/var/lib/mailaccounts/directory.sqlite").iterdump(), sep="\n")'
