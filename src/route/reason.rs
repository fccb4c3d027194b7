//! Stable codes of why a run did nothing: values of the action's output `reason`.

/// No rule of the mapping matches this ref.
pub const NO_RULE: &str = "no-rule";
/// Nothing is done for events of this name.
pub const EVENT_NOT_HANDLED: &str = "event-not-handled";
/// Nothing is done for this kind of change to a pull request.
pub const ACTION_NOT_HANDLED: &str = "action-not-handled";
/// The ref is neither a branch nor a tag.
pub const REF_NOT_HANDLED: &str = "ref-not-handled";
/// The push deleted the branch.
pub const BRANCH_DELETED: &str = "branch-deleted";
/// The push deleted the tag.
pub const TAG_DELETED: &str = "tag-deleted";
/// The pull request is closed, or was closed while the run was under way: nothing but its destruction is done.
pub const PULL_REQUEST_CLOSED: &str = "pull-request-closed";
/// The pull request is closed, and `on-close: keep` leaves its previews alone.
pub const KEPT_ON_CLOSE: &str = "kept-on-close";
/// The pull request that was closed came from a fork or Dependabot: it never had a preview.
pub const NO_PREVIEW: &str = "no-preview";
/// A pull request never destroys shared pipelines.
pub const SHARED_IDENTITY: &str = "shared-identity";
/// The run is not the newest of its branch or pull request any more.
pub const SUPERSEDED: &str = "superseded";
