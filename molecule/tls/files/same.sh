#!/bin/sh
# Print the fingerprint of the certificate of pebble that all ports show: same.sh ADDRESS NAME
# It must be the same with NAME (SNI) and without, for NAME, and of pebble's authority.
set -eu
address=$1 name=$2

# look PORT SNI [OPTION...]
look() {
    port=$1 sni=$2
    shift 2
    if [ -n "$sni" ]; then set -- -servername "$sni" "$@"; else set -- -noservername "$@"; fi
    openssl s_client -connect "$address:$port" -CAfile /srv/acme/root.crt -no-CApath -verify_return_error \
        -verify_hostname "$name" "$@" </dev/null 2>/dev/null | openssl x509 -noout -fingerprint -sha256 ||
        echo "port $port shows another one: $*"
}

all=$(
    for sni in "$name" ''; do
        for port in 465 993 995; do
            look $port "$sni"
        done
        for service in smtp:25 smtp:587 imap:143 pop3:110 sieve:4190; do
            look "${service#*:}" "$sni" -starttls "${service%:*}"
        done
    done
)
echo "$all" | sort -u
[ "$(echo "$all" | sort -u | wc -l)" = 1 ]
