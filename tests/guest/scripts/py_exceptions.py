import os

for f in (
    lambda: open("/nope/x"),
    lambda: os.rmdir("dir"),
    lambda: open("dir", "w"),
    lambda: os.readlink("words.txt"),
    lambda: os.mkdir("dir"),
    lambda: 1 // 0,
):
    try:
        f()
    except Exception as e:
        print(type(e).__name__, e)
raise SystemExit(3)
