-- Who came from whom. Names are kept, because an ancestor may be gone while its descendants live.
create table lineage (
  child_id     text primary key,
  child_name   text not null,
  parent_id    text not null,
  parent_name  text not null,
  -- The snapshot it was forked from; null when it was forked from its parent itself.
  snapshot_id  text,
  -- Forks between it and an instance that was booted.
  depth        integer not null check (depth > 0),
  created_at   text not null
) strict;

create index lineage_by_parent on lineage (parent_id);

-- What the instances of an earlier schema still know: a parent that is gone has lost its name.
insert into lineage (child_id, child_name, parent_id, parent_name, snapshot_id, depth, created_at)
with recursive known (id, depth) as (
  select id, case when parent_id is null then 0 else 1 end from instances
    where parent_id is null or parent_id not in (select id from instances)
  union all
  select instances.id, known.depth + 1 from instances join known on instances.parent_id = known.id
)
select child.id, child.name, child.parent_id, coalesce(parent.name, child.parent_id), null, known.depth, child.created_at
  from instances as child join known on known.id = child.id left join instances as parent on parent.id = child.parent_id
  where child.parent_id is not null;
