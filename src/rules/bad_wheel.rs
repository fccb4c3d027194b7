//! `bad-wheel`: what a wheel of the repository must hold before pip installs it.
//!
//! Formats: "Binary distribution format" of the Python packaging specifications, read as pip reads it.

use std::collections::BTreeSet;
use std::io::Cursor;

use zip::ZipArchive;

use super::RuleInput;
use super::bad_wheel_name::is_wheel_name;
use crate::diagnostic::{Diagnostics, Rule};
use crate::spec::Dependency;

pub(super) fn check(subject: &RuleInput<'_>, found: &mut Diagnostics) {
    for dependency in &subject.workflow.dependencies {
        let Dependency::LocalWheel(wheel) = dependency else { continue };
        // What is called otherwise, or is a pointer, has a finding of its own.
        let is_other = !is_wheel_name(wheel.value.file_name()) || subject.codebase.is_pointer(&wheel.value);
        let Some(bytes) = subject.codebase.get(&wheel.value).filter(|_| !is_other) else { continue };
        if let Err(what) = examine(wheel.value.file_name(), bytes) {
            let finding = subject.finding(Rule::BadWheel, wheel.span, format!("`{}` {what}", wheel.value));
            found.push(finding.help("build it again, and check that the whole file is in the checkout"));
        }
    }
}

/// What is wrong with the wheel called `name`.
fn examine(name: &str, bytes: &[u8]) -> Result<(), String> {
    if bytes.is_empty() {
        return Err("is empty".to_owned());
    }
    let unreadable = |_| {
        if bytes.starts_with(b"PK\x03\x04") { "is cut off: it ends within its archive" } else { "is not a zip archive" }
    };
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(unreadable)?;
    for index in 0..archive.len() {
        let whole = archive.by_index_raw(index).is_ok_and(|file| {
            let end = file.data_start().and_then(|start| start.checked_add(file.compressed_size()));
            end.is_some_and(|end| end <= bytes.len() as u64)
        });
        if !whole {
            return Err("is damaged: its archive lists what is not in it".to_owned());
        }
    }
    let members: BTreeSet<String> = archive.file_names().flatten().map(Into::into).collect();
    let folders = members.iter().filter_map(|member| member.split_once('/')).map(|(folder, _)| folder);
    let infos: BTreeSet<&str> = folders.filter(|folder| folder.ends_with(".dist-info")).collect();
    let infos: Vec<&str> = infos.into_iter().collect();
    let [info] = infos[..] else {
        return Err(format!("is no wheel: it has {} folders `*.dist-info`, not one", infos.len()));
    };
    let distribution = normalized(name.split('-').next().unwrap_or_default());
    if !normalized(info).starts_with(&distribution) {
        return Err(format!("is the wheel of another package: its metadata are in `{info}`"));
    }
    let lacks = ["WHEEL", "METADATA"].into_iter().find(|file| !members.contains(&format!("{info}/{file}")));
    lacks.map_or(Ok(()), |file| Err(format!("is no wheel: it has no `{info}/{file}`")))
}

/// The name of a package as pip compares it.
fn normalized(name: &str) -> String {
    let parts = name.split(['-', '_', '.']).filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join("-").to_ascii_lowercase()
}
