//! Stage `report`: what one run found, planned and did, as one plain [`Report`], and its renderers.
//!
//! Pure: the renderers return text, which `app` prints, writes or sends. [`Report::redact`] is called before rendering;
//! escaping is done by the renderers.

mod annotation;
mod comment;
pub mod escape;
mod excerpt;
mod history;
mod json;
mod local;
mod model;
mod output;
mod page;
mod palette;
mod row;
mod section;
mod status;
mod sweep;
mod text;
mod words;

pub use annotation::annotations;
pub use comment::{Comment, comment, comment_key, is_current};
pub use json::json;
pub use local::{DatasetOutcome, DatasetResult, ExpectationResult, LocalReport, Violation};
pub use model::{Counts, NO_ENVIRONMENT, Note, ProjectInfo, Report, RunError, RunInfo, SCHEMA, Verdict, WorkspaceInfo};
pub use output::{Delivered, outputs};
pub use page::summary;
pub use row::{Change, Failure, Field, Row, Status, TableFate, Twin};
pub use status::{DeploymentStatus, PipelineStatus};
pub use sweep::{Fate, SweptThing, ThingKind};
pub use text::{Colors, Passage, passages, text};
