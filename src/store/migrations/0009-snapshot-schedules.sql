-- Which snapshots a schedule took: its retention is about them and no others.
alter table snapshots add column scheduled integer not null default 0;
create index scheduled_snapshots on snapshots (instance_id) where scheduled = 1;

-- Times are milliseconds since the epoch. No foreign key: a schedule outlives its instance until retention has removed what it took.
create table snapshot_schedules (
  instance_id      text primary key,
  interval_ms      integer not null,
  max_count        integer,
  max_age_ms       integer,
  name_prefix      text,
  metadata         text not null,
  created_at_ms    integer not null,
  updated_at_ms    integer not null,
  next_run_at_ms   integer not null,
  last_run_at_ms   integer,
  last_snapshot_id text,
  last_error       text
) strict;
