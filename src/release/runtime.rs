//! The authoring runtime, carried inside the program and shipped with each release.

/// The files of `python/dltflow/`, with their paths in the wheel; a test compares them with the folder.
pub(super) const FILES: &[(&str, &str)] = &[
    ("dltflow/__init__.py", include_str!("../../python/dltflow/__init__.py")),
    ("dltflow/__main__.py", include_str!("../../python/dltflow/__main__.py")),
    ("dltflow/backends/__init__.py", include_str!("../../python/dltflow/backends/__init__.py")),
    ("dltflow/backends/calls.py", include_str!("../../python/dltflow/backends/calls.py")),
    ("dltflow/backends/databricks.py", include_str!("../../python/dltflow/backends/databricks.py")),
    ("dltflow/backends/options.py", include_str!("../../python/dltflow/backends/options.py")),
    ("dltflow/backends/sdp.py", include_str!("../../python/dltflow/backends/sdp.py")),
    ("dltflow/classes.py", include_str!("../../python/dltflow/classes.py")),
    ("dltflow/config.py", include_str!("../../python/dltflow/config.py")),
    ("dltflow/config.schema.json", include_str!("../../python/dltflow/config.schema.json")),
    ("dltflow/driver.py", include_str!("../../python/dltflow/driver.py")),
    ("dltflow/entry.py", include_str!("../../python/dltflow/entry.py")),
    ("dltflow/errors.py", include_str!("../../python/dltflow/errors.py")),
    ("dltflow/expectations.py", include_str!("../../python/dltflow/expectations.py")),
    ("dltflow/graph.py", include_str!("../../python/dltflow/graph.py")),
    ("dltflow/lints.py", include_str!("../../python/dltflow/lints.py")),
    ("dltflow/local/__init__.py", include_str!("../../python/dltflow/local/__init__.py")),
    ("dltflow/local/combined.py", include_str!("../../python/dltflow/local/combined.py")),
    ("dltflow/local/failure.py", include_str!("../../python/dltflow/local/failure.py")),
    ("dltflow/local/input.py", include_str!("../../python/dltflow/local/input.py")),
    ("dltflow/local/jvm.py", include_str!("../../python/dltflow/local/jvm.py")),
    ("dltflow/local/moved.py", include_str!("../../python/dltflow/local/moved.py")),
    ("dltflow/local/nodes.py", include_str!("../../python/dltflow/local/nodes.py")),
    ("dltflow/local/report.py", include_str!("../../python/dltflow/local/report.py")),
    ("dltflow/local/sdp/__init__.py", include_str!("../../python/dltflow/local/sdp/__init__.py")),
    ("dltflow/local/sdp/catalog.py", include_str!("../../python/dltflow/local/sdp/catalog.py")),
    ("dltflow/local/sdp/counts.py", include_str!("../../python/dltflow/local/sdp/counts.py")),
    ("dltflow/local/sdp/events.py", include_str!("../../python/dltflow/local/sdp/events.py")),
    ("dltflow/local/sdp/server.py", include_str!("../../python/dltflow/local/sdp/server.py")),
    ("dltflow/local/spark/__init__.py", include_str!("../../python/dltflow/local/spark/__init__.py")),
    ("dltflow/local/spark/changes.py", include_str!("../../python/dltflow/local/spark/changes.py")),
    ("dltflow/local/spark/define.py", include_str!("../../python/dltflow/local/spark/define.py")),
    ("dltflow/local/spark/flags.py", include_str!("../../python/dltflow/local/spark/flags.py")),
    ("dltflow/local/spark/observations.py", include_str!("../../python/dltflow/local/spark/observations.py")),
    ("dltflow/local/spark/run.py", include_str!("../../python/dltflow/local/spark/run.py")),
    ("dltflow/local/spark/session.py", include_str!("../../python/dltflow/local/spark/session.py")),
    ("dltflow/local/spark/snapshots.py", include_str!("../../python/dltflow/local/spark/snapshots.py")),
    ("dltflow/local/spark/streams.py", include_str!("../../python/dltflow/local/spark/streams.py")),
    ("dltflow/local/spark/targets.py", include_str!("../../python/dltflow/local/spark/targets.py")),
    ("dltflow/local/spark/warehouse.py", include_str!("../../python/dltflow/local/spark/warehouse.py")),
    ("dltflow/quality/__init__.py", include_str!("../../python/dltflow/quality/__init__.py")),
    ("dltflow/quality/exceptions.py", include_str!("../../python/dltflow/quality/exceptions.py")),
    ("dltflow/schema.py", include_str!("../../python/dltflow/schema.py")),
];

#[cfg(test)]
mod tests {
    #![expect(clippy::disallowed_methods, reason = "the list is compared with the folder")]

    use std::collections::BTreeSet;
    use std::path::{Path, PathBuf};

    use super::FILES;

    /// The paths below `folder`, those of folders in it too.
    fn paths(folder: &Path) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let kept = entries.filter(|path| !path.ends_with("__pycache__"));
        kept.flat_map(|path| if path.is_dir() { paths(&path) } else { vec![path] }).collect()
    }

    #[test]
    fn every_file_of_the_runtime_is_carried() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("python");
        let name = |path: PathBuf| path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
        let there: BTreeSet<String> = paths(&root.join("dltflow")).into_iter().map(name).collect();
        assert_eq!(there, FILES.iter().map(|(path, _)| (*path).to_owned()).collect());
    }

    #[test]
    fn the_runtime_has_the_version_of_the_program() {
        let (_, package) = FILES.iter().find(|(path, _)| *path == "dltflow/__init__.py").unwrap();
        assert!(package.contains(&format!("__version__ = \"{}\"", env!("CARGO_PKG_VERSION"))));
    }
}
