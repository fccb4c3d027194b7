//! Names of previews.

use std::fmt;

/// A template of preview names, with `{environment}`, `{user}` and `{name}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template(String);

/// Why a text cannot name previews.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadTemplate {
    /// Without it two previews would have one name.
    #[error("must contain `{{{0}}}`, or two previews would share one name")]
    Lacks(&'static str),
    /// A `{…}` that means nothing.
    #[error("does not know `{{{0}}}`; it knows `{{environment}}`, `{{user}}` and `{{name}}`")]
    Unknown(String),
}

impl Default for Template {
    fn default() -> Self {
        Self("[{environment}_{user}] {name}".to_owned())
    }
}

impl Template {
    /// Reads a template.
    pub fn parse(text: &str) -> Result<Self, BadTemplate> {
        let keys: Vec<&str> =
            text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(key, _)| key).collect();
        if let Some(unknown) = keys.iter().find(|key| !["environment", "user", "name"].contains(key)) {
            return Err(BadTemplate::Unknown((*unknown).to_owned()));
        }
        match ["user", "name"].into_iter().find(|key| !keys.contains(key)) {
            Some(missing) => Err(BadTemplate::Lacks(missing)),
            None => Ok(Self(text.trim().to_owned())),
        }
    }

    /// Whether `full` may be the name of a preview of some workflow, of a user whose name ends so.
    pub fn covers(&self, environment: &str, user: &str, full: &str) -> bool {
        let frame = self.render(environment, user, "\0");
        let (before, after) = frame.split_once('\0').unwrap_or_default();
        let (before, user) = before.split_at(before.find(user).unwrap_or(before.len()));
        full.strip_prefix(before).is_some_and(|rest| rest.contains(user) && rest.ends_with(after))
    }

    /// The user in `full`, the name of a preview of the workflow `name`, where the template can have made it.
    pub fn user_in(&self, environment: &str, name: &str, full: &str) -> Option<String> {
        let frame = self.render(environment, "\0", name);
        let (before, after) = frame.split_once('\0')?;
        let user = full.strip_prefix(before)?.strip_suffix(after)?;
        (self.render(environment, user, name) == full).then(|| user.to_owned())
    }

    /// The name of the preview of the workflow `name`. Values are filled in once: a `{user}` in a name stays text.
    pub fn render(&self, environment: &str, user: &str, name: &str) -> String {
        let mut rendered = String::new();
        let mut rest = self.0.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            rendered.push_str(before);
            let (key, after) = after.split_once('}').unwrap_or((after, ""));
            rendered.push_str(match key {
                "environment" => environment,
                "user" => user,
                _ => name,
            });
            rest = after;
        }
        rendered + rest
    }
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::{BadTemplate, Template};

    #[test]
    fn a_template_keeps_previews_apart() {
        assert_eq!(Template::default().render("dev", "octocat_pr42", "orders"), "[dev_octocat_pr42] orders");
        assert_eq!(Template::default().render("dev", "u", "{user}"), "[dev_u] {user}");
        assert_eq!(Template::parse("{name}-{user}").unwrap().render("dev", "u", "n"), "n-u");
        for (full, covered) in [("[dev_u_pr4] x", true), ("[dev_u_pr42] x", false), ("[prod_u_pr4] x", false)] {
            assert_eq!(Template::default().covers("dev", "pr4", full), covered, "{full}");
        }
        let user = |full| Template::default().user_in("dev", "orders", full);
        assert_eq!(user("[dev_octocat_pr42] orders").as_deref(), Some("octocat_pr42"));
        assert_eq!(user("[prod_octocat_pr42] orders"), None);
        assert_eq!(Template::parse("{name}"), Err(BadTemplate::Lacks("user")));
        assert_eq!(Template::parse("{name}{user}{env}"), Err(BadTemplate::Unknown("env".to_owned())));
    }
}
