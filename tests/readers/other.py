"""What the PyYAML on `sys.path`, or Python's `json`, reads of files: for each path on standard input one line of JSON."""

import json
import sys

import yaml


def plain(value):
    """The value; what JSON has no name for as a list that begins with `!`."""
    if isinstance(value, dict):
        odd = [key for key in value if not isinstance(key, str)]
        return ["!dict", [[plain(k), plain(v)] for k, v in value.items()]] if odd else {k: plain(v) for k, v in value.items()}
    if type(value) is list:
        return [plain(item) for item in value]
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return ["!float", repr(value)]
    if isinstance(value, str) and any("\ud800" <= character <= "\udfff" for character in value):
        return ["!surrogates", ascii(value)]
    if value is None or type(value) in (str, bool, int, float):
        return value
    return ["!" + type(value).__name__, repr(value)]


def read(path):
    try:
        with open(path, encoding="utf-8", newline="") as file:
            text = file.read()
        return {"value": plain(json.loads(text) if path.endswith(".json") else yaml.safe_load(text))}
    except Exception as error:
        return {"fails": type(error).__name__}


for line in sys.stdin:
    print(json.dumps(read(line.rstrip("\n"))))
