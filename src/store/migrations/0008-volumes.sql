-- A row comes after its files are whole, and goes before they are removed: files without a row are swept at start.
create table volumes (
  id         text primary key,
  name       text not null unique,
  size_bytes integer not null,
  tags       text not null,
  created_at text not null
) strict;

-- Which instance has which volume, in the order of its request. Removed with the instance.
create table volume_attachments (
  instance_id text not null,
  volume_id   text not null references volumes (id),
  position    integer not null,
  mount_path  text not null,
  mode        text not null check (mode in ('read_only', 'overlay', 'read_write')),
  primary key (instance_id, volume_id)
) strict;
create index volume_attachments_by_volume on volume_attachments (volume_id);
