"""What tests compare of frames and reports."""


def rows(report, name, *columns):
    """The rows of a table, sorted, as tuples."""
    frame = report.read(name)
    frame = frame.select(*columns) if columns else frame
    return sorted((tuple(row) for row in frame.collect()), key=repr)


def counts(report, name):
    """`{expectation: (passed, failed)}`."""
    return {item.name: (item.passed, item.failed) for item in report.dataset(name).expectations}


def expectations(*items):
    """`(name, constraint, action)` each."""
    return [{"name": name, "constraint": constraint, "action": action} for name, constraint, action in items]
