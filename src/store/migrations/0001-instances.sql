-- Truth about intent; what runs is asked of the machine. Columns of JSON are read and written whole by instance-store.ts.
create table instances (
  id             text primary key,
  name           text not null unique,
  image          text not null,
  workload       text not null,
  tags           text not null,
  spec           text not null,
  created_at     text not null,
  parent_id      text,
  resting_state  text not null check (resting_state in ('Stopped', 'Standby')),
  -- Set while an operation changes files or processes; found set at start, the operation is finished or undone.
  operation      text check (operation in ('create', 'start', 'stop', 'standby', 'restore', 'fork', 'checkpoint', 'replace', 'delete')),
  process        text,
  workload_exit  text,
  state_error    text
) strict;

-- No foreign key: a child outlives its parent, and still says where it came from.
create index instances_by_parent on instances (parent_id);
