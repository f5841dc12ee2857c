-- Every table and index into the shared buffers, and what a test is likely to ask into the caches behind them.
select count(pg_prewarm(oid)) as "relations in memory" from pg_class where relkind in ('r', 'i', 't');
select count(*), sum(balance) from accounts;
