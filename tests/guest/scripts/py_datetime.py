import datetime as d
import time

print(
    d.datetime.fromtimestamp(2e9, d.UTC),
    d.date(2024, 2, 29) + d.timedelta(365),
    time.gmtime(-1)[:6],
    d.datetime(1900, 1, 1).isocalendar(),
)
