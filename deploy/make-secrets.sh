#!/bin/sh
# Makes the passwords that compose.yaml takes from files, once. Nobody else of this machine gets into their directory;
# the files themselves are readable, because the containers' users have other numbers.
set -eu
cd "$(dirname "$0")"
if [ -e secrets ]; then
  echo "deploy/secrets is there already; nothing was changed." >&2
  exit 1
fi
password() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }
mkdir -m 0700 secrets
cd secrets
umask 022
password > superuser_password
password > owner_password
password > requests_password
printf 'postgres://omnispindle_owner:%s@postgres:5432/omnispindle\n' "$(cat owner_password)" > migration_url
printf 'postgres://omnispindle_requests:%s@postgres:5432/omnispindle\n' "$(cat requests_password)" > database_url
echo 'Made deploy/secrets. Start with: docker compose -f deploy/compose.yaml up --build'
