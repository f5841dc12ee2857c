-- Answers of calls with an idempotency key, for a day. Of the request only a digest.
create table idempotency_keys (
  key           text primary key,
  digest        text not null,
  answer        text not null,
  created_at_ms integer not null
) strict;
