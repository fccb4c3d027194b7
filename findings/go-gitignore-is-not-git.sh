#!/usr/bin/env bash
# The gitignore library that the Databricks CLI uses, against git.
#
# One would guess: a library named go-gitignore, on plain patterns of the gitignore manual, decides as git does.
# What happens (github.com/sabhiram/go-gitignore v0.0.0-20210923224102-525f6e181f06, its newest): patterns become regular
#   expressions with little translated. `[!a]` is inverted to mean `a`, `?` and `$` match nothing, `+` repeats, brackets
#   group, `tmp/**` also takes a `tmp` further down, and a file below an ignored folder can be taken back in.
# Why it matters here: `databricks bundle` decides by it what to upload (libs/git/ignore.go of databricks/cli, read at
#   5821d58), so what a bundle uploads and what git has are two sets. Who moves from bundles to dltflow, which takes what
#   the checkout has, sees other files; and whoever looks for a library for that should not take this one.
# Run: under a minute. Needs git and Go.
set -euo pipefail
dir="$(mktemp -d)"
trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT
cd "$dir"
export GOPATH="$dir/go" GOCACHE="$dir/cache" GOFLAGS=-mod=mod

mkdir tool repo
cat > tool/go.mod <<'E'
module decides

go 1.21

require github.com/sabhiram/go-gitignore v0.0.0-20210923224102-525f6e181f06
E
cat > tool/main.go <<'E'
package main

import (
	"os"

	ignore "github.com/sabhiram/go-gitignore"
)

func main() {
	rules, err := ignore.CompileIgnoreFile(os.Args[1])
	if err != nil {
		panic(err)
	}
	if !rules.MatchesPath(os.Args[2]) {
		os.Exit(1)
	}
}
E
(cd tool && go build -o ../match .) 2> build.log || { cat build.log; exit 1; }
git init --quiet repo

says() { "$@" > /dev/null && echo ignored || echo kept; }
while read -r patterns path; do
  tr ',' '\n' <<< "$patterns" > repo/.gitignore
  git="$(says git -C repo check-ignore --quiet --no-index -- "$path")"
  library="$(says ./match repo/.gitignore "$path")"
  printf '%-22s %-14s git %-8s go-gitignore %s\n' "$patterns" "$path" "$git" "$library"
done > seen << 'E'
*.csv a.csv
/conf conf/a.json
[a-c].py b.py
[!a].py a.py
[!a].py b.py
raw?.csv raw1.csv
a+b.csv a+b.csv
a+b.csv aab.csv
orders(1).csv orders(1).csv
$RECYCLE.BIN $RECYCLE.BIN
tmp/** x/tmp/a
data,!data/keep.csv data/keep.csv
E

cat > recorded << 'E'
*.csv                  a.csv          git ignored  go-gitignore ignored
/conf                  conf/a.json    git ignored  go-gitignore ignored
[a-c].py               b.py           git ignored  go-gitignore ignored
[!a].py                a.py           git kept     go-gitignore ignored
[!a].py                b.py           git ignored  go-gitignore kept
raw?.csv               raw1.csv       git ignored  go-gitignore kept
a+b.csv                a+b.csv        git ignored  go-gitignore kept
a+b.csv                aab.csv        git kept     go-gitignore ignored
orders(1).csv          orders(1).csv  git ignored  go-gitignore kept
$RECYCLE.BIN           $RECYCLE.BIN   git ignored  go-gitignore kept
tmp/**                 x/tmp/a        git kept     go-gitignore ignored
data,!data/keep.csv    data/keep.csv  git ignored  go-gitignore kept
E
git --version
(cd tool && go list -m github.com/sabhiram/go-gitignore)
cat seen
diff recorded seen || { echo "changed: the two no longer differ as recorded"; exit 1; }
echo "as recorded"
