# Two sqlite3 processes write one database in WAL mode.
echo 'pragma journal_mode=wal; create table t(who, n); create table c(x); insert into c values (0);' | sqlite3 base
writer() { for n in $(seq 30); do echo "begin immediate; insert into t values ('$1', $n); update c set x = x + 1; commit;"; done | sqlite3 -cmd '.timeout 60000' base; }
writer a > /dev/null & writer b > /dev/null & wait
sqlite3 base 'select who, count(*), sum(n), max(n) from t group by who; select x from c; pragma integrity_check; pragma wal_checkpoint(truncate)'
sqlite3 base '.shell echo from the shell' 'select 1'; echo 'select 2;' | sqlite3 base | tr 2 3; sqlite3 base '.once |sort -r' 'select distinct who from t'
sqlite3 base "pragma journal_mode=delete"; ls base*; rm base
