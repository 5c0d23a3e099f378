#!/bin/sh
# Run once by the database's image, on an empty volume: the account that the app processes use.
# It owns nothing; `python -m lib migrate --app-role app` grants it what it needs, no more.
set -eu
psql --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" --set ON_ERROR_STOP=1 \
  --set password="$(cat /run/secrets/app_password)" <<'SQL'
CREATE ROLE app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT PASSWORD :'password';
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
SQL
