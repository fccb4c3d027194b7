//! Wheels: the project's own, packed in memory, and those of the repository, which get a name of their own.
//!
//! Formats: "Binary distribution format" of the Python packaging specifications.

use std::borrow::Cow;
use std::io::{Cursor, Write as _};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::digest::Fingerprint;
use super::layout::Contents;
use super::{Artifact, ArtifactKind, version};
use crate::diagnostic::{Error, ErrorContext as _, Kind, Result};

/// What the service takes for one workspace file (Workspace API: import).
const LARGEST: usize = 10 * 1024 * 1024;

/// No generator version in it: the same content is the same bytes under the same name.
const WHEEL: &str = "Wheel-Version: 1.0\nGenerator: dltflow\nRoot-Is-Purelib: true\nTag: py3-none-any\n";

/// The wheel of a project called `name`: the same bytes and the same file name for the same `contents`.
///
/// # Errors
/// A wheel that the service would not take.
pub(super) fn pack(name: &str, version: &str, contents: &Contents<'_>) -> Result<Artifact> {
    let distribution = distribution(name);
    let mut fingerprint = Fingerprint::new("wheel1").with(&distribution).with(version);
    for (path, bytes) in contents {
        fingerprint.add(path);
        fingerprint.add(bytes);
    }
    let version = version::with_content(version, &fingerprint.short());
    let info = format!("{distribution}-{version}.dist-info");
    let metadata = format!("Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n");

    let mut all = contents.clone();
    let (metadata_path, wheel_path, record_path) =
        (format!("{info}/METADATA"), format!("{info}/WHEEL"), format!("{info}/RECORD"));
    all.insert(metadata_path, metadata.as_bytes().into());
    all.insert(wheel_path, WHEEL.as_bytes().into());
    let record = record(&all, &record_path);
    all.insert(record_path, record.as_bytes().into());

    let bytes = zip(&all).or_kind(Kind::Internal, "failed to pack the wheel of the project")?;
    let name = format!("{distribution}-{version}-py3-none-any.whl");
    if bytes.len() > LARGEST {
        return Err(too_large(&format!("the wheel of the project, `{name}`,"), bytes.len(), contents));
    }
    Ok(Artifact { name, kind: ArtifactKind::Wheel, bytes })
}

/// A wheel of the repository under a name with the hash of its content as the build tag, which pip accepts.
///
/// # Errors
/// A name that is not one of a wheel, and a file that the service would not take.
pub(super) fn local(file_name: &str, bytes: &[u8]) -> Result<Artifact> {
    let hash = Fingerprint::new("local1").with(bytes).short();
    let parts: Vec<&str> = file_name.strip_suffix(".whl").map(|stem| stem.split('-').collect()).unwrap_or_default();
    let plain = |part: &&str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || "._+!".contains(c));
    let name = match parts[..] {
        [name, version, python, abi, platform] if parts.iter().all(plain) => {
            format!("{name}-{version}-1g{hash}-{python}-{abi}-{platform}.whl")
        }
        [name, version, build, python, abi, platform]
            if parts.iter().all(plain) && build.starts_with(|c: char| c.is_ascii_digit()) =>
        {
            format!("{name}-{version}-{build}g{hash}-{python}-{abi}-{platform}.whl")
        }
        _ => {
            return Err(Error::input(format!("`{file_name}` is not the file name of a wheel"))
                .hint("keep the name that the build gave it: `name-version-python-abi-platform.whl`"));
        }
    };
    if bytes.len() > LARGEST {
        let error = too_large(&format!("`{file_name}`"), bytes.len(), &Contents::new());
        return Err(error.hint("put it on an index or into a volume, and name that in `tasks.dependencies`"));
    }
    Ok(Artifact { name, kind: ArtifactKind::Wheel, bytes: bytes.to_vec() })
}

/// What the distributions of all projects begin with, so that none is a package of an index: pip would replace that package
/// on the cluster with one that is called `numpy`.
const OURS: &str = "dltflow_project";

/// The distribution of a project called `name`, as a file name of a wheel writes it.
pub(super) fn distribution(name: &str) -> String {
    let normalized = normalized(name);
    if normalized.is_empty() { OURS.to_owned() } else { format!("{OURS}_{normalized}") }
}

/// Whether a wheel of `distribution` is one of a project called `name`, also of a build that did not mark its own.
pub(super) fn is_of_project(distribution: &str, name: &str) -> bool {
    let normalized = normalized(name);
    let former = if normalized.is_empty() { "project" } else { &normalized };
    distribution == self::distribution(name) || (distribution == former && !former.starts_with(OURS))
}

fn normalized(name: &str) -> String {
    let parts = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|part| !part.is_empty());
    let mut joined = parts.collect::<Vec<_>>().join("_").to_ascii_lowercase();
    joined.truncate(64);
    joined.truncate(joined.trim_end_matches('_').len());
    joined
}

fn record(contents: &Contents<'_>, own_path: &str) -> String {
    let field = |path: &str| {
        let splits = path.contains(['"', ',']);
        if splits { format!("\"{}\"", path.replace('"', "\"\"")) } else { path.to_owned() }
    };
    let line = |(path, bytes): (&String, &Cow<[u8]>)| {
        format!("{},sha256={},{}\n", field(path), URL_SAFE_NO_PAD.encode(Sha256::digest(bytes)), bytes.len())
    };
    contents.iter().map(line).chain([format!("{},,\n", field(own_path))]).collect()
}

fn zip(contents: &Contents<'_>) -> zip::result::ZipResult<Vec<u8>> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(6))
        .last_modified_time(DateTime::DEFAULT)
        .unix_permissions(0o644);
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (path, bytes) in contents {
        writer.start_file(path.as_str(), options)?;
        writer.write_all(bytes)?;
    }
    Ok(writer.finish()?.into_inner())
}

fn too_large(what: &str, size: usize, contents: &Contents<'_>) -> Error {
    let error = Error::input(format!("{what} has {size} bytes; the service takes {LARGEST} at most"));
    match contents.iter().max_by_key(|(_, bytes)| bytes.len()) {
        Some((path, bytes)) => error.hint(format!("its largest file is `{path}` with {} bytes", bytes.len())),
        None => error,
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::{LARGEST, distribution, is_of_project, local, record};

    #[test]
    fn a_project_of_any_name_has_a_distribution_that_is_no_package() {
        for (name, expected) in [
            ("My-Project.v2", "dltflow_project_my_project_v2"),
            ("numpy", "dltflow_project_numpy"),
            ("dltflow", "dltflow_project_dltflow"),
            ("проект", "dltflow_project"),
            ("..", "dltflow_project"),
        ] {
            assert_eq!(distribution(name), expected);
        }
        assert!(distribution(&"long-".repeat(99)).len() <= 80);
    }

    #[test]
    fn wheels_of_former_builds_are_still_the_projects() {
        for (distribution, name, expected) in [
            ("dltflow_project_shop", "shop", true),
            ("shop", "shop", true),
            ("my_shop", "My-Shop", true),
            ("project", "..", true),
            ("shop", "other", false),
            ("dltflow_project_shop", "other", false),
            // That is what the wheels of another project are called.
            ("dltflow_project_shop", "dltflow-project-shop", false),
            ("dltflow_project_dltflow_project_shop", "dltflow-project-shop", true),
        ] {
            assert_eq!(is_of_project(distribution, name), expected, "{distribution} and {name}");
        }
    }

    #[test]
    fn a_local_wheel_keeps_its_name_and_gets_a_build_tag_of_its_content() {
        let name =
            |file, bytes: &[u8]| local(file, bytes).map(|artifact| artifact.name).map_err(|error| error.message());
        let one = name("pkg-1.0-py3-none-any.whl", b"one").unwrap();
        assert!(one.starts_with("pkg-1.0-1g") && one.ends_with("-py3-none-any.whl") && one.len() == 39, "{one}");
        assert_ne!(Ok(one), name("pkg-1.0-py3-none-any.whl", b"two"));
        assert!(name("pkg-1.0-2abc-py3-none-any.whl", b"").unwrap().starts_with("pkg-1.0-2abcg"));
        for wrong in ["pkg.whl", "pkg-1.0-py3-none-any.zip", "pkg-1.0-x-py3-none-any.whl", "a b-1-py3-none-any.whl"] {
            assert!(name(wrong, b"").unwrap_err().contains("is not the file name of a wheel"), "{wrong}");
        }
        let error = local("pkg-1.0-py3-none-any.whl", &vec![0; LARGEST + 1]).unwrap_err();
        assert_eq!((error.kind.exit_code(), error.hints.len()), (2, 1));
    }

    #[test]
    fn a_record_quotes_what_would_split_its_fields() {
        let contents = [("a,\"b\".py".to_owned(), Cow::Borrowed(&b""[..]))].into();
        let empty = "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU";
        assert_eq!(record(&contents, "x/RECORD"), format!("\"a,\"\"b\"\".py\",sha256={empty},0\nx/RECORD,,\n"));
    }
}
