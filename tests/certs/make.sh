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

# Issued by certificates that are trusted, though not for that.
by() {
  issuer=$1
  shift
  issue "$@" -cert "$issuer.pem" -keyfile selfsigned.key
}
by selfsigned issued server.key "/CN=localhost" "$server"

# root NAME EXTENSIONS: issues itself.
root() {
  issue "$1" selfsigned.key "/CN=$1" "$2" -selfsign -keyfile selfsigned.key
}
root limited 'basicConstraints = critical, CA:TRUE, pathlen:0'
by limited signer server.key "/CN=localhost" \
  'subjectAltName = DNS:localhost
keyUsage = critical, keyCertSign'
by limited between client.key "/CN=between" "$authority"
issue leaf.tmp server.key "/CN=localhost" "$server" \
  -cert between.pem -keyfile client.key
cat leaf.tmp.pem between.pem > deep.pem

root unsigning 'basicConstraints = critical, CA:TRUE
keyUsage = critical, digitalSignature'
by unsigning unsigned server.key "/CN=localhost" "$server"

root clients 'basicConstraints = critical, CA:TRUE
extendedKeyUsage = clientAuth'
by clients unsuitable server.key "/CN=localhost" "$server"

openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:1024 \
  -out small.key
issue small small.key "/CN=localhost" "$server" -selfsign -keyfile small.key

openssl pkcs8 -topk8 -in server.key -passout pass:secret -out locked.key
cat server.key server.pem > both.pem
rm -f ./*.tmp ./*.tmp.* ./[0-9A-F]*.pem
