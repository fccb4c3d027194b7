//! "Did you mean" suggestions.

/// The name closest to `text`, if it could be a typo: at most one edit per three characters, where swapping neighbours
/// counts as one.
pub fn nearest<'a>(text: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Names are short; comparing a long text would be quadratic work for nothing.
    const MAX_LENGTH: usize = 256;
    if text.len() > MAX_LENGTH {
        return None;
    }
    let (lower, length) = (text.to_lowercase(), text.chars().count());
    let max = length.max(3) / 3;
    // The difference in length is a lower bound of the distance.
    let alike = |name: &&str| name.len() <= MAX_LENGTH && name.chars().count().abs_diff(length) <= max;
    let near = names.into_iter().filter(alike).map(|name| {
        let distance = strsim::osa_distance(&lower, &name.to_lowercase());
        (distance, name)
    });
    near.min_by_key(|(distance, _)| *distance).filter(|(distance, _)| *distance <= max).map(|(_, name)| name)
}

/// The one of `names` that was probably meant, as a hint.
pub fn did_you_mean<'a>(text: &str, names: impl IntoIterator<Item = &'a str>) -> Option<String> {
    nearest(text, names).map(|near| format!("did you mean `{near}`?"))
}

/// `names` as a message lists them.
pub fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn typos_are_recognized_and_nothing_is_guessed() {
        let names = ["node_type_id", "num_workers", "continuous", "edition"];
        for (text, expected) in [
            ("node_type", Some("node_type_id")),
            ("node_typ_id", Some("node_type_id")),
            ("Continous", Some("continuous")),
            ("editoin", Some("edition")),
            ("autoscale", None),
            ("x", None),
            ("", None),
        ] {
            assert_eq!(nearest(text, names), expected, "{text}");
        }
        assert_eq!(nearest(&"x".repeat(100_000), names), None);
    }
}
