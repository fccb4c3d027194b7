//! Wheels as a build makes them.

use std::io::{Cursor, Write as _};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// A wheel of version 1.0 of the package `name`, whose module has that text.
pub(crate) fn wheel(name: &str, text: &str) -> Vec<u8> {
    let info = format!("{name}-1.0.dist-info");
    let (metadata, wheel) = (format!("{info}/METADATA"), format!("{info}/WHEEL"));
    archive(&[(&format!("{name}.py"), text), (&metadata, "Metadata-Version: 2.1\n"), (&wheel, "Wheel-Version: 1.0\n")])
}

/// An archive of these members.
pub(crate) fn archive(members: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in members {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(text.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}
