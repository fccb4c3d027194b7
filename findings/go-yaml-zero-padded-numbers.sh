#!/usr/bin/env bash
# Numbers that begin with zero, as the YAML libraries of Go read them.
#
# One would guess: a reader takes either YAML 1.1 (`010` is eight, `08` is no number, so text) or YAML 1.2 (`010` is ten).
# What happens (gopkg.in/yaml.v3 3.0.1, go.yaml.in/yaml/v4 4.0.0): a bit of each. `007` is 7, `010` is 8, but `08` and
#   `09`, which are not octal, become the floats 8 and 9. So 07, 08, 09, 010 are read as 7, 8, 9, 8, of two types. PyYAML
#   6.0.4 reads 7, "08", "09", 8; ruamel.yaml 0.19.1 reads 7, 8, 9, 10.
# Why it matters here: an hour, a day or a tag in a spec, a bundle or a workflow has several values. The Databricks CLI
#   adds a reading: it keeps the tags of yaml.v3 and parses the digits again, so `010` is ten and `08` a float
#   (libs/dyn/yamlloader/loader.go of databricks/cli, read at ad13fc6). dltflow takes such a number for text, and where a
#   number is wanted, asks which is meant.
# Run: under a minute. Needs Go and Python 3.10 or newer.
set -euo pipefail
dir="$(mktemp -d)"
trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT
cd "$dir"
export GOPATH="$dir/go" GOCACHE="$dir/cache" GOFLAGS=-mod=mod

python3 -m venv env
env/bin/pip install --quiet PyYAML==6.0.4 ruamel.yaml==0.19.1
mkdir tool
cat > tool/go.mod <<'E'
module reads

go 1.21

require (
	go.yaml.in/yaml/v4 v4.0.0
	gopkg.in/yaml.v3 v3.0.1
)
E
cat > tool/main.go <<'E'
package main

import (
	"fmt"
	"os"

	v4 "go.yaml.in/yaml/v4"
	v3 "gopkg.in/yaml.v3"
)

func show(name string, read func([]byte, any) error) {
	var values []any
	if err := read([]byte(os.Args[1]), &values); err != nil {
		panic(err)
	}
	fmt.Printf("%s:", name)
	for _, value := range values {
		fmt.Printf(" %v(%T)", value, value)
	}
	fmt.Println()
}

func main() {
	show("yaml.v3", v3.Unmarshal)
	show("yaml/v4", func(text []byte, to any) error { return v4.Unmarshal(text, to) })
}
E
(cd tool && go build -o ../reads .) 2> log || { cat log; exit 1; }

text="[07, 08, 09, 010, 0o10]"
cat > look.py <<'E'
import sys

import yaml
from ruamel.yaml import YAML

for name, values in ("PyYAML", yaml.safe_load(sys.argv[1])), ("ruamel", YAML(typ="safe", pure=True).load(sys.argv[1])):
    print(f"{name}:", *(f"{value}({type(value).__name__})" for value in values))
E
{ ./reads "$text"; env/bin/python look.py "$text"; } > seen

cat > recorded <<'E'
yaml.v3: 7(int) 8(float64) 9(float64) 8(int) 8(int)
yaml/v4: 7(int) 8(float64) 9(float64) 8(int) 8(int)
PyYAML: 7(int) 08(str) 09(str) 8(int) 0o10(str)
ruamel: 7(int) 8(int) 9(int) 10(int) 8(int)
E
(cd tool && go list -m gopkg.in/yaml.v3 go.yaml.in/yaml/v4)
env/bin/pip list 2> /dev/null | grep -iE '^(pyyaml|ruamel.yaml) '
echo "$text"
cat seen
diff recorded seen || { echo "changed: the readers no longer read as recorded"; exit 1; }
echo "as recorded"
