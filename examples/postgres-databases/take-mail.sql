-- This session stands still in its fourth line while the VM is forked. Every child's session goes on there with its own mail.
\! mailbox arm database
\echo warm
\set mail `mailbox wait database --no-ack`
select format('alter database shop rename to %I', :'mail'::json->>'name'),
       format('alter role tester password %L', :'mail'::json->>'password') \gexec
\! mailbox ack database
