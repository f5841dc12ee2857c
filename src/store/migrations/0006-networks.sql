-- Each instance's place in the network. The address of one on the bridge is allocated by the insert of its row, and free when that is gone.
alter table instances add column network text not null default '{"mode":"user","ipv4":null,"ports":[]}';
create unique index instances_by_address on instances (network ->> 'ipv4') where network ->> 'ipv4' is not null;
update snapshots set template = json_set(template, '$.network', json('{"mode":"user","ipv4":null,"ports":[]}'));

-- The bridge that exists on the host, or may: noted before it is made and forgotten after it was removed.
create table bridge (
  one  integer primary key check (one = 1),
  name text not null,
  cidr text not null
) strict;
