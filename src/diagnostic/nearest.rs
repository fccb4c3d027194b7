//! The name that was probably meant.

/// The one of `names` that lies nearest to `text`, where a slip of the fingers can explain the difference: at most one
/// edit for each three characters, a swap of neighbours counting as one.
pub fn nearest<'a>(text: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Names are short; a longer text is no slip, and comparing it would be quadratic work for nothing.
    const LONGEST: usize = 256;
    if text.len() > LONGEST {
        return None;
    }
    let (lower, length) = (text.to_lowercase(), text.chars().count());
    let most = length.max(3) / 3;
    // As many letters as one is longer have to be put in, which is known without a comparison.
    let alike = |name: &&str| name.len() <= LONGEST && name.chars().count().abs_diff(length) <= most;
    let near = names.into_iter().filter(alike).map(|name| {
        let distance = strsim::osa_distance(&lower, &name.to_lowercase());
        (distance, name)
    });
    near.min_by_key(|(distance, _)| *distance).filter(|(distance, _)| *distance <= most).map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_slip_is_recognised_and_a_guess_is_not_made() {
        let names = ["node_type_id", "num_workers", "continuous", "edition"];
        for (text, wanted) in [
            ("node_type", Some("node_type_id")),
            ("node_typ_id", Some("node_type_id")),
            ("Continous", Some("continuous")),
            ("editoin", Some("edition")),
            ("autoscale", None),
            ("x", None),
            ("", None),
        ] {
            assert_eq!(nearest(text, names), wanted, "{text}");
        }
        assert_eq!(nearest(&"x".repeat(100_000), names), None);
    }
}
