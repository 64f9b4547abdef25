#!/bin/sh
# Make the peer the name server of the test net, and start it: zones.sh NUMBER... with the secret of the key `updates` on
# standard input. /srv/dns has:
#
#   updates.key   the key that may update the zones of our servers
#   zones/        exampleNUMBER.test and sisterNUMBER.test, signed and with no more than a name server, for our servers to
#                 fill; the zones of the world beside this script; the reverse zones
#   keys/         what the world signs mail with: w1.key is RSA, w2.key the seed of an Ed25519 key
#   anchors       the keys of the signed zones, for the resolver; that of bogus.test is not the one that it is signed with
set -eu
here=$(dirname "$0")
read -r secret
address=192.0.2.54

# A resolver of before may hold port 53 of every address.
systemctl stop zones.service unbound.service 2>/dev/null || true
rm -rf /srv/dns
install -d /srv/dns /srv/dns/keys
install -d -o bind -g bind /srv/dns/zones
cd /srv/dns

(umask 077 && printf 'key "updates" { algorithm hmac-sha256; secret "%s"; };\n' "$secret" >updates.key)
chgrp bind updates.key && chmod 640 updates.key

# What the world signs with.
public() { openssl pkey -in "$1" -pubout -outform DER | tail -c "$2" | base64 --wrap 0; }
openssl genpkey -quiet -algorithm rsa -pkeyopt rsa_keygen_bits:2048 -out keys/w1.key
openssl genpkey -algorithm ed25519 -out keys/w2.pem
openssl pkey -in keys/w2.pem -outform DER | tail -c 32 | base64 >keys/w2.key
rsa=$(public keys/w1.key +1)
edwards=$(public keys/w2.pem 32)

start() {
    cat <<'END'
$TTL 1
@ SOA ns.remote.test. hostmaster.remote.test. 1 60 60 600 1
@ NS ns.remote.test.
END
}

# A domain of the world, with what DMARC is to do about forged mail.
domain() {
    start
    cat <<END
@ MX 10 mx.remote.test.
@ TXT "v=spf1 ip4:192.0.2.25 ip6:2001:db8::25 -all"
_dmarc TXT "v=DMARC1; p=$1; adkim=s; aspf=s"
w1._domainkey TXT "v=DKIM1; k=rsa; p=" $(echo "$rsa" | fold -w 200 | sed 's/.*/"&"/' | tr '\n' ' ')
w2._domainkey TXT "v=DKIM1; k=ed25519; p=$edwards"
END
}

zone() {
    echo "zone \"$1\" { type primary; file \"$1\"; $2 };" >>named.conf
    printf '%s NS ns.remote.test.\n' "${1%.test}" | grep -v arpa >>zones/test || true
}

cat >named.conf <<END
include "/srv/dns/updates.key";
options {
    directory "/srv/dns/zones";
    pid-file none;
    session-keyfile none;
    listen-on { $address; };
    listen-on-v6 { none; };
    recursion no;
    dnssec-validation no;
    notify no;
};
controls { };
zone "test" { type primary; file "test"; };
END
start >zones/test
printf 'ns.remote A %s\nns2.remote A 192.0.2.53\n' "$address" >>zones/test

filled='dnssec-policy default; inline-signing no; update-policy { grant updates zonesub ANY; };'
for number in "$@"; do
    for name in example sister; do
        zone "$name$number.test" "$filled"
        start >"zones/$name$number.test"
    done
done
for policy in reject quarantine none; do
    zone "$policy.test" ""
    domain "$policy" >"zones/$policy.test"
done
zone remote.test ""
{ domain none && cat "$here/remote.zone"; } >zones/remote.test
zone wrong.test "update-policy { grant updates zonesub ANY; };"
{ start && cat "$here/wrong.zone"; } >zones/wrong.test
zone bogus.test "dnssec-policy default; inline-signing no; update-policy { grant updates zonesub ANY; };"
domain none >zones/bogus.test
# A zone that its server cannot load, and one with a second server that does not have it.
zone servfail.test ""
echo 'This is no zone.' >zones/servfail.test
zone lame.test ""
{ domain none && echo '@ NS ns2.remote.test.'; } >zones/lame.test

for reverse in 2.0.192.in-addr.arpa 8.b.d.0.1.0.0.2.ip6.arpa; do
    zone $reverse ""
    start >zones/$reverse
done
for number in "$@"; do
    echo "$number PTR mx.example$number.test." >>zones/2.0.192.in-addr.arpa
    digits=$(printf %04d "$number" | rev | sed 's/./&./g')
    echo "${digits}0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0 PTR mx.example$number.test." >>zones/8.b.d.0.1.0.0.2.ip6.arpa
done
cat "$here/reverse.zone" >>zones/2.0.192.in-addr.arpa
chown bind:bind zones/*

systemctl reset-failed zones.service 2>/dev/null || true
systemd-run --quiet --unit=zones.service named -f -u bind -c /srv/dns/named.conf
# The keys of the signed zones are made when they are first loaded.
for name in bogus $(for number in "$@"; do echo "example$number sister$number"; done); do
    timeout 20 sh -c "until ls /srv/dns/zones/K$name.test.*.key >/dev/null 2>&1; do sleep 0.2; done"
done
cat zones/Kexample*.key zones/Ksister*.key >anchors
sed "s/^sister$1/bogus/" zones/Ksister"$1".test.*.key >>anchors
systemctl restart unbound.service
