-- A snapshot holds all that a fork needs to know of the instance it was taken of, which may be gone by then.
create table snapshots (
  id            text primary key,
  name          text not null,
  kind          text not null check (kind in ('Standby', 'Stopped')),
  instance_id   text not null,
  instance_name text not null,
  template      text not null,
  tags          text not null,
  created_at    text not null,
  stored_bytes  integer not null,
  unique (instance_id, name)
) strict;
