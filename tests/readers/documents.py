"""Configurations for the comparison of readers: each position times each scalar, in documents of several shapes."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

PLAIN = """
~ null Null NULL nUll true True TRUE tRue false False FALSE yes Yes YES no No NO on On ON off OFF y Y n N t
0 -0 +0 1 -1 +1 007 010 -010 08 09 0o17 0O17 0x1F 0X1F 0xfg 0x 0x_ 0b 0b101 0b_ 0b2 1_000 1__0 _1 1_ 0_ 0_7 0_8 +0x1F -0b11
9223372036854775807 -9223372036854775808 9223372036854775808 18446744073709551615 18446744073709551616
123456789012345678901234567890 -99999999999999999999 0xFFFFFFFFFFFFFFFFFF 0777777777777777777777777777
1.0 1. .5 -.5 +.5 ._5 1.5e3 1.5e+3 1.5E-3 1e3 1E3 1e+3 12e03 12e4567 001234567890e456 1.0e+400 1_0.5 1._5 00.5 08.5 1.2.3 5e-324
.inf -.inf +.inf .Inf .INF .iNF .nan .NaN .NAN nan inf -inf NaN Infinity 0.1 0.30000000000000004 -0.0 1.10 100000000000000000000.0
1:30 12:30 12:30:00 12:30:61 0:30 01:30 -1:30 +1:30 1:60 1:30.5 0:30.5 1:2:3:4 190:20:30 1_0:30 1:5 24:00 1:30:00.25
2024-01-30 2024-02-30 2024-13-01 2024-1-3 0000-01-01 0001-01-01 9999-12-31 2024-01-30T12:30:00 2024-01-30T12:30:00Z
2024-01-30t1:30:00.5+01:30 2024-01-30T25:00:00 2024-01-30T12:60:00 2024-01-30T12:30:00+24:00 2024-01-30T12:30:00-23:59 2024-1-3T1:02:03
2024-01-30T12:30 2024-01 20240130 2024/01/30 2024-01-30x
= == =x << <<x <<: : :: :x x: x:y x::y http://x/y#z c:\\\\d a#b #x -x ?x - ? -- --- ... . .. / // \\ \\n %x @x `x` !x ! !! !!str &x *x
(a) [a] {a} a,b a[b a]b a{b a}b , a'b a"b 'a "a ' " | > |- >+ a|b a>b
é 漢字 𝄞 x\u00a0y x\u0085y x\u2028y x\u2029y x\u200by x\ufeffy \ufeffx x\u007fy x\u0080y x\u009fy x\u0001y x\ufffey
${x} {{x}} $x %(x)s a=b a&b a*b a!b a%b
"""
SPACED = [
    "", " ", "a b", "a  b", "a\tb", "a\t", "\ta", "a \t b", "2024-01-30 12:30:00", "2024-01-30 12:30:00 +1", "2024-01-30  1:30:00.123 Z",
    "2024-01-30 12:30:00 +25", "2024-02-30 12:30:00", "2024-01-30\t12:30:00", "a: b", "a #b", "a # b", "a\t# b", "# b", "- a", "? a", ": a",
    "! a", "! (a > 0)", "!\t(a)", "! 12", "! '12'", "! yes", "! ''", "!!str 12", "!!str", "!!str yes", "!!str '12'", "!!int 12", "!!int '12'",
    "!!int 0x1F", "!!int 1.5", "!!int x", "!!int 08", "!!int 1:30", "!!float 12", "!!float 010", "!!float '1.5'", "!!float x", "!!float .inf",
    "!!bool yes", "!!bool YeS", "!!bool 1", "!!null x", "!!null ''", "!!timestamp 2024-01-30", "!!timestamp x", "!!binary aGk=",
    "!!binary x", "!!set {a, b}", "!!omap [a: 1, b: 2]", "!!pairs [a: 1, a: 2]", "!!seq [a]", "!!map {a: 1}", "!!seq {a: 1}", "!!map [a]",
    "!!str [a]", "!!str {=: a}", "!!python/name:os.system x", "!own x", "!<tag:yaml.org,2002:str> 12", "!!merge x", "!!value =", "!!yaml x",
    "&x 12", "&x.y 12", "&x/y 12", "&é 12", "&x-y_1 12", "&x: 12", "&x,y 12", "&x#y 12", "!!str &x 12", "&x !!str 12",
    "''", "'a'", "'12'", "'a''b'", "'a\tb'", "'a\\nb'", "'2024-01-30'", "'=' ", "'<<'", "' a '", "'a #b'", "'a: b'", "'x\u2028y'", "'x\u0085y'",
    '""', '"a"', '"12"', '"a\\tb"', '"a\tb"', '"\\u00e9"', '"\\xe9"', '"\\ud834\\udd1e"', '"\\ud834"', '"\\udd1e"', '"\\uD834\\uDD1E"',
    '"\\U0001d11e"', '"\\U00110000"', '"\\/"', '"\\N\\_\\L\\P"', '"\\e\\a\\0\\v"', '"\\q"', '"\\\\ud834"', '"\\\\\\\\"', '"a\\"b"', '"\\ "',
    '"x\u2028y"', '"x\u0085y"', '"x\u0080y"', '"x\ufeffy"', '"x\u0001y"', "'a'b", '"a"b', "'a' b", "'a'\t", '"a"\t# c', "'a'# c", "'a' # c",
    "[]", "[ ]", "[a, b]", "[a,b]", "[a,]", "[,a]", "[a,,b]", "[a b]", "[\ta]", "[a,\tb]", "[a\t, b]", "[a: b]", "[a:b]", "[? a]", "[a, #c]",
    "[[a], [b]]", "[1, 010, 1:30]", "['a':b]", "[-1]", "[- a]", "[a]b", "[a] #c", "[a]#c", "[a", "a]", "[&x a, *x]", "[*x]", "*x", "*y",
    "{}", "{a: 1}", "{a:1}", "{a: 1,}", "{a}", "{a, b: 1}", "{'a':1}", '{"a":1}', "{a: {b: c}}", "{a: 1, a: 2}", "{1: a}", "{1: a, '1': b}",
    "{yes: a}", "{null: a}", "{~: a}", "{: a}", "{? a : b}", "{? a}", "{=: a}", "{<<: {a: 1}}", "{'<<': {a: 1}}", "{<<: a}", "{<<: }", "{<<: []}",
    "{2024-01-30: a}", "{1.5: a}", "{010: a}", "{.inf: a}", "{[a]: b}", "{{a: b}: c}", "{!!str 1: a}", "{!!int '1': a}", "{! 1: a}", "{a: b: c}",
    "{a b: c}", "{a\t: b}", "{a:\tb}", "{a : b}", "{\ta: b}", "{a: ,b: c}", "{&x a: *x}", "{a#b: c}", "{a: #c\n}", "{ }", "{a: b}c", "{'': a}",
    '{"a\\u00e9": 1}', "{12:30: a}", "{0x1F: a, 31: b}", "{!!binary aGk=: a}", "{!!null a: b}", "{? [a] : b}",
]
BLOCKS = [
    "|\n    a\n    b\n", "|-\n    a\n    b\n\n", "|+\n    a\n\n", ">\n    a\n    b\n", ">-\n    a\n\n    b\n", ">+\n    a\n      b\n    c\n\n\n",
    "|2\n     a\n    b\n", "|\n\n    a\n", "|\n     \n    a\n", "|\n    a\tb\n", "|\n    \ta\n", "|\t\n    a\n", "| # c\n    a\n", "|\t# c\n    a\n",
    "|\n    # a\n    b\n", ">\n    a\n    \tb\n    c\n", ">\n      a\n    b\n", "|\n    a", ">\n    a", "|-\n    a", "|+\n    a", "|\n", ">\n", "|0\n    a\n",
    "|\n    x\u2028y\n", "|\n    x\u0085y\n", "|\n    2024-01-30\n", "|\n    12\n", ">\n    a \n    b\n", ">\n    a\n     \n    b\n", "|\n  \t\n    a\n",
    "\n    a\n    b\n", "a\n    b\n", "a\n\n    b\n", "a\n    # c\n    b\n", "a\n    b # c\n", "2024-01-30\n    12:30:00\n", "'a\n    b'\n", "'a\n\n    b'\n",
    '"a\n    b"\n', '"a\\\n    b"\n', '"a\n\n    b"\n', '"a \t\n    \tb"\n', '"a\n  b"\n', "'a\n b'\n", "\n    - a\n    - b\n", "\n    - - a\n      - b\n",
    "\n    a: 1\n    b: 2\n", "\n    ? a\n    : b\n", "\n    ? |\n      a\n    : b\n", "\n    ? [a]\n    : b\n", "\n    ? a\n", "\n    - a: 1\n      b: 2\n",
    "\n    -\ta\n", "\n    -\t- a\n", "\n    a:\tb\n", "\n    a: b\t\n", "\n    a : b\n", "\n    a:\n    - b\n", "\n    a:\n\t\n    b: c\n", "\n    a: b\n\t# c\n",
    "\n    a: b\n  # c\n    d: e\n", "\n    'a': 'b'\n    \"c\": d\n", "\n    - !!str 12\n    - !!int '3'\n", "\n    - &x a\n    - *x\n    - &x b\n    - *x\n",
    "\n    &x a: *x\n", "\n    *x : a\n", "\n    !!set\n    ? a\n    ? b\n", "\n    !!omap\n    - a: 1\n", "\n    - 1\n   - 2\n", "\n    a: 1\n     b: 2\n",
    "[a,\n    b]\n", "[a,\nb]\n", "{a: 1,\n    b: 2}\n", "{a:\n    1}\n", "{a\n    : 1}\n", "[a\n    b]\n", "{a: b\n    c}\n", "[a, # c\n    b]\n", "{'a'\n    :1}\n",
    "[\n    a,\n    ]\n", "{\n    a: 1\n    }\n", "{\n  a: 1\n}\n", "[\n\ta\n]\n", "\n    " + "k" * 1020 + ": a\n", "\n    " + "k" * 1023 + ": a\n",
    "\n    " + "k" * 1024 + ": a\n", "\n    " + "k" * 1025 + ": a\n", "\n    '" + "k" * 1022 + "': a\n", "\n    '" + "k" * 1023 + "': a\n", "{" + "k" * 1024 + ": a}\n",
    "\n    ? " + "k" * 2000 + "\n    : a\n", "9" * 4300 + "\n", "9" * 4301 + "\n", "{" + "k" * 1026 + ": a}\n",
    "[" * 60 + "]" * 60 + "\n", "{a: " * 60 + "}" * 60 + "\n", "[" * 120 + "]" * 120 + "\n", "{a: " * 120 + "}" * 120 + "\n", "[" * 200 + "]" * 200 + "\n",
]

DLT = "dlt:\n  func_name: orders\n  kind: table\n"
# `§` is the scalar. The first are for those on one line, the others for all.
LINES = {
    "key": "settings:\n  §: a\n",
    "flow-item": "settings: [a, §]\n",
    "flow-value": "settings: {a: §, b: c}\n",
    "flow-key": "settings: {§: a}\n",
    "anchored": "settings:\n  a: &a §\n  b: *a\n",
    "comment": "settings:\n  a: § # c\n  b: c\n",
    "top": "§\n",
    "property": DLT + "  write_opts: {table_properties: {a: §}}\n",
    "name": DLT + "  name: §\n",
    "constraint": DLT + "  expectations: {a: §}\n",
    "merged": "base: &base {a: §, b: c}\nsettings: {<<: *base, b: d}\n",
}
ANYWHERE = {
    "value": "settings:\n  a: §\n  b: c\n",
    "item": "settings:\n  - §\n  - b\n",
    "last": "settings:\n  a:\n    b: §",
}
SHAPES = {
    "alone": lambda text: text,
    "section": lambda text: text if text.startswith(DLT) else DLT + text,
    "marked": lambda text: "--- # c\n" + text.rstrip("\n") + "\n...\n",
    "windows": lambda text: text.replace("\n", "\r\n"),
    "directive": lambda text: "%YAML 1.1\n---\n" + text,
    "commented": lambda text: "# a\tb\n\n" + text.rstrip("\n") + "\n\n# the end",
    "mark": lambda text: "\ufeff" + text,
}

# Two mappings that set one key, in each way to merge them, with a key that PyYAML has once and keys that it has often.
MERGES = [
    "b: &b {§: 1}\nc: &c {§: 2}\nd: {<<: [*b, *c]}\n",
    "b: &b {§: 1}\nc: &c {§: 2}\nd: {<<: [*c, *b], §: 3}\n",
    "b: &b {§: 1}\nc: &c {§: 1}\nd: {<<: [*b, *c]}\n",
    "b: &b {§: 1}\nc: &c {§: 2}\nd: {<<: *b, <<: *c}\n",
    "b: &b {§: 1}\nc: &c {§: 2}\nd:\n  <<: *b\n  x: y\n  <<: *c\n",
    "b: &b {§: 1}\nc: &c {<<: *b, §: 2}\nd: {<<: *c}\n",
    "b: &b {§: 1}\nc: &c {<<: *b, §: 2}\nd: &d {<<: *c}\ne: {<<: *d, x: 1}\n",
    "b: &b {§: 1}\nc: &c {<<: *b, §: 2}\nd: {<<: [*c, *b]}\n",
    "b: &b {§: 1}\nc: &c {<<: *b, §: 2}\nd: {<<: [*b, *c]}\n",
    "b: &b {§: 1}\nc: &c {<<: *b}\nd: {<<: [*b, *c]}\n",
    "b: &b {§: 1, x: 1}\nc: &c {<<: *b, x: 2}\nd: &d {<<: *b, §: 2}\ne: {<<: [*c, *d]}\n",
    "b: &b [{§: 1}, {§: 2}]\nd: {<<: *b}\n",
    "b: &b [{§: 1}, {x: 2}]\nd: {<<: *b}\n",
    "d: {<<: {§: 1}, §: 2}\n",
    "d: {§: 2, <<: {§: 1}}\n",
    "d: {<<: {<<: {§: 1}, §: 2}}\n",
    "d: {<<: [{<<: {§: 1}, §: 2}]}\n",
    "b: &b {§: {x: 1}}\nc: &c {§: {x: 2}}\nd: {<<: [*b, *c]}\n",
    "b: &b {§: [1, {x: 2}]}\nc: &c {§: [1, {x: 2}]}\nd: {<<: [*b, *c]}\n",
    "b: &b {§: 010}\nc: &c {§: 8}\nd: {<<: [*b, *c]}\n",
    "b: &b {&k §: 1}\nc: &c {<<: *b, *k : 2}\nd: {<<: *c}\n",
    "b: &b {§: 1}\nd: {<<: *b, <<: }\n",
    "b: &b {§: 1}\nd: {'<<': *b, §: 2}\n",
    "b: &b {§: 1}\nd: {? << : *b, §: 2}\n",
    "b: &b {§: 1}\nd: {!!merge <<: *b}\n",
    "b: &b {§: 1}\nd: {<<: [*b, [*b]]}\n",
    "b: &b {§: 1}\nd:\n  - <<: *b\n    x: 1\n  - <<: *b\n    §: 2\n",
]
# The same in the section, where it decides what a preview writes: `§` is the key, `¹` and `²` are two values of it.
WRITES = [
    "a: &a {func_name: orders, kind: table, §: ¹}\nb: &b {§: ²}\ndlt: {<<: [*a, *b]}\n",
    "a: &a {§: ¹}\nb: &b {§: ²}\ndlt: {<<: [*a, *b], func_name: orders, kind: table}\n",
    "a: &a {§: ¹}\nb: &b {§: ²}\ndlt: {<<: *a, <<: *b, func_name: orders, kind: table}\n",
    "a: &a {§: ¹}\nb: &b {<<: *a, §: ²}\ndlt: {<<: *b, func_name: orders, kind: table}\n",
    "a: &a {§: ¹}\ndlt: {<<: *a, func_name: orders, kind: table, §: ²}\n",
    "dlt: {func_name: orders, kind: table, §: ¹, §: ²}\n",
    "dlt: {func_name: orders, kind: table, §: ¹, '§': ²}\n",
    "dlt: {func_name: orders, kind: table, §: ¹}\ndlt: {func_name: orders, kind: table, §: ²}\n",
    "a: &a {§: ¹}\na2: &a {§: ²}\ndlt: {<<: *a, func_name: orders, kind: table}\n",
    "a: &a {§: ¹}\nb: &a.b {§: ²}\ndlt: {<<: *a.b, func_name: orders, kind: table}\n",
    "a: &a {§: ¹} # c\u2028b: &b {§: ²}\ndlt: {<<: *a, func_name: orders, kind: table}\n",
    "dlt:\n  func_name: orders # c\u2028  §: ²\n  kind: table\n  §: ¹\n",
    "dlt:\n  func_name: orders # c\u0085  §: ²\n  kind: table\n",
    "dlt: {func_name: orders, kind: table}\n# c\u2028dlt: {func_name: orders, kind: table, §: ²}\n",
    "dlt: {func_name: orders, kind: table, !!str §: ¹}\n",
    "a: &a [{§: ¹}, {§: ²}]\ndlt: {<<: *a, func_name: orders, kind: table}\n",
    "dlt: {<<: {<<: {§: ¹}, §: ²}, func_name: orders, kind: table}\n",
]
WRITTEN = {
    "name": ("orders", "gold.orders"),
    "write_opts": ("{comment: a}", "{path: /mnt/gold}"),
    "append_config": ("{target: orders2, name: a}", "{target: gold.orders, name: a}"),
    "apply_cdc_config": ("{target: t, keys: [a], sequence_by: a}", "{target: gold.orders, keys: [a], sequence_by: a}"),
    "sink": ("", "{name: s, format: kafka}"),
}

JSON_SCALARS = [
    '"a"', '""', '"\\u00e9"', '"\\ud834\\udd1e"', '"\\ud834"', '"\\udd1e"', '"\\/"', '"\\q"', '"a\tb"', '"a\nb"', '"\u0080\u009f\u2028"', '"\u0001"', '"\u007f"',
    "'a'", "a", "true", "True", "TRUE", "false", "null", "None", "~", "NaN", "Infinity", "-Infinity", "nan", "0", "-0", "+1", "01", "1.", ".5", "1.10",
    "1e3", "1E+3", "1e999", "-1e999", "1e-999", "-0.0", "0x1F", "1_000", "9223372036854775808", "18446744073709551616", "123456789012345678901234567890",
    "-99999999999999999999", "5e-324", "[]", "[1,]", "[,1]", "[1 2]", "[1,,2]", "{}", '{"a": 1,}', '{"a": 1 "b": 2}', '{"a": 1, "a": 2}', "{a: 1}",
    '{"a" 1}', '{"a": }', '{"": 1}', '{" ": 1}', '{"<<": {"a": 1}}', '{"=": 1}', '{"1": 1}', '{"null": 1}', "1 // c", "1 /* c */", "1 # c", "1 1",
    "[" * 60 + "]" * 60, "[" * 120 + "]" * 120, "[" * 200 + "]" * 200, "9" * 4301, '"' + "k" * 5000 + '"', '{"' + "k" * 5000 + '": 1}', "\u00a01", "\ufeff1", "",
]
JSON_POSITIONS = ['{"settings": §}', '{"settings": {"a": [1, §, 2], "b": "c"}}', '[§]', '{"dlt": {"func_name": "a", "kind": "table"}, "x": §}', '\ufeff{"x": §}',
                  '{\r\n\t"x":\t§\r\n}\r\n', '{"x": §}\n// c', '/* c */ {"x": §}', '{"dlt": {"func_name": "a", "kind": "table", "write_opts": {"table_properties": {"p": §}}}}']


# What teams write: no reader differs, so nothing may be told.
ORDINARY = [
    ("ordinary.yml", DLT + "  expectations:\n    positive: amount > 0\n    dated: \"day >= '2024-01-30'\"\n  write_opts:\n    table_properties: {a.b: true, c: 10, d: 1.5, e: 'x'}\n"
     "# a\tcomment\nsettings:\n  paths: [/mnt/a, s3://bucket/x]\n  day: '2024-01-30'\n  at: \"12:30:00\"\n  text: |\n    select\t*\n    from x\n  many: >-\n    a\n    b\n  on_error: stop\n"
     "  flags: {a: true, b: no}\n  limit: 1_000\n  share: 0.5\n  base: &base {a: 1, b: 2}\n  more: {<<: *base, b: 3}\n  url: http://x.y/z#a\n  empty:\n"),
    ("ordinary.json", '{"dlt": [{"func_name": "a", "kind": "table"}], "settings": {"x": [1, 2.5, null, true], "größe": "é"}}\n'),
]


def documents() -> Iterator[tuple[str, str]]:
    """Names and texts; no text is there twice."""
    seen: set[tuple[str, str]] = set()
    for number, (ending, text) in enumerate(_all()):
        if (ending, text) not in seen:
            seen.add((ending, text))
            yield f"c{number}.{ending}", text


def _all() -> Iterator[tuple[str, str]]:
    # Not `split()`, to which some of them are space.
    lines = [scalar for scalar in re.split("[ \n]+", PLAIN) if scalar] + SPACED
    positions = {**LINES, **ANYWHERE}
    for shape in SHAPES.values():
        # The outer shapes change lines and ends, not what is between: every scalar in one position there, in all positions here.
        inner = positions if shape("") == "" else {"value": ANYWHERE["value"]}
        for position, scalar in itertools.product(inner.values(), lines):
            yield "yml", shape(position.replace("§", scalar))
        for position, scalar in itertools.product(ANYWHERE.values(), BLOCKS):
            yield "yml", shape(position.replace("§", scalar))
    for text, key in itertools.product(MERGES, ["k", "key", "é", "漢", "''", "a b", "1", "kk.k"]):
        yield "yml", text.replace("§", key)
        yield "yml", DLT + text.replace("§", key)
    for text, (key, values) in itertools.product(WRITES, WRITTEN.items()):
        for one, two in (values, values[::-1]):
            yield "yml", text.replace("§", key).replace("¹", one).replace("²", two)
    for text, scalar in itertools.product(JSON_POSITIONS, JSON_SCALARS):
        yield "json", text.replace("§", scalar)
