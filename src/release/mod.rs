//! What to ship: one wheel a project, one notebook a workflow.

use serde_json::Value;

/// What is shipped.
#[derive(Clone, Debug)]
pub struct Release {
    /// Workspace folder.
    pub folder: String,
    /// The wheel.
    pub wheel: Artifact,
    /// Local wheels.
    pub local_wheels: Vec<Artifact>,
    /// One a workflow.
    pub units: Vec<Unit>,
}

/// Kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArtifactKind {
    /// Wheel.
    Wheel,
    /// Notebook.
    Notebook,
}

/// A file.
#[derive(Clone, Debug)]
pub struct Artifact {
    /// Name.
    pub name: String,
    /// Kind.
    pub kind: ArtifactKind,
    /// Bytes.
    pub bytes: Vec<u8>,
}

/// A workflow's part.
#[derive(Clone, Debug)]
pub struct Unit {
    /// Workflow.
    pub workflow: String,
    /// Notebook.
    pub notebook: Artifact,
    /// Names.
    pub artifacts: Vec<String>,
    /// Libraries.
    pub libraries: Value,
    /// Environment.
    pub environment: Option<Value>,
    /// Closure.
    pub closure: String,
}
