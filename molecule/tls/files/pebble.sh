#!/bin/sh
# Make an ACME server of the peer: pebble, and the name server that it asks and that takes updates with a TSIG key.
#
#   sh pebble.sh [ADDRESS]      ADDRESS (192.0.2.53) is where both are reached
#
# https://ADDRESS:14000/dir   the directory; HTTP-01 is asked at port 80
# ADDRESS port 5300           the names: mx11.example.test to mx13 are 192.0.2.11 to 13, and so are mx11.acme.test to mx13
#                             with all names below them; TXT records of acme.test can be updated
# /srv/acme/tls.crt           the authority of pebble's own certificate
# /srv/acme/root.crt          the authority of what pebble issues, another one after each start
# /srv/acme/tsig              the name, the algorithm and the secret of the TSIG key
set -eu
address=${1:-192.0.2.53}
export DEBIAN_FRONTEND=noninteractive

# The name server is started below, beside the one that may hold port 53.
packages() { apt-get -qq install --no-install-recommends pebble bind9 openssl python3 >/dev/null 2>&1; }
if [ ! -e /usr/bin/pebble ] || [ ! -e /usr/sbin/named ]; then
    systemctl mask --quiet named.service
    packages || { apt-get -qq update && packages; }
fi

install -d /srv/acme
install -d -o bind -g bind /srv/acme/zone
cd /srv/acme

[ -e tsig.key ] || (umask 077 && tsig-keygen -a hmac-sha256 acme-key >tsig.key && chgrp bind tsig.key && chmod 640 tsig.key)
(umask 077 && echo "acme-key HMAC-SHA256 $(sed -n 's/.*secret "\(.*\)".*/\1/p' tsig.key)" >tsig)
cat >named.conf <<END
include "/srv/acme/tsig.key";
options {
    directory "/srv/acme/zone";
    pid-file none;
    session-keyfile none;
    listen-on port 5300 { any; };
    listen-on-v6 { none; };
    recursion no;
    dnssec-validation no;
};
controls { };
zone "acme.test" {
    type primary;
    file "acme.test";
    update-policy { grant acme-key zonesub TXT; };
};
zone "example.test" {
    type primary;
    file "example.test";
};
END
rm -f zone/*
for zone in acme.test example.test; do
    {
        echo "\$TTL 1"
        echo '@ SOA ns hostmaster 1 60 60 60 1'
        echo '@ NS ns'
        echo "ns A $address"
        for number in 11 12 13; do
            echo "mx$number A 192.0.2.$number"
            [ $zone != acme.test ] || echo "*.mx$number A 192.0.2.$number"
        done
    } >zone/$zone
    chown bind:bind zone/$zone
done

new() { openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -x509 -days 30 "$@" 2>/dev/null; }
if [ ! -e tls.crt ]; then
    new -keyout authority.key -out tls.crt -subj '/CN=Authority of the ACME server' \
        -addext keyUsage=critical,keyCertSign
    new -keyout pebble.key -out pebble.pem -subj /CN=pebble -CA tls.crt -CAkey authority.key \
        -addext basicConstraints=critical,CA:FALSE -addext "subjectAltName=IP:$address,IP:127.0.0.1"
fi
cat >pebble.json <<END
{
  "pebble": {
    "listenAddress": "0.0.0.0:14000",
    "managementListenAddress": "127.0.0.1:15000",
    "certificate": "/srv/acme/pebble.pem",
    "privateKey": "/srv/acme/pebble.key",
    "httpPort": 80,
    "tlsPort": 443,
    "certificateValidityPeriod": 7776000
  }
}
END

service() {
    name=$1
    shift
    systemctl stop "$name.service" 2>/dev/null || true
    systemctl reset-failed "$name.service" 2>/dev/null || true
    systemd-run --quiet --unit="$name" "$@"
}
service acme-names named -f -u bind -c /srv/acme/named.conf
service acme-pebble --setenv=PEBBLE_VA_NOSLEEP=1 --setenv=PEBBLE_AUTHZREUSE=0 --setenv=PEBBLE_WFE_NONCEREJECT=0 \
    pebble -config /srv/acme/pebble.json -dnsserver 127.0.0.1:5300
python3 - <<END >root.crt
import ssl, time, urllib.request
trust = ssl.create_default_context(cafile="tls.crt")
for attempt in range(40):
    try:
        print(urllib.request.urlopen("https://127.0.0.1:15000/roots/0", context=trust).read().decode(), end="")
        break
    except OSError:
        time.sleep(0.5)
END
grep -q BEGIN root.crt
