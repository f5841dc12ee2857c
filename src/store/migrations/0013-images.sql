-- Root filesystems that were pulled, each once, by the digest of its manifest.
create table image_contents (
  digest     text primary key,
  platform   text not null,
  config     text not null,
  blobs      text not null,
  size_bytes integer not null
) strict;

-- Names of images. The file of a content exists before its row does; a name points to a content when its status is ready, and meanwhile
-- previous_digest does. Credentials are never stored.
create table images (
  name            text primary key,
  digest          text not null,
  previous_digest text,
  status          text not null check (status in ('pending', 'pulling', 'converting', 'ready', 'failed')),
  error           text,
  pull            text not null,
  tags            text not null,
  created_at      text not null
) strict;

-- What an image brings stands beside what the instance was asked for; images of an earlier schema brought nothing.
update instances set workload = json_set(workload, '$.imageEnv', json('{}'), '$.workingDir', null, '$.user', null, '$.stopSignal', null)
  where json_valid(workload);
update snapshots set template = json_set(template, '$.workload.imageEnv', json('{}'), '$.workload.workingDir', null, '$.workload.user', null,
  '$.workload.stopSignal', null) where json_valid(template);
