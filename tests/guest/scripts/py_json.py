import json

d = json.load(open("tree.json"))
print(json.dumps(d, sort_keys=True)[:3000])
print(sum(i["x"] for i in d["list"]))
print(json.loads('[1e400, -0.0, "\\u20ac", 12345678901234567890]'))
