-- What an instance remembers of its life, and what is to happen to it by itself.
alter table instances add column started_at text;
-- Milliseconds since the epoch; null: never.
alter table instances add column expires_at_ms integer;
alter table instances add column restart_policy text;
alter table instances add column restart_status text not null
  default '{"attempts":0,"lastAttemptAtMs":null,"nextAttemptAtMs":null,"blockedReason":null}';
-- How long it was in which phase; null until its first phase was noted.
alter table instances add column history text;

create index instances_by_expiry on instances (expires_at_ms) where expires_at_ms is not null;
create index instances_by_restart on instances (restart_status ->> 'nextAttemptAtMs') where restart_status ->> 'nextAttemptAtMs' is not null;

update snapshots set template = json_set(template, '$.restartPolicy', null);
