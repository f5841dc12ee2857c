-- Who did what. Of payloads only a keyed digest (src/domain/history/audit-log.ts).
create table audit (
  id            integer primary key,
  at            text not null,
  request_id    text,
  caller_id     text,
  caller_name   text,
  action        text not null,
  outcome       text not null,
  code          text,
  instance_id   text,
  instance_name text,
  source_id     text,
  source_name   text,
  snapshot_id   text,
  generation    text,
  mailboxes     text
) strict;
create index audit_by_instance on audit (instance_id);
create index audit_by_source on audit (source_id);
