#!/bin/sh
# Starts PostgreSQL, warms it, and leaves a session of psql waiting for mail. The VM ends when PostgreSQL does.
set -eu
postgres -D /srv/data &
until pg_isready --quiet; do sleep 0.1; done
psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --file=warm.sql shop
psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --file=take-mail.sql postgres
wait
