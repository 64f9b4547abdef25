#!/bin/sh
# Make the peer's certificates and SASL users and start its servers; users and passwords come on standard input.
set -eu
cd /etc/postfix
new() { openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 "$@" 2>/dev/null; }

new -keyout authority.key -out authority.pem -subj '/CN=Test authority'
new -keyout remote.key -out remote.crt -subj /CN=mx.remote.test -CA authority.pem -CAkey authority.key \
    -addext basicConstraints=critical,CA:FALSE \
    -addext subjectAltName=DNS:mx.remote.test,DNS:hub.remote.test,DNS:smart.remote.test,DNS:secure.test
new -keyout nobody.key -out nobody.crt -subj /CN=wrong.remote.test -addext subjectAltName=DNS:wrong.remote.test
for name in remote nobody; do
    (umask 077 && cat "$name.key" "$name.crt" >"$name.pem")
done

cat >sasl/smtpd.conf <<EOF
pwcheck_method: auxprop
auxprop_plugin: sasldb
mech_list: PLAIN LOGIN
EOF
while read -r user password; do
    echo "$password" | saslpasswd2 -c -p -u remote.test "${user%@*}"
done
chgrp postfix /etc/sasldb2
chmod 640 /etc/sasldb2

rm -rf /var/lib/kept
install -d -o nobody -g nogroup /var/lib/kept
systemctl restart unbound.service postfix.service
