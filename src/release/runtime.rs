//! The authoring runtime, carried inside the program and shipped with each release.

/// The files of `python/dltflow/`, with their paths in the wheel; a test compares them with the folder.
pub(super) const FILES: &[(&str, &str)] = &[
    ("dltflow/__init__.py", include_str!("../../python/dltflow/__init__.py")),
    ("dltflow/config.py", include_str!("../../python/dltflow/config.py")),
    ("dltflow/driver.py", include_str!("../../python/dltflow/driver.py")),
    ("dltflow/engine.py", include_str!("../../python/dltflow/engine.py")),
    ("dltflow/errors.py", include_str!("../../python/dltflow/errors.py")),
    ("dltflow/quality.py", include_str!("../../python/dltflow/quality.py")),
];

#[cfg(test)]
mod tests {
    #![expect(clippy::disallowed_methods, reason = "the list is compared with the folder")]

    use std::collections::BTreeSet;
    use std::path::Path;

    use super::FILES;

    #[test]
    fn every_file_of_the_runtime_is_carried() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("python/dltflow");
        let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let there: BTreeSet<String> =
            names.filter(|name| name != "__pycache__").map(|name| format!("dltflow/{name}")).collect();
        assert_eq!(there, FILES.iter().map(|(path, _)| (*path).to_owned()).collect());
    }

    #[test]
    fn the_runtime_has_the_version_of_the_program() {
        assert!(FILES[0].1.contains(&format!("__version__ = \"{}\"", env!("CARGO_PKG_VERSION"))));
    }
}
