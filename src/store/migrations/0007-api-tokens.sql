-- Bearer tokens of the API. Of a secret only its SHA-256: it is 256 random bits, which nobody finds by trying, so a slow hash would protect nothing more.
create table api_tokens (
  id              text primary key,
  name            text not null,
  secret_digest   blob not null check (length(secret_digest) = 32),
  grants          text not null,
  created_by      text not null,
  created_at_ms   integer not null,
  expires_at_ms   integer,
  last_used_at_ms integer,
  revoked_at_ms   integer
) strict;
