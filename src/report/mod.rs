//! Stage `report`: what one run found, planned and did, as one plain [`Report`], and its renderers.
//!
//! Pure: the renderers give text; who prints, writes or sends it is `app`'s part. Whoever fills a report calls
//! [`Report::redact`] before rendering; escaping for each place is the renderers' own work.

mod annotation;
mod comment;
pub mod escape;
mod history;
mod json;
mod local;
mod model;
mod output;
mod page;
mod row;
mod section;
mod text;
mod words;

pub use annotation::annotations;
pub use comment::{Comment, comment, comment_key, is_current};
pub use json::json;
pub use local::{Dataset, Expectation, LocalRun, Outcome, Refused};
pub use model::{Counts, Note, Project, Report, Run, SCHEMA, Trouble, Verdict};
pub use output::{Delivered, outputs};
pub use page::summary;
pub use row::{Change, Failure, Field, Row, Status};
pub use text::text;
