//! What a sweep deletes: previews whose pull request is closed, and objects of releases that no pipeline uses any more.

mod objects;
mod previews;
mod uses;

pub use objects::{Releases, SweptObject, destroy_objects, objects};
pub use previews::{SweptPreview, SweptPreviews, previews};
