-- What a child that stands still with its mail in memory is to be released with: JSON, null for any other. The mail itself and its tokens
-- are in the guest's memory and nowhere else.
alter table instances add column held text;
