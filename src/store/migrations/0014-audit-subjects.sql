-- What a call was about when that is no instance: an image, a snapshot, a volume or a token.
alter table audit add column subject_kind text;
alter table audit add column subject_id text;
alter table audit add column subject_name text;
