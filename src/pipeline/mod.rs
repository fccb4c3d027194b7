//! What a pipeline is made of: its settings, the schema it publishes to, and the ownership it carries.

mod adopt;
mod identity;
mod kept;
mod key;
mod made;
pub mod ownership;
mod schema;
mod settings;

pub use adopt::Adopt;
pub use identity::ProjectIdentity;
pub use kept::{KeptField, KeptFields};
pub use made::Made;
pub use schema::Schema;
pub use settings::Settings;
