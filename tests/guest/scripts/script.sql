create table t (id integer primary key, name text, value real);
with recursive n(i) as (select 1 union all select i + 1 from n where i < 500)
insert into t select i, 'row ' || (i * 7919 % 500), i * 1.5 from n;
create index by_name on t (name);
select count(*), sum(value), avg(value), min(name), max(name) from t;
select name, value from t where name like 'row 4%' order by name limit 5;
select round(value / 7.0, 6), typeof(value), hex(name), length(name) from t where id in
  (1, 250, 500);
update t set value = value * 2 where id % 3 = 0; delete from t where id > 400;
select total(value), count(distinct name) from t; pragma integrity_check; vacuum;
select json_extract('{"a": [1, 2, {"b": 3}]}', '$.a[2].b'),
  printf('%08.3f', 3.14159), date('2024-02-29', '+1 year');
