//! What a pipeline is made of: its settings, the schema it publishes to, and the ownership it carries.

pub mod ownership;
mod schema;
mod settings;

pub use schema::Schema;
pub use settings::Settings;
