#!/usr/bin/env bash
# `dlt` of Databricks (package databricks-dlt) beside `dlt` of dltHub (package dlt).
#
# One would guess: two packages with one import name clash, and the one that is installed last wins.
# What happens (databricks-dlt 0.3.0, dlt 1.31.0, pip 26.2): nobody wins for sure. pip writes both into one folder without
#   a word, and `pip check` is content. databricks-dlt has a module `dlt/helpers.py`, dltHub a folder `dlt/helpers/`, and
#   Python prefers the folder: with databricks-dlt last, `import dlt` is an ImportError. With dltHub last, `import dlt`
#   works and has no `table`. Named in one command, the order is not that of the command. Removing the package that was
#   not wanted does not heal it: its `dlt/__init__.py` goes, and `import dlt` still succeeds, with an empty module.
# Why it matters here: pipelines that load with dltHub and declare with Databricks are common, and each README says
#   `import dlt`. `hasattr(dlt, "table")` is the test of which one it is; that the import works says nothing.
# Run: a minute or two. Needs Python 3.10 or newer.
set -euo pipefail
dir="$(mktemp -d)"
trap 'rm -rf "$dir"' EXIT
cd "$dir"

databricks="databricks-dlt==0.3.0" dlthub="dlt==1.31.0"
python3 -m venv env
env/bin/pip install --quiet pip==26.2
env/bin/pip install --quiet "$dlthub" # with all that it needs
pip() { env/bin/pip --quiet "$@"; }

look() {
  env/bin/python - <<'E'
try:
    import dlt
except ImportError:
    print("ImportError")
else:
    print("table:", hasattr(dlt, "table"), "pipeline:", hasattr(dlt, "pipeline"), "file:", bool(dlt.__file__))
E
}
fresh() {
  pip uninstall --yes dlt databricks-dlt 2> /dev/null
  rm -rf env/lib/python3*/site-packages/dlt
}
{
  fresh; pip install "$databricks"; echo "Databricks alone: $(look)"
  pip uninstall --yes databricks-dlt
  fresh; pip install "$dlthub"; echo "dltHub alone: $(look)"
  pip install "$databricks"; echo "dltHub, then Databricks: $(look)"
  echo "pip check: $(env/bin/pip check)"
  fresh; pip install "$databricks"; pip install "$dlthub"; echo "Databricks, then dltHub: $(look)"
  pip uninstall --yes dlt; echo "then without dltHub: $(look)"
  fresh; pip install "$databricks" "$dlthub"; echo "one command, dltHub named last: $(look)"
} > seen

cat > recorded <<'E'
Databricks alone: table: True pipeline: False file: True
dltHub alone: table: False pipeline: True file: True
dltHub, then Databricks: ImportError
pip check: No broken requirements found.
Databricks, then dltHub: table: False pipeline: True file: True
then without dltHub: table: False pipeline: False file: False
one command, dltHub named last: ImportError
E
env/bin/pip --version | cut -d' ' -f1,2
echo "$databricks $dlthub"
cat seen
diff recorded seen || { echo "changed: the packages no longer behave as recorded"; exit 1; }
echo "as recorded"
