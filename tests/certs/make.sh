#!/bin/sh
# Makes the certificates of the tests, with the keys that belong to them.
#
# Usage: sh tests/certs/make.sh, with OpenSSL 3. The keys are no secret: nothing
# but the tests trusts them.
set -eu
cd "$(dirname "$0")"
from=20200101000000Z
to=21200101000000Z

cat > ca.tmp <<END
[ca]
default_ca = authority
[authority]
database = index.tmp
rand_serial = yes
new_certs_dir = .
certificate = ca.pem
default_md = sha256
unique_subject = no
policy = any
[any]
commonName = supplied
organizationName = optional
END
touch index.tmp

key() {
  openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1"
}

# issue NAME KEY SUBJECT EXTENSIONS OPTIONS...: makes NAME.pem for a key.
issue() {
  name=$1 key=$2 subject=$3 extensions=$4
  shift 4
  openssl req -new -key "$key" -subj "$subject" -out request.tmp
  printf '%s\n' "$extensions" > extensions.tmp
  openssl ca -batch -notext -config ca.tmp -in request.tmp -out "$name.pem" \
    -extfile extensions.tmp -startdate $from -enddate $to "$@"
}

authority='basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash'
key ca.key.tmp
issue ca ca.key.tmp "/O=Berkeley/CN=Authority of the tests" "$authority" \
  -selfsign -keyfile ca.key.tmp

server='basicConstraints = critical, CA:FALSE
subjectAltName = DNS:localhost, DNS:*.wild.example, IP:127.0.0.1, IP:::1
extendedKeyUsage = serverAuth'
key server.key
issue server server.key "/O=Berkeley/CN=localhost" "$server" \
  -keyfile ca.key.tmp
issue expired server.key "/O=Berkeley/CN=localhost" "$server" \
  -keyfile ca.key.tmp -enddate 20210101000000Z

key client.key
issue client client.key "/O=Berkeley/CN=client" \
  'basicConstraints = critical, CA:FALSE
extendedKeyUsage = clientAuth' -keyfile ca.key.tmp

key selfsigned.key
issue selfsigned selfsigned.key "/CN=localhost" \
  'basicConstraints = critical, CA:FALSE
subjectAltName = DNS:localhost' -selfsign -keyfile selfsigned.key

# Of version 1, in the name of the authority, which has not signed it.
key other.key.tmp
issue other.tmp other.key.tmp "/O=Berkeley/CN=Authority of the tests" \
  "$authority" -selfsign -keyfile other.key.tmp
openssl req -new -key server.key -subj "/CN=localhost" -out request.tmp
openssl x509 -req -in request.tmp -CA other.tmp.pem -CAkey other.key.tmp \
  -days 36500 -out forged.pem

openssl pkcs8 -topk8 -in server.key -passout pass:secret -out locked.key
cat server.key server.pem > both.pem
rm -f ./*.tmp ./*.tmp.* ./[0-9A-F]*.pem
