-- A row comes after its files are whole, and goes before they are removed: files without a row are swept at start.
create table volumes (
  id         text primary key,
  name       text not null unique,
  size_bytes integer not null,
  tags       text not null,
  created_at text not null
) strict;
