import sqlite3

c = sqlite3.connect("py.db")
c.execute("create table t(a, b)")
c.executemany("insert into t values(?, ?)", ((i, i * 0.5) for i in range(500)))
c.commit()
print(c.execute("select sum(a), avg(b), max(a) from t where a % 3").fetchall())
