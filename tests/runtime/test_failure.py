"""What a local run tells of an error: its reason in one line, a traceback without Java, a log that knows of it."""

import pytest
from dltflow.local import jvm
from dltflow.local.failure import Log, reason, traced

STACK = """An error occurred while calling o40.save.
: org.apache.spark.SparkException: Job aborted.
\tat org.apache.spark.sql.Dataset.$anonfun$x$1(Dataset.scala:10)
\tat java.base/java.lang.Thread.run(Thread.java:833)
\t... 12 more
Caused by: java.lang.ArithmeticException: / by zero
"""
WORKER = """
  An exception was thrown from the Python worker. Please see the stack trace below.
Traceback (most recent call last):
  File "shop/a.py", line 3, in double
    raise ValueError("no price")
ValueError: no price
\tat org.apache.spark.api.python.BasePythonRunner.next(PythonRunner.scala:1)
"""


class Java:
    """A throwable of Java, as py4j shows it."""

    def __init__(self, text, cause=None):
        self.text, self.cause = text, cause

    def getCause(self):
        return self.cause

    def toString(self):
        return self.text


class FromJava(Exception):
    java_exception = Java("org.apache.spark.SparkException: Job aborted.", Java("java.lang.ArithmeticException: / by zero"))


def raised(source, name="shop/a.py"):
    try:
        exec(compile(source, name, "exec"), {"FromJava": FromJava, "STACK": STACK, "WORKER": WORKER})
    except BaseException as error:
        return error
    raise AssertionError(f"nothing is wrong with {source!r}")


@pytest.mark.parametrize(
    "source, told",
    [
        ("x = 1\ndef f(:\n", "shop/a.py:2: SyntaxError: invalid syntax"),
        ("if True:\nx = 1\n", "shop/a.py:2: IndentationError: expected an indented block after 'if' statement on line 1"),
        ("x = 'open\n", "shop/a.py:1: SyntaxError: unterminated string literal (detected at line 1)"),
        ("raise KeyError('no such key')", "KeyError: 'no such key'"),
        ("raise ValueError", "ValueError"),
        ("raise ValueError('\\n\\nfirst\\nsecond')", "ValueError: first"),
        ("raise FromJava(STACK)", "java.lang.ArithmeticException: / by zero"),
        ("raise RuntimeError(WORKER)", "ValueError: no price"),
        ("import not_there", "ModuleNotFoundError: No module named 'not_there'"),
    ],
)
def test_the_reason_is_one_line(source, told):
    assert reason(raised(source)) == told


def test_the_traceback_has_the_frames_of_python_alone():
    text = traced(raised("def f():\n    raise FromJava(STACK)\nf()\n"))
    assert 'File "shop/a.py", line 2, in f' in text and "Job aborted" in text
    assert not any(line.startswith(("\tat ", "\t...", "Caused by")) for line in text.splitlines())


@pytest.mark.parametrize(
    "before, added, why, named",
    [
        ("", "ERROR Executor: java.lang.ArithmeticException: / by zero\n", "java.lang.ArithmeticException: / by zero", True),
        ("", "WARN NativeCodeLoader\n", "KeyError: 'no such key'", False),
        ("KeyError: 'no such key'\n", "WARN x\n", "KeyError: 'no such key'", False),
        ("", "", "a.py:1: SyntaxError: invalid syntax", False),
        ("", "Unrecognized option\n", "PySparkRuntimeError: [JAVA_GATEWAY_EXITED] Java gateway process exited", True),
        ("old\n", "", "PySparkRuntimeError: [JAVA_GATEWAY_EXITED] Java gateway process exited", False),
    ],
)
def test_the_log_is_named_only_if_it_knows_of_the_reason(tmp_path, before, added, why, named):
    path = tmp_path / jvm.LOG
    if before:
        path.write_text(before, encoding="utf-8")
    log = Log(str(tmp_path))
    if added:
        with open(path, "a", encoding="utf-8") as file:
            file.write(added)
    assert log.hint(why) == (f"; the output of Spark is in {path}" if named else "")
