#!/bin/sh
# The image of this example: Debian's PostgreSQL with a database that is filled already, and what warms it up.
#
#     build.sh DIRECTORY ACCOUNTS
. "$(dirname -- "$0")/../debian-image.sh"

unpack postgresql
install -D --mode=755 --target-directory="$tree/srv" "$example/serve.sh"
install -D --mode=644 --target-directory="$tree/srv" "$example/warm.sql" "$example/take-mail.sql"

# The database is made here, where the processor is a real one, and once for all. PostgreSQL refuses to be root.
echo 'postgres:x:100:101::/srv:/bin/sh' >>"$tree/etc/passwd"
echo 'postgres:x:101:' >>"$tree/etc/group"
install -d --owner=100 --group=101 --mode=700 "$tree/srv/data"
mknod --mode=666 "$tree/dev/null" c 1 3
programs=$(cd "$tree" && echo usr/lib/postgresql/*/bin)
postgres() { chroot --userspec=100:101 "$tree" "/$programs/$@" >/dev/null; }
postgres initdb --pgdata=/srv/data --encoding=UTF8 --locale=C.UTF-8 --auth-local=peer --auth-host=scram-sha-256 --no-sync
cat "$example/postgresql.conf" >>"$tree/srv/data/postgresql.conf"
echo 'host all all all scram-sha-256' >>"$tree/srv/data/pg_hba.conf"
postgres postgres --single -D /srv/data postgres <<SQL
create role tester login
create database shop owner tester
SQL
postgres postgres --single -D /srv/data shop <<SQL
create extension pg_prewarm
create table accounts (id integer primary key, owner text not null, balance integer not null)
insert into accounts select id, 'owner ' || id, 1000 from generate_series(1, $size) id
alter table accounts owner to tester
vacuum freeze analyze
SQL
rm "$tree/dev/null"
publish --config.env "PATH=/$programs:/usr/bin:/bin" --config.env PGHOST=/tmp --config.user postgres --config.workingdir /srv \
  --config.entrypoint /srv/serve.sh --config.exposedports 5432/tcp
