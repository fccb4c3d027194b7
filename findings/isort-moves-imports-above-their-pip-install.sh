#!/usr/bin/env bash
# Import sorters and the cells of a Databricks source notebook.
#
# One would guess: `# COMMAND ----------` is the border of a cell, so a sorter of imports works within cells, as it does in
#   .ipynb files; or that it knows no cells, and treats that line like any other comment above an import.
# What happens: isort 9.0.2 lifts `import requests` out of its cell, above the cell with the `%pip install` that provides
#   it, and leaves the cell of the import empty. ruff 0.17.6 takes border and `# MAGIC` line for a comment on the import
#   below and moves them along with it; the order survives there, but where the later cell sorts first, two cells
#   become an empty one and a merged one.
# Why it matters here: generated notebooks, and those that a spec names, have this form and begin with `%pip install`. A
#   pre-commit hook breaks them, and the break shows on the cluster only.
# Run: about 10 seconds. Needs Python 3.10 or newer.
set -euo pipefail
dir="$(mktemp -d)"
trap 'rm -rf "$dir"' EXIT
cd "$dir"

python3 -m venv env
env/bin/pip install --quiet isort==9.0.2 ruff==0.17.6

cat > installs.py <<'E'
# Databricks notebook source
import os

# COMMAND ----------

# MAGIC %pip install requests==2.32.3

# COMMAND ----------

import requests

print(requests, os)
E
cat > two_cells.py <<'E'
# Databricks notebook source
print("first cell")

# COMMAND ----------

import sys

# COMMAND ----------

import json

print(json, sys)
E
cp installs.py installs_ruff.py
cp two_cells.py two_cells_ruff.py

printf "[settings]\n" > .isort.cfg # no settings of folders above
env/bin/isort --quiet installs.py two_cells.py
env/bin/ruff check --isolated --quiet --select I --fix installs_ruff.py two_cells_ruff.py || true
for file in installs installs_ruff two_cells two_cells_ruff; do
  echo "== $file"
  grep -nE '^(import|# (COMMAND|MAGIC))' "$file.py" | sed 's/^[0-9]*://; s/ -*$//'
done > seen

cat > recorded <<'E'
== installs
import os
import requests
# COMMAND
# MAGIC %pip install requests==2.32.3
# COMMAND
== installs_ruff
import os
# COMMAND
# MAGIC %pip install requests==2.32.3
# COMMAND
import requests
== two_cells
# COMMAND
import json
import sys
# COMMAND
== two_cells_ruff
# COMMAND
# COMMAND
import json
import sys
E
env/bin/pip list 2>/dev/null | grep -E '^(isort|ruff) '
cat seen
diff recorded seen || { echo "changed: the tools no longer do what is recorded"; exit 1; }
echo "as recorded"
