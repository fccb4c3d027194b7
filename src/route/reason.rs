//! Stable codes of why a run did nothing: values of the output `reason`.

/// No rule matches the ref, or a pattern excludes it.
pub const NO_RULE: &str = "no-rule";
/// The event is not handled.
pub const EVENT_NOT_HANDLED: &str = "event-not-handled";
/// The pull request action is not handled.
pub const ACTION_NOT_HANDLED: &str = "action-not-handled";
/// The ref is neither a branch nor a tag.
pub const REF_NOT_HANDLED: &str = "ref-not-handled";
/// The push deleted the branch.
pub const BRANCH_DELETED: &str = "branch-deleted";
/// The push deleted the tag.
pub const TAG_DELETED: &str = "tag-deleted";
/// The pull request is closed, or was closed during the run: only its preview can be destroyed.
pub const PULL_REQUEST_CLOSED: &str = "pull-request-closed";
/// The pull request is closed, and `on-close: keep` keeps its previews.
pub const KEPT_ON_CLOSE: &str = "kept-on-close";
/// The closed pull request is from a fork or by Dependabot: it never had a preview.
pub const NO_PREVIEW: &str = "no-preview";
/// A pull request never destroys shared pipelines.
pub const SHARED_IDENTITY: &str = "shared-identity";
/// No sweep is done for a pull request.
pub const NO_SWEEP: &str = "no-sweep";
/// There is a newer commit on the branch or pull request.
pub const SUPERSEDED: &str = "superseded";
