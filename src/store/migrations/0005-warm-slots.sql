-- How many children of a source are kept ready. The slots themselves live in the server's memory: after a crash they are reaped and made anew.
create table warm_slots (
  source_kind text not null check (source_kind in ('instance', 'snapshot')),
  source_id   text not null,
  count       integer not null,
  primary key (source_kind, source_id)
) strict;
