"""Which module of a package imports which, read from the source: imports inside functions count too."""

import ast


def graph(folder):
    """The modules of the package in `folder`, each with those that it imports; a package is its `__init__.py`."""
    paths = {_name(folder, path): path for path in folder.rglob("*.py")}
    return {name: imported(path.read_text(encoding="utf-8"), name, path, paths) for name, path in paths.items()}


def imported(source, name, path, modules):
    """Those of `modules` that the source of the module `name` imports."""
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(node, package)
            within = {alias.name: f"{base}.{alias.name}" for alias in node.names}
            found |= {inner if inner in modules else base for inner in within.values()}
    return found & set(modules)


def cycle(modules):
    """The modules along a cycle, the first of them at its end again; empty if there is none."""
    done = set()

    def visit(name, path):
        if name in path:
            return [*path[path.index(name) :], name]
        if name not in done:
            for inner in sorted(modules[name]):
                found = visit(inner, [*path, name])
                if found:
                    return found
            done.add(name)
        return []

    return next(filter(None, (visit(name, []) for name in sorted(modules))), [])


def _name(folder, path):
    parts = path.relative_to(folder.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _absolute(node, package):
    """The module that a `from … import` is from; one dot is the package that the import is in."""
    if not node.level:
        return node.module
    outer = package.split(".")[: len(package.split(".")) - node.level + 1]
    return ".".join([*outer, *([node.module] if node.module else [])])
